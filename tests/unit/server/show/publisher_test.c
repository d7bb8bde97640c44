/* Publishers on a running server: their keys, their way between loops, and what their
 * coming and going does to the show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/show/show.h"
#include "tests/kit/shop.h"

static void assert_refused(struct house *house, const char *key, const char *words)
{
    struct encoder encoder;
    encoder_open(&encoder, house, 0, key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_string_equal(encoder_status(&encoder), words);
    encoder_await_end(&encoder);
    encoder_close(&encoder);
}

static const char UNKNOWN[] =
    "Stream key not recognised. Check that all of it was copied, or make a new one.";

static void takes_a_publisher_with_the_key_of_its_show(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_open(&encoder, house, 0, show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
}

static void refuses_a_key_that_is_nobodys(void **state)
{
    (void)shop_make_show(*state, "spring");
    assert_refused(*state, "spring_aaaabbbbccccddddeeeeffff", UNKNOWN);
    assert_refused(*state, "summer_aaaabbbbccccddddeeeeffff", UNKNOWN);
    assert_refused(*state, "spring", UNKNOWN);
    assert_refused(*state, "", UNKNOWN);
}

static void refuses_a_key_of_another_show(void **state)
{
    struct house *house = *state;
    char mixed[192];
    (void)shop_make_show(house, "spring");
    struct shop_show other = shop_make_show(house, "summer");
    (void)snprintf(mixed, sizeof mixed, "spring%s", strchr(other.key, '_'));
    assert_refused(house, mixed, UNKNOWN);
}

static void refuses_the_key_of_a_deleted_show(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    client_expect(house, 0, "DELETE /api/shows/spring", NULL, 204);
    assert_refused(house, show.key, UNKNOWN);
}

static void refuses_an_old_key_when_there_is_a_new_one(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct answer answer = client_call(house, 1, "POST /api/shows/spring/key", NULL);
    assert_int_equal(answer.status, 201);
    struct encoder encoder;
    encoder_open(&encoder, house, 0, client_field(&answer, "stream_key"));
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
    client_free(&answer);
    assert_refused(house, show.key, "This key was replaced by a new one.");
}

static void goes_live_when_the_first_playlist_is_there(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4000);
    for (unsigned lane = 0; lane < 2; lane++) {
        shop_await_state(house, lane, "spring", SHOW_LIVE);
        shop_await_segment(house, lane, "spring", TRACK_VIDEO, 2);
        shop_await_segment(house, lane, "spring", TRACK_AUDIO, 2);
    }
    encoder_close(&encoder);
}

static void count_publishers(struct show_hub *hub, void *ctx)
{
    *(unsigned *)ctx = hub->n_publishers;
}

/* What the encoder sends behind its publish, before it has heard the answer, travels with
 * it to the other loop. */
static void loses_no_byte_when_a_publisher_changes_loops(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    unsigned home = house_lane_of(house, "spring");
    struct encoder encoder;
    encoder_open_eagerly(&encoder, house, house_other_lane(house, "spring"), show.key,
                         1500);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_send_until(&encoder, 4000);
    shop_await_segment(house, home, "spring", TRACK_VIDEO, 3);
    unsigned n_home, n_other;
    house_run(house, home, count_publishers, &n_home);
    house_run(house, house_other_lane(house, "spring"), count_publishers, &n_other);
    assert_int_equal(n_home, 1);
    assert_int_equal(n_other, 0);
    encoder_close(&encoder);
}

static bool has_no_publishers(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    return hub->n_publishers == 0;
}

static void survives_a_client_that_goes_while_it_moves(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    for (int i = 0; i < 8; i++) {
        struct encoder encoder;
        encoder_begin(&encoder, house, house_other_lane(house, "spring"), show.key,
                      RTMP_CLIENT_ASKING);
        encoder_close(&encoder);
    }
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(house, lane, has_no_publishers, NULL);
}

static void ends_the_show_when_the_encoder_stops(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, 3);
    encoder_stop(&encoder);
    for (unsigned lane = 0; lane < 2; lane++) {
        shop_await_state(house, lane, "spring", SHOW_ENDED);
        assert_true(shop_position(house, lane, "spring", TRACK_VIDEO).ended);
        assert_true(shop_position(house, lane, "spring", TRACK_AUDIO).ended);
    }
    encoder_close(&encoder);
}

/* A viewer on lane 1 who waits for that segment. */
static void await_segment(struct house *house, struct client *viewer, uint64_t msn)
{
    char request[128];
    (void)snprintf(request, sizeof request, "GET /live/spring/video.m3u8?_HLS_msn=%llu",
                   (unsigned long long)msn);
    client_open(viewer, house, 1);
    client_send(viewer, request, NULL, NULL);
    shop_await_waiters(house, 1, "spring", 1);
}

static void releases_those_who_wait_when_the_encoder_goes(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    struct client viewer;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    await_segment(house, &viewer,
                  shop_position(house, 1, "spring", TRACK_VIDEO).open_msn);
    encoder_close(&encoder);
    struct answer answer = client_receive(&viewer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "#EXT-X-ENDLIST"));
    client_free(&answer);
    client_close(&viewer);
}

static void goes_on_behind_its_numbers_when_the_encoder_comes_back(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, 3);
    encoder_close(&encoder);
    shop_await_state(house, 0, "spring", SHOW_ENDED);
    struct shop_position before = shop_position(house, 0, "spring", TRACK_VIDEO);
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, before.last_msn + 2);
    struct answer answer =
        client_ask(house, 0, "GET /live/spring/video.m3u8", NULL, NULL);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "#EXT-X-DISCONTINUITY\n"));
    assert_null(strstr(answer.body, "#EXT-X-ENDLIST"));
    client_free(&answer);
    encoder_close(&encoder);
}

/* Viewers who wait see the next encoder's media and no end in between. */
static void takes_over_when_a_second_encoder_comes(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder first, second;
    struct client viewer;
    encoder_go_live(&first, house, show.key, 4000);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    struct shop_position before = shop_position(house, 1, "spring", TRACK_VIDEO);
    await_segment(house, &viewer, before.open_msn + 1);
    encoder_go_live(&second, house, show.key, 4000);
    encoder_await_end(&first);
    assert_string_equal(encoder_status(&first), "Another encoder took over this show.");
    struct answer answer = client_receive(&viewer);
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.body, "#EXT-X-ENDLIST"));
    /* The same tracks go on in the same epoch. */
    assert_null(strstr(answer.body, "#EXT-X-DISCONTINUITY\n"));
    client_free(&answer);
    client_close(&viewer);
    assert_int_equal(encoder_state(&second), RTMP_CLIENT_PUBLISHING);
    encoder_close(&first);
    encoder_close(&second);
}

static void open_keys(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->closed_until_ms = 0;
}

static void refuses_encoders_for_a_while_when_the_host_has_ended_the_show(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, id);
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_state(house, 1, id, SHOW_LIVE);
    struct answer answer = client_call(house, 1, "POST /api/shows/spring/end", NULL);
    assert_int_equal(answer.status, 200);
    assert_string_equal(client_field(&answer, "state"), "ended");
    client_free(&answer);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "The host ended this show.");
    encoder_close(&encoder);
    assert_refused(house, show.key,
                   "The host has ended this show. To go on air again, wait a minute.");
    house_run(house, house_lane_of(house, id), open_keys, id);
    encoder_open(&encoder, house, 0, show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
}

static void cuts_the_publisher_of_a_show_that_is_deleted(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_go_live(&encoder, house, show.key, 4000);
    shop_await_state(house, 0, "spring", SHOW_LIVE);
    client_expect(house, 0, "DELETE /api/shows/spring", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "This show was deleted.");
    encoder_close(&encoder);
}

static bool has_measured(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    const struct show_figures *figures =
        shelf && shelf->view ? shelf->view->figures : NULL;
    return figures && figures->reading.tracks[TRACK_AUDIO].seen &&
           figures->reading.tracks[TRACK_VIDEO].seen && figures->reading.has_key;
}

static void measures_pictures_that_are_not_the_first_track(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    encoder_open(&encoder, house, 0, show.key);
    encoder.video_track = 1;
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, 4000);
    shop_await_state(house, 1, "spring", SHOW_LIVE);
    house_await(house, 1, has_measured, NULL);
    encoder_close(&encoder);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(takes_a_publisher_with_the_key_of_its_show),
        ON_AIR(refuses_a_key_that_is_nobodys),
        ON_AIR(refuses_a_key_of_another_show),
        ON_AIR(refuses_the_key_of_a_deleted_show),
        ON_AIR(refuses_an_old_key_when_there_is_a_new_one),
        ON_AIR(goes_live_when_the_first_playlist_is_there),
        ON_AIR(loses_no_byte_when_a_publisher_changes_loops),
        ON_AIR(survives_a_client_that_goes_while_it_moves),
        ON_AIR(ends_the_show_when_the_encoder_stops),
        ON_AIR(releases_those_who_wait_when_the_encoder_goes),
        ON_AIR(goes_on_behind_its_numbers_when_the_encoder_comes_back),
        ON_AIR(takes_over_when_a_second_encoder_comes),
        ON_AIR(refuses_encoders_for_a_while_when_the_host_has_ended_the_show),
        ON_AIR(cuts_the_publisher_of_a_show_that_is_deleted),
        ON_AIR(measures_pictures_that_are_not_the_first_track),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
