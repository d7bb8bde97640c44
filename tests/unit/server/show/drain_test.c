#include "server/show/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/show.h"
#include "tests/kit/client.h"
#include "tests/kit/encoder.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

static const char SHUTTING_DOWN[] =
    "The server is shutting down; try again in a minute.";

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

static void go_live(struct house *house, struct shop_show *show,
                    struct encoder *encoder)
{
    *show = shop_make_show(house, "spring");
    encoder_go_live(encoder, house, show->key, 4000);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_segment(house, lane, "spring", TRACK_VIDEO, 3);
}

static void stop(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    show_drain_begin(hub, false);
}

static void hand_over(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    show_drain_begin(hub, true);
}

static void finish(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    show_drain_finish(hub);
}

static void hang_up(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    show_drain_hang_up(hub);
}

static void on_all(struct house *house, void (*fn)(struct show_hub *hub, void *ctx))
{
    for (unsigned lane = 0; lane < house->n_lanes; lane++)
        house_run(house, lane, fn, NULL);
}

static void read_over(struct show_hub *hub, void *ctx)
{
    bool *over = ctx;
    *over = show_drain_is_over(hub);
}

static bool is_over(struct house *house, const char *show)
{
    bool over;
    house_run(house, house_lane_of(house, show), read_over, &over);
    return over;
}

static void let_time_pass(struct show_hub *hub, void *ctx)
{
    const int *ms = ctx;
    hub->draining_since_ms -= *ms;
}

static void pass(struct house *house, int ms)
{
    for (unsigned lane = 0; lane < house->n_lanes; lane++)
        house_run(house, lane, let_time_pass, &ms);
}

static void has_publisher(struct show_hub *hub, void *ctx)
{
    bool *has = ctx;
    *has = show_hub_show(hub, bytes_text("spring"))->publisher != NULL;
}

static bool is_fed(struct house *house)
{
    bool has;
    house_run(house, house_lane_of(house, "spring"), has_publisher, &has);
    return has;
}

static bool is_away(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    return shelf->view->state == SHOW_LIVE && shelf->view->away_since_ms != 0;
}

static void await_away(struct house *house)
{
    static char id[] = "spring";
    for (unsigned lane = 0; lane < house->n_lanes; lane++)
        house_await(house, lane, is_away, id);
}

/* The clip has a key frame each second. */
static void waits_for_the_next_key_frame_of_who_is_on_air(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    on_all(house, stop);
    assert_true(is_fed(house));
    assert_false(is_over(house, "spring"));
    encoder_send_until(&encoder, 6000);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), SHUTTING_DOWN);
    assert_true(is_over(house, "spring"));
    encoder_close(&encoder);
}

struct progress {
    int64_t newest; /* media until then */
    bool fed;
};

static void read_progress(struct show_hub *hub, void *ctx)
{
    struct progress *progress = ctx;
    const struct show *show = show_hub_show(hub, bytes_text("spring"));
    progress->newest = show->packager ? packager_newest_time(show->packager) : 0;
    progress->fed = show->publisher != NULL;
}

static struct progress progress_of(struct house *house)
{
    struct progress progress;
    house_run(house, house_lane_of(house, "spring"), read_progress, &progress);
    return progress;
}

/* So much media came, or no more will. */
static bool has_come_so_far(struct show_hub *hub, void *ctx)
{
    struct progress now;
    read_progress(hub, &now);
    return !now.fed || now.newest >= *(int64_t *)ctx;
}

static struct progress await_media(struct house *house, int64_t until)
{
    house_await(house, house_lane_of(house, "spring"), has_come_so_far, &until);
    return progress_of(house);
}

/* The clip has key frames at 4004 ms and a second later: what lies between is taken. */
static void takes_the_pictures_before_the_key_frame(struct house *house,
                                                    void (*end)(struct show_hub *hub,
                                                                void *ctx))
{
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    int64_t before = progress_of(house).newest;
    encoder_send_until(&encoder, 4400);
    struct progress now = await_media(house, before + 300 * 90);
    assert_true(now.fed);
    on_all(house, end);
    encoder_send_until(&encoder, 4900);
    now = await_media(house, now.newest + 300 * 90);
    assert_true(now.fed);
    assert_false(is_over(house, "spring"));
    encoder_send_until(&encoder, 6000);
    encoder_await_end(&encoder);
    assert_true(is_over(house, "spring"));
    encoder_close(&encoder);
}

static void a_stop_takes_the_pictures_before_the_key_frame(void **state)
{
    takes_the_pictures_before_the_key_frame(*state, stop);
}

static void a_hand_over_takes_the_pictures_before_the_key_frame(void **state)
{
    takes_the_pictures_before_the_key_frame(*state, hand_over);
}

static void lets_go_of_who_sends_no_key_frame_in_time(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    on_all(house, stop);
    assert_false(is_over(house, "spring"));
    pass(house, DRAIN_GOP_MAX_MS);
    assert_true(is_over(house, "spring"));
    on_all(house, finish);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
}

static void leaves_the_show_live_and_away(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    on_all(house, stop);
    encoder_send_until(&encoder, 6000);
    encoder_await_end(&encoder);
    await_away(house);
    on_all(house, finish);
    on_all(house, hang_up);
    for (unsigned lane = 0; lane < 2; lane++) {
        struct answer answer =
            client_ask(house, lane, "GET /live/spring/video.m3u8", NULL, NULL);
        assert_int_equal(answer.status, 200);
        assert_null(strstr(answer.body, "#EXT-X-ENDLIST"));
        client_free(&answer);
    }
    encoder_close(&encoder);
}

static void says_why_to_who_asks_while_it_stops(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder, late;
    go_live(house, &show, &encoder);
    encoder_begin(&late, house, 0, show.key, RTMP_CLIENT_CREATING);
    on_all(house, stop);
    encoder_await_end(&late);
    assert_string_equal(encoder_status(&late), SHUTTING_DOWN);
    encoder_close(&encoder);
    encoder_close(&late);
}

static void sends_away_at_once_who_stands_by(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder, backup;
    char key[160];
    go_live(house, &show, &encoder);
    (void)snprintf(key, sizeof key, "%s?backup=1", show.key);
    encoder_open(&backup, house, 0, key);
    on_all(house, hand_over);
    encoder_await_end(&backup);
    assert_true(is_fed(house));
    encoder_close(&encoder);
    encoder_close(&backup);
}

/* Encoders take words for the end, and a lost line for a reason to come back. */
static void says_nothing_at_a_hand_over(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    go_live(house, &show, &encoder);
    on_all(house, hand_over);
    encoder_send_until(&encoder, 6000);
    encoder_await_end(&encoder);
    assert_string_not_equal(encoder_status(&encoder), SHUTTING_DOWN);
    encoder_close(&encoder);
}

static void lets_in_who_is_asking_at_a_hand_over(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_begin(&encoder, house, house_lane_of(house, "spring"), show.key,
                  RTMP_CLIENT_CREATING);
    on_all(house, hand_over);
    assert_false(is_over(house, "spring"));
    encoder_await_state(&encoder, RTMP_CLIENT_PUBLISHING);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 500);
    encoder_await_end(&encoder);
    assert_true(is_over(house, "spring"));
    encoder_close(&encoder);
}

static void waits_a_moment_only_for_who_never_publishes(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_begin(&encoder, house, house_lane_of(house, "spring"), show.key,
                  RTMP_CLIENT_CONNECTING);
    on_all(house, hand_over);
    assert_false(is_over(house, "spring"));
    pass(house, DRAIN_ASK_MS);
    assert_true(is_over(house, "spring"));
    on_all(house, finish);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
}

static void serves_event_streams_to_the_last(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder encoder;
    struct client viewer;
    go_live(house, &show, &encoder);
    client_open(&viewer, house, 0);
    client_send(&viewer, "GET /live/spring/events", NULL, NULL);
    alloc_free(client_receive_event(&viewer));
    on_all(house, stop);
    encoder_send_until(&encoder, 6000);
    encoder_await_end(&encoder);
    for (bool away = false; !away;) {
        char *event = client_receive_event(&viewer);
        assert_non_null(event);
        away = strstr(event, "\"away_since_ms\":1") != NULL;
        alloc_free(event);
    }
    on_all(house, finish);
    on_all(house, hang_up);
    for (char *event; (event = client_receive_event(&viewer)); alloc_free(event))
        continue;
    client_close(&viewer);
    encoder_close(&encoder);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(waits_for_the_next_key_frame_of_who_is_on_air),
        LIVE(a_stop_takes_the_pictures_before_the_key_frame),
        LIVE(a_hand_over_takes_the_pictures_before_the_key_frame),
        LIVE(lets_go_of_who_sends_no_key_frame_in_time),
        LIVE(leaves_the_show_live_and_away),
        LIVE(says_why_to_who_asks_while_it_stops),
        LIVE(sends_away_at_once_who_stands_by),
        LIVE(says_nothing_at_a_hand_over),
        LIVE(lets_in_who_is_asking_at_a_hand_over),
        LIVE(waits_a_moment_only_for_who_never_publishes),
        LIVE(serves_event_streams_to_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
