#include "server/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "server/loop/loop.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

enum { LINGER_MS = 45000 };

static int setup(void **state)
{
    static struct house house;
    house_open_lingering(&house, 2, LINGER_MS);
    *state = &house;
    return 0;
}

static int teardown(void **state)
{
    house_close(*state);
    return 0;
}

struct look {
    const char *show;
    bool away;
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

static void go_live(struct house *house, struct shop_show *show,
                    struct encoder *encoder)
{
    *show = shop_make_show(house, "spring");
    encoder_go_live(encoder, house, show->key, 4000);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_segment(house, lane, "spring", TRACK_VIDEO, 3);
}

static void stays_on_air_when_the_connection_is_lost(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    for (unsigned lane = 0; lane < 2; lane++) {
        await_away(house, lane, true);
        assert_false(shop_position(house, lane, "spring", TRACK_VIDEO).ended);
    }
}

static void stays_on_air_when_the_encoder_stops_in_good_order(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_stop(&encoder);
    await_away(house, 1, true);
    assert_false(shop_position(house, 1, "spring", TRACK_VIDEO).ended);
    encoder_close(&encoder);
}

static void goes_on_when_the_encoder_comes_back(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 1, true);
    uint64_t before = shop_position(house, 1, "spring", TRACK_VIDEO).last_msn;
    encoder_go_live(&encoder, house, show.key, 4000);
    await_away(house, 1, false);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, before + 3);
    encoder_close(&encoder);
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
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    house_await(house, 1, has_gap, id);
    uint64_t before = shop_position(house, 1, id, TRACK_VIDEO).open_msn;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_segment(house, 1, id, TRACK_VIDEO, before + 2);
    await_away(house, 1, false);
    assert_playlist(house, "video.m3u8", false);
    assert_playlist(house, "audio.m3u8", false);
    encoder_close(&encoder);
}

static void begins_an_epoch_when_the_next_encoder_sends_other_tracks(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    house_await(house, 1, has_gap, id);
    uint64_t before = shop_position(house, 1, id, TRACK_VIDEO).open_msn;
    encoder_open(&encoder, house, 0, show.key);
    encoder.no_audio = true;
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_segment(house, 1, id, TRACK_VIDEO, before + 2);
    assert_playlist(house, "video.m3u8", true);
    encoder_close(&encoder);
}

/* A publisher that is connected and says nothing leaves viewers with the same gap. */
static void fills_the_silence_of_a_connected_encoder_too(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    house_await(house, 1, has_gap, id);
    await_away(house, 1, true);
    encoder_send_until(&encoder, 12000);
    await_away(house, 1, false);
    encoder_close(&encoder);
}

static void ends_when_nobody_comes_back(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 0, true);
    pass_linger(house);
    for (unsigned lane = 0; lane < 2; lane++) {
        shop_await_state(house, lane, "spring", SHOW_ENDED);
        assert_true(shop_position(house, lane, "spring", TRACK_VIDEO).ended);
        assert_true(shop_position(house, lane, "spring", TRACK_AUDIO).ended);
    }
}

static void begins_again_after_its_linger(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 0, true);
    pass_linger(house);
    shop_await_state(house, 0, "spring", SHOW_ENDED);
    uint64_t before = shop_position(house, 0, "spring", TRACK_VIDEO).last_msn;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, before + 2);
    assert_false(shop_position(house, 0, "spring", TRACK_VIDEO).ended);
    encoder_close(&encoder);
}

static void call(struct house *house, const char *request, int status)
{
    struct answer answer = client_call(house, 1, request, NULL);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void ends_at_once_when_the_host_says_so(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 1, true);
    call(house, "POST /api/shows/spring/end", 200);
    shop_await_state(house, 1, "spring", SHOW_ENDED);
    assert_true(shop_position(house, 1, "spring", TRACK_VIDEO).ended);
}

static void may_be_deleted_while_it_lingers(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 1, true);
    call(house, "DELETE /api/shows/spring", 204);
    call(house, "GET /api/shows/spring", 404);
}

static void tells_viewers_of_the_absence_and_of_the_return(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    struct client viewer;
    char *event;
    go_live(house, &show, &encoder);
    client_open(&viewer, house, 1);
    client_send(&viewer, "GET /live/spring/events", NULL, NULL);
    event = client_receive_event(&viewer);
    assert_non_null(event);
    alloc_free(event);
    encoder_close(&encoder);
    do
        event = client_receive_event(&viewer);
    while (!strstr(event, "\"live\":false") && (alloc_free(event), true));
    assert_non_null(strstr(event, "\"state\":\"live\""));
    assert_non_null(strstr(event, "\"away_since_ms\":1"));
    alloc_free(event);
    encoder_go_live(&encoder, house, show.key, 4000);
    do
        event = client_receive_event(&viewer);
    while (!strstr(event, "\"live\":true") && (alloc_free(event), true));
    assert_non_null(strstr(event, "\"away_since_ms\":null"));
    alloc_free(event);
    client_close(&viewer);
    encoder_close(&encoder);
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
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    shop_make_product(house, "mug", "Mug");
    go_live(house, &show, &encoder);
    encoder_close(&encoder);
    await_away(house, 1, true);
    pin_while_away(house);
}

static void takes_cues_while_it_waits_after_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    await_away(house, 1, true);
    pin_while_away(house);
    encoder_go_live(&encoder, house, show.key, 4000);
    await_away(house, 0, false);
    struct answer answer = client_ask(house, 0, "GET /live/spring/state", NULL, NULL);
    assert_non_null(strstr(answer.body, "\"i\":\"mug\""));
    client_free(&answer);
    answer = client_call(house, 0, "DELETE /api/shows/spring/cues/c1", NULL);
    assert_int_equal(answer.status, 200);
    client_free(&answer);
    encoder_close(&encoder);
}

static void lingers_anew_after_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    uint64_t before = shop_position(house, 0, "spring", TRACK_VIDEO).last_msn;
    shop_make_product(house, "mug", "Mug"); /* all before it is on the disk */
    house_crash(house);
    encoder_close(&encoder);
    await_away(house, 0, true);
    struct answer answer =
        client_ask(house, 0, "GET /live/spring/video.m3u8", NULL, NULL);
    assert_int_equal(answer.status, 503);
    client_free(&answer);
    encoder_go_live(&encoder, house, show.key, 4000);
    await_away(house, 0, false);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, before + 1);
    encoder_close(&encoder);
}

static void is_over_when_nobody_comes_after_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    shop_make_product(house, "mug", "Mug");
    house_crash(house);
    encoder_close(&encoder);
    await_away(house, 0, true);
    pass_linger(house);
    shop_await_state(house, 1, "spring", SHOW_ENDED);
    shop_make_product(house, "mug", "Mug");
    house_crash(house);
    struct answer answer = client_call(house, 1, "GET /api/shows/spring", NULL);
    assert_string_equal(client_field(&answer, "state"), "ended");
    client_free(&answer);
}

static void lingers_anew_after_a_stop(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    uint64_t open = shop_position(house, 0, "spring", TRACK_VIDEO).open_msn;
    house_restart(house);
    encoder_close(&encoder);
    await_away(house, 0, true);
    encoder_go_live(&encoder, house, show.key, 4000);
    await_away(house, 0, false);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, open + 1);
    /* Not one number was left out. */
    assert_true(shop_position(house, 0, "spring", TRACK_VIDEO).first_msn <= open + 1);
    encoder_close(&encoder);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(stays_on_air_when_the_connection_is_lost),
        ON_AIR(stays_on_air_when_the_encoder_stops_in_good_order),
        ON_AIR(goes_on_when_the_encoder_comes_back),
        ON_AIR(goes_on_behind_gaps_without_a_discontinuity),
        ON_AIR(begins_an_epoch_when_the_next_encoder_sends_other_tracks),
        ON_AIR(fills_the_silence_of_a_connected_encoder_too),
        ON_AIR(ends_when_nobody_comes_back),
        ON_AIR(begins_again_after_its_linger),
        ON_AIR(ends_at_once_when_the_host_says_so),
        ON_AIR(may_be_deleted_while_it_lingers),
        ON_AIR(tells_viewers_of_the_absence_and_of_the_return),
        ON_AIR(takes_cues_while_it_waits),
        ON_AIR(takes_cues_while_it_waits_after_a_crash),
        ON_AIR(lingers_anew_after_a_crash),
        ON_AIR(is_over_when_nobody_comes_after_a_crash),
        ON_AIR(lingers_anew_after_a_stop),
        ON_AIR(waits_for_nobody_who_was_too_short_to_go_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
