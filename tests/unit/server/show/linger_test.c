#include "server/show/enforce.h"
#include "server/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/monotime.h"
#include "server/loop/loop.h"
#include "tests/kit/shop.h"

enum { LINGER_MS = 45000 };

/* The show "spring" on air, with three segments on both lanes. */
struct on_air {
    struct house house;
    struct shop_show show;
    struct encoder encoder;
    uint32_t sent_ms; /* of media, by this encoder */
};

static void go_live(struct on_air *air)
{
    air->sent_ms = 4000;
    encoder_go_live(&air->encoder, &air->house, air->show.key, air->sent_ms);
}

static int setup(void **state)
{
    static struct on_air air;
    house_open_lingering(&air.house, 2, LINGER_MS);
    air.show = shop_make_show(&air.house, "spring");
    go_live(&air);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_segment(&air.house, lane, "spring", TRACK_VIDEO, 3);
    *state = &air;
    return 0;
}

static int teardown(void **state)
{
    struct on_air *air = *state;
    encoder_close(&air->encoder);
    house_close(&air->house);
    return 0;
}

struct look {
    const char *show;
    bool away;
    bool yes;
};

static bool is_away(struct show_hub *hub, void *ctx)
{
    const struct look *look = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(look->show));
    return shelf && shelf->view && shelf->view->state == SHOW_LIVE &&
           (shelf->view->away_since_ms != 0) == look->away;
}

static void await_away(struct house *house, unsigned lane, bool away)
{
    struct look look = {.show = "spring", .away = away};
    house_await(house, lane, is_away, &look);
}

static void look_whether_away(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    look->yes = is_away(hub, look);
}

/* Media goes on meanwhile: who is silent is away again before long, and a busy machine
 * may not look in between. */
static void await_back(struct on_air *air, unsigned lane)
{
    struct look look = {.show = "spring", .away = false};
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    for (;;) {
        house_run(&air->house, lane, look_whether_away, &look);
        if (look.yes)
            return;
        if (monotime_ms() > until_ms)
            fail_msg("the show does not come back");
        (void)poll(NULL, 0, 20);
        air->sent_ms += 40;
        encoder_send_until(&air->encoder, air->sent_ms);
    }
}

/* As if the process had been killed; the encoder is gone with it. */
static void crash(struct on_air *air)
{
    shop_make_product(&air->house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(&air->house);
    encoder_close(&air->encoder);
    for (unsigned lane = 0; lane < 2; lane++)
        await_away(&air->house, lane, true);
}

/* The encoder's connection is gone, and both lanes know. */
static int setup_away(void **state)
{
    int failed = setup(state);
    struct on_air *air = *state;
    encoder_close(&air->encoder);
    for (unsigned lane = 0; lane < 2; lane++)
        await_away(&air->house, lane, true);
    return failed;
}

/* As if the linger had passed. */
static void let_time_pass(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->away_at_ms -= LINGER_MS;
}

static void pass_linger(struct house *house)
{
    static char id[] = "spring";
    house_run(house, house_lane_of(house, id), let_time_pass, id);
}

static void stays_on_air_when_the_connection_is_lost(void **state)
{
    struct on_air *air = *state;
    encoder_close(&air->encoder);
    for (unsigned lane = 0; lane < 2; lane++) {
        await_away(&air->house, lane, true);
        assert_false(shop_position(&air->house, lane, "spring", TRACK_VIDEO).ended);
    }
}

static void stays_on_air_when_the_encoder_stops_in_good_order(void **state)
{
    struct on_air *air = *state;
    encoder_stop(&air->encoder);
    await_away(&air->house, 1, true);
    assert_false(shop_position(&air->house, 1, "spring", TRACK_VIDEO).ended);
}

static void goes_on_when_the_encoder_comes_back(void **state)
{
    struct on_air *air = *state;
    uint64_t before = shop_position(&air->house, 1, "spring", TRACK_VIDEO).last_msn;
    go_live(air);
    await_back(air, 1);
    shop_await_segment(&air->house, 1, "spring", TRACK_VIDEO, before + 3);
}

static bool has_gap(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct bytes text = buf_bytes(shelf->view->renditions[kind]->playlist);
        if (!memmem(text.data, text.len, "GAP=YES", 7))
            return false;
    }
    return true;
}

/* The segment that is open then. */
static uint64_t await_gap(struct on_air *air)
{
    static char id[] = "spring";
    house_await(&air->house, 1, has_gap, id);
    return shop_position(&air->house, 1, id, TRACK_VIDEO).open_msn;
}

static void assert_playlist(struct house *house, const char *name, bool discontinuity)
{
    char request[64];
    (void)snprintf(request, sizeof request, "GET /live/spring/%s", name);
    struct answer answer = client_ask(house, 1, request, NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_int_equal(strstr(answer.body, "#EXT-X-DISCONTINUITY\n") != NULL,
                     discontinuity);
    assert_null(strstr(answer.body, "#EXT-X-ENDLIST"));
    client_free(&answer);
}

/* Parts of missing media come on time, the same encoder fits behind them. */
static void goes_on_behind_gaps_without_a_discontinuity(void **state)
{
    struct on_air *air = *state;
    uint64_t before = await_gap(air);
    go_live(air);
    shop_await_segment(&air->house, 1, "spring", TRACK_VIDEO, before + 2);
    await_back(air, 1);
    assert_playlist(&air->house, "video.m3u8", false);
    assert_playlist(&air->house, "audio.m3u8", false);
}

static void begins_an_epoch_when_the_next_encoder_sends_other_tracks(void **state)
{
    struct on_air *air = *state;
    uint64_t before = await_gap(air);
    encoder_open(&air->encoder, &air->house, 0, air->show.key);
    air->encoder.no_audio = true;
    encoder_send_headers(&air->encoder);
    encoder_send_until(&air->encoder, 4000);
    shop_await_segment(&air->house, 1, "spring", TRACK_VIDEO, before + 2);
    assert_playlist(&air->house, "video.m3u8", true);
}

/* A publisher that is connected and says nothing leaves viewers with the same gap. */
static void fills_the_silence_of_a_connected_encoder_too(void **state)
{
    struct on_air *air = *state;
    (void)await_gap(air);
    await_away(&air->house, 1, true);
    air->sent_ms = 12000;
    encoder_send_until(&air->encoder, air->sent_ms);
    await_back(air, 1);
}

static void ends_when_nobody_comes_back(void **state)
{
    struct on_air *air = *state;
    pass_linger(&air->house);
    for (unsigned lane = 0; lane < 2; lane++) {
        shop_await_state(&air->house, lane, "spring", SHOW_ENDED);
        assert_true(shop_position(&air->house, lane, "spring", TRACK_VIDEO).ended);
        assert_true(shop_position(&air->house, lane, "spring", TRACK_AUDIO).ended);
    }
}

static void begins_again_after_its_linger(void **state)
{
    struct on_air *air = *state;
    pass_linger(&air->house);
    shop_await_state(&air->house, 0, "spring", SHOW_ENDED);
    uint64_t before = shop_position(&air->house, 0, "spring", TRACK_VIDEO).last_msn;
    go_live(air);
    shop_await_state(&air->house, 0, "spring", SHOW_LIVE);
    shop_await_segment(&air->house, 0, "spring", TRACK_VIDEO, before + 2);
    assert_false(shop_position(&air->house, 0, "spring", TRACK_VIDEO).ended);
}

static void call(struct house *house, const char *request, int status)
{
    struct answer answer = client_call(house, 1, request, NULL);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void ends_at_once_when_the_host_says_so(void **state)
{
    struct on_air *air = *state;
    call(&air->house, "POST /api/shows/spring/end", 200);
    shop_await_state(&air->house, 1, "spring", SHOW_ENDED);
    assert_true(shop_position(&air->house, 1, "spring", TRACK_VIDEO).ended);
}

static void may_be_deleted_while_it_lingers(void **state)
{
    struct on_air *air = *state;
    call(&air->house, "DELETE /api/shows/spring", 204);
    call(&air->house, "GET /api/shows/spring", 404);
}

static void tells_viewers_of_the_absence_and_of_the_return(void **state)
{
    struct on_air *air = *state;
    struct client viewer;
    char *event;
    client_open(&viewer, &air->house, 1);
    client_send(&viewer, "GET /live/spring/events", NULL, NULL);
    event = client_receive_event(&viewer);
    assert_non_null(event);
    alloc_free(event);
    encoder_close(&air->encoder);
    do
        event = client_receive_event(&viewer);
    while (!strstr(event, "\"live\":false") && (alloc_free(event), true));
    assert_non_null(strstr(event, "\"state\":\"live\""));
    assert_non_null(strstr(event, "\"away_since_ms\":1"));
    alloc_free(event);
    go_live(air);
    do
        event = client_receive_event(&viewer);
    while (!strstr(event, "\"live\":true") && (alloc_free(event), true));
    assert_non_null(strstr(event, "\"away_since_ms\":null"));
    alloc_free(event);
    client_close(&viewer);
}

static void pin_while_away(struct house *house)
{
    struct answer answer = client_call(house, 1, "POST /api/shows/spring/cues",
                                       "{\"k\":\"show\",\"sku\":\"mug\"}");
    assert_int_equal(answer.status, 201);
    assert_string_not_equal(client_field(&answer, "q"), "null");
    client_free(&answer);
    answer = client_ask(house, 1, "GET /live/spring/state", NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"i\":\"mug\""));
    assert_non_null(strstr(answer.body, "\"live\":false"));
    client_free(&answer);
}

static void takes_cues_while_it_waits(void **state)
{
    struct on_air *air = *state;
    shop_make_product(&air->house, "mug", "Mug");
    pin_while_away(&air->house);
}

static void takes_cues_while_it_waits_after_a_crash(void **state)
{
    struct on_air *air = *state;
    crash(air);
    pin_while_away(&air->house);
    go_live(air);
    await_back(air, 0);
    struct answer answer =
        client_ask(&air->house, 0, "GET /live/spring/state", NULL, NULL);
    assert_non_null(strstr(answer.body, "\"i\":\"mug\""));
    client_free(&answer);
    answer = client_call(&air->house, 0, "DELETE /api/shows/spring/cues/c1", NULL);
    assert_int_equal(answer.status, 200);
    client_free(&answer);
}

/* Asks for a playlist of a show whose media is awaited: it is held. */
static void ask_and_wait(struct on_air *air, struct client *client, const char *name,
                         unsigned n_waiters)
{
    char request[64];
    (void)snprintf(request, sizeof request, "GET /live/spring/%s.m3u8", name);
    client_open(client, &air->house, 1);
    client_send(client, request, NULL, NULL);
    shop_await_waiters(&air->house, 1, "spring", n_waiters);
    assert_true(client_is_quiet(client));
}

static void lingers_anew_after_a_crash(void **state)
{
    struct on_air *air = *state;
    uint64_t before = shop_position(&air->house, 0, "spring", TRACK_VIDEO).last_msn;
    crash(air);
    go_live(air);
    await_back(air, 0);
    shop_await_segment(&air->house, 0, "spring", TRACK_VIDEO, before + 1);
}

static void holds_playlists_until_media_comes_after_a_crash(void **state)
{
    struct on_air *air = *state;
    static const char *const names[] = {"index", "video", "audio",
                                        "video.m3u8?_HLS_msn=1&x="};
    static const char *const words[] = {
        "#EXT-X-STREAM-INF:", "#EXTINF:", "#EXTINF:", "#EXTINF:"};
    struct client clients[4];
    crash(air);
    for (unsigned i = 0; i < 4; i++)
        ask_and_wait(air, &clients[i], names[i], i + 1);
    go_live(air);
    for (unsigned i = 0; i < 4; i++) {
        struct answer answer = client_receive(&clients[i]);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, words[i]));
        client_free(&answer);
        client_close(&clients[i]);
    }
}

static void holds_no_playlist_of_a_show_that_is_over(void **state)
{
    struct on_air *air = *state;
    struct client clients[2];
    crash(air);
    ask_and_wait(air, &clients[0], "index", 1);
    ask_and_wait(air, &clients[1], "video", 2);
    pass_linger(&air->house);
    for (unsigned i = 0; i < 2; i++) {
        struct answer answer = client_receive(&clients[i]);
        assert_int_equal(answer.status, 503);
        client_assert_header(&answer, "Retry-After", "1");
        client_free(&answer);
        client_close(&clients[i]);
    }
    client_expect(&air->house, 0, "GET /live/spring/index.m3u8", NULL, 503);
}

static void is_over_when_nobody_comes_after_a_crash(void **state)
{
    struct on_air *air = *state;
    crash(air);
    pass_linger(&air->house);
    shop_await_state(&air->house, 1, "spring", SHOW_ENDED);
    shop_make_product(&air->house, "mug", "Mug");
    house_crash(&air->house);
    struct answer answer = client_call(&air->house, 1, "GET /api/shows/spring", NULL);
    assert_string_equal(client_field(&answer, "state"), "ended");
    client_free(&answer);
}

static void lingers_anew_after_a_stop(void **state)
{
    struct on_air *air = *state;
    uint64_t open = shop_position(&air->house, 0, "spring", TRACK_VIDEO).open_msn;
    house_restart(&air->house);
    encoder_close(&air->encoder);
    await_away(&air->house, 0, true);
    go_live(air);
    await_back(air, 0);
    shop_await_segment(&air->house, 0, "spring", TRACK_VIDEO, open + 1);
    /* Not one number was left out. */
    assert_true(shop_position(&air->house, 0, "spring", TRACK_VIDEO).first_msn <=
                open + 1);
}

static void let_headless_time_pass(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->media_at_ms -= SHOW_ENFORCE_MEDIA_MS;
    show->attached_at_ms -= SHOW_ENFORCE_MEDIA_MS;
}

static bool has_publisher(struct show_hub *hub, void *ctx)
{
    return show_hub_show(hub, bytes_text(ctx))->publisher;
}

/* It would stand in the way of itself: its next connection has its headers again. */
static void waits_on_for_one_whose_media_cannot_be_shown(void **state)
{
    static char id[] = "spring";
    struct on_air *air = *state;
    unsigned lane = house_lane_of(&air->house, id);
    encoder_open(&air->encoder, &air->house, 0, air->show.key);
    house_await(&air->house, lane, has_publisher, id);
    encoder_send_until(&air->encoder, 4000);
    house_run(&air->house, lane, let_headless_time_pass, id);
    encoder_await_end(&air->encoder);
    assert_string_equal(
        encoder_status(&air->encoder),
        "Nothing that can be shown has come for 20 s. Start the encoder again.");
    encoder_close(&air->encoder);
    await_away(&air->house, 1, true);
    go_live(air);
    await_back(air, 1);
}

static int64_t live_since(struct house *house)
{
    struct answer answer = client_call(house, 1, "GET /api/shows/spring", NULL);
    int64_t since_ms = strtoll(client_field(&answer, "live_since_ms"), NULL, 10);
    client_free(&answer);
    return since_ms;
}

/* Those who watch it have a clock. */
static void is_live_since_its_start_whatever_becomes_of_the_process(void **state)
{
    struct on_air *air = *state;
    int64_t since_ms = live_since(&air->house);
    assert_true(since_ms > 0);
    house_restart(&air->house);
    encoder_close(&air->encoder);
    await_away(&air->house, 1, true);
    assert_int_equal(live_since(&air->house), since_ms);
    crash(air);
    assert_int_equal(live_since(&air->house), since_ms);
    go_live(air);
    await_back(air, 1);
    assert_int_equal(live_since(&air->house), since_ms);
    client_expect(&air->house, 0, "POST /api/shows/spring/end", NULL, 200);
    shop_await_state(&air->house, 1, "spring", SHOW_ENDED);
    assert_int_equal(live_since(&air->house), 0);
}

static bool has_ended_playlist(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    const struct snapshot *snapshot =
        shelf && shelf->view ? shelf->view->renditions[TRACK_VIDEO] : NULL;
    return snapshot && snapshot->ended;
}

static void assert_is_over(struct show_hub *hub, void *ctx)
{
    const struct show *show = show_hub_show(hub, bytes_text(ctx));
    assert_int_equal(show_get_state(show), SHOW_ENDED);
}

/* Its media is a part that nobody was shown while it came. */
static void waits_for_nobody_who_was_too_short_to_go_live(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, id);
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 100);
    encoder_close(&encoder);
    house_await(house, 1, has_ended_playlist, id);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    house_run(house, house_lane_of(house, id), assert_is_over, id);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define AWAY(test) cmocka_unit_test_setup_teardown(test, setup_away, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(stays_on_air_when_the_connection_is_lost),
        ON_AIR(stays_on_air_when_the_encoder_stops_in_good_order),
        AWAY(goes_on_when_the_encoder_comes_back),
        AWAY(waits_on_for_one_whose_media_cannot_be_shown),
        AWAY(goes_on_behind_gaps_without_a_discontinuity),
        AWAY(begins_an_epoch_when_the_next_encoder_sends_other_tracks),
        ON_AIR(fills_the_silence_of_a_connected_encoder_too),
        AWAY(ends_when_nobody_comes_back),
        AWAY(begins_again_after_its_linger),
        AWAY(ends_at_once_when_the_host_says_so),
        AWAY(may_be_deleted_while_it_lingers),
        ON_AIR(tells_viewers_of_the_absence_and_of_the_return),
        AWAY(takes_cues_while_it_waits),
        ON_AIR(takes_cues_while_it_waits_after_a_crash),
        ON_AIR(lingers_anew_after_a_crash),
        ON_AIR(holds_playlists_until_media_comes_after_a_crash),
        ON_AIR(holds_no_playlist_of_a_show_that_is_over),
        ON_AIR(is_over_when_nobody_comes_after_a_crash),
        ON_AIR(lingers_anew_after_a_stop),
        ON_AIR(is_live_since_its_start_whatever_becomes_of_the_process),
        cmocka_unit_test_setup_teardown(waits_for_nobody_who_was_too_short_to_go_live,
                                        house_setup_lingering, house_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
