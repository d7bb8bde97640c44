/* Parts, segments and initialisation sections, and requests for the part that comes next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "tests/kit/air.h"

static void request_of(const struct air *air, const char *name, char out[160])
{
    (void)snprintf(out, 160, "GET /live/spring/%s/%s", air->epoch, name);
}

static struct answer get(struct air *air, const char *name, const char *headers)
{
    char request[160];
    request_of(air, name, request);
    return client_ask(&air->house, 1, request, headers, NULL);
}

static void assert_status(struct answer answer, int status)
{
    assert_int_equal(answer.status, status);
    client_assert_header(&answer, "Access-Control-Allow-Origin", "*");
    client_free(&answer);
}

static void gives_media_that_may_be_kept_for_ever(void **state)
{
    static const struct {
        const char *name, *mime;
    } files[] = {{"video-init.mp4", "video/mp4"}, {"video-1.m4s", "video/mp4"},
                 {"video-4.0.m4s", "video/mp4"},  {"audio-init.mp4", "audio/mp4"},
                 {"audio-2.m4s", "audio/mp4"},    {"audio-4.1.m4s", "audio/mp4"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct answer answer = get(*state, files[i].name, NULL);
        assert_int_equal(answer.status, 200);
        client_assert_header(&answer, "Content-Type", files[i].mime);
        client_assert_header(&answer, "Cache-Control",
                             "public, max-age=31536000, immutable");
        client_assert_header(&answer, "Access-Control-Allow-Origin", "*");
        assert_true(answer.len > 0);
        client_free(&answer);
    }
}

static void gives_a_segment_as_its_parts_put_together(void **state)
{
    struct answer segment = get(*state, "video-3.m4s", NULL);
    size_t at = 0;
    for (unsigned part = 0; at < segment.len; part++) {
        char name[32];
        (void)snprintf(name, sizeof name, "video-3.%u.m4s", part);
        struct answer answer = get(*state, name, NULL);
        assert_int_equal(answer.status, 200);
        assert_true(at + answer.len <= segment.len);
        assert_memory_equal(segment.body + at, answer.body, answer.len);
        at += answer.len;
        client_free(&answer);
    }
    client_free(&segment);
}

static void gives_ranges(void **state)
{
    struct answer whole = get(*state, "video-1.m4s", NULL);
    struct answer part = get(*state, "video-1.m4s", "Range: bytes=4-11\r\n");
    assert_int_equal(part.status, 206);
    assert_int_equal(part.len, 8);
    assert_memory_equal(part.body, whole.body + 4, 8);
    client_assert_header(&part, "Access-Control-Allow-Origin", "*");
    client_free(&whole);
    client_free(&part);
    assert_status(get(*state, "video-1.m4s", "Range: bytes=99999999-\r\n"), 416);
}

static void says_304_to_those_who_have_it(void **state)
{
    char condition[160];
    struct answer answer = get(*state, "video-1.m4s", NULL);
    (void)snprintf(condition, sizeof condition, "If-None-Match: %s\r\n",
                   client_header(&answer, "ETag"));
    client_free(&answer);
    assert_status(get(*state, "video-1.m4s", condition), 304);
}

static void says_404_for_what_never_was(void **state)
{
    static const char *const names[] = {
        "video-99.m4s", "video-5.9.m4s", "video-1.99.m4s",   "video-01.m4s",
        "video-.m4s",   "video-1.m4",    "video-1.m4s.m4s",  "audio",
        "index.m3u8",   "video-5.m4s",   "video-init.mp4%22"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct answer answer = get(*state, names[i], NULL);
        client_assert_header(&answer, "Cache-Control", "public, max-age=1");
        assert_status(answer, 404);
    }
    struct air *air = *state;
    assert_status(
        client_ask(&air->house, 0, "GET /live/spring/aaaaaaaa/video-1.m4s", NULL, NULL),
        404);
    assert_status(
        client_ask(&air->house, 0, "GET /live/summer/aaaaaaaa/video-1.m4s", NULL, NULL),
        404);
}

static void hold_hinted(struct air *air, struct client *client)
{
    char request[160];
    request_of(air, "video-5.1.m4s", request);
    air_hold(air, client, request);
}

static void holds_a_hinted_part_until_it_is_whole(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_hinted(air, &client);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 500);
    struct answer held = client_receive(&client);
    assert_int_equal(held.status, 200);
    struct answer again = get(air, "video-5.1.m4s", NULL);
    assert_int_equal(held.len, again.len);
    assert_memory_equal(held.body, again.body, held.len);
    client_free(&held);
    client_free(&again);
    client_close(&client);
}

static void says_404_when_a_hint_is_given_up(void **state)
{
    struct air *air = *state;
    struct client client;
    char request[160];
    /* A part that cannot come any more when the show ends before it. */
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 500);
    house_await(&air->house, 1, shop_has_open_parts,
                &(struct shop_wanted){"spring", 2});
    request_of(air, "video-5.2.m4s", request);
    air_hold(air, &client, request);
    client_expect(&air->house, 0, "DELETE /api/shows/spring", NULL, 204);
    assert_status(client_receive(&client), 404);
    client_close(&client);
}

static void answers_a_hinted_part_that_the_end_of_the_show_completes(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_hinted(air, &client);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 100);
    encoder_stop(&air->encoder);
    struct answer answer = client_receive(&client);
    /* What was left of the media became the part. */
    assert_int_equal(answer.status, 200);
    client_free(&answer);
    client_close(&client);
}

static void gives_up_a_hinted_part_that_does_not_come(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_hinted(air, &client);
    air_let_time_pass(air, 1);
    struct answer answer = client_receive(&client);
    client_assert_header(&answer, "Retry-After", "1");
    assert_status(answer, 503);
    client_close(&client);
}

static void forgets_a_held_part_whose_client_goes(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_hinted(air, &client);
    client_close(&client);
    shop_await_waiters(&air->house, 1, "spring", 0);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, air_setup_live, air_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(gives_media_that_may_be_kept_for_ever),
        ON_AIR(gives_a_segment_as_its_parts_put_together),
        ON_AIR(gives_ranges),
        ON_AIR(says_304_to_those_who_have_it),
        ON_AIR(says_404_for_what_never_was),
        ON_AIR(holds_a_hinted_part_until_it_is_whole),
        ON_AIR(says_404_when_a_hint_is_given_up),
        ON_AIR(answers_a_hinted_part_that_the_end_of_the_show_completes),
        ON_AIR(gives_up_a_hinted_part_that_does_not_come),
        ON_AIR(forgets_a_held_part_whose_client_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
