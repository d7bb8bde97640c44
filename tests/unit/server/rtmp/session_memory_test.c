/* What a hostile peer can make a session hold. */
#include "server/rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/fixture.h"
#include "tests/unit/server/rtmp/heap.h"

enum { MIB = 1024 * 1024 };

/* Feeds the session alone: what the test writes down is not its memory. */
static int feed_session(struct fixture *fixture)
{
    struct rtmp_session *session = fixture->run.session;
    int error = rtmp_session_feed(session, script_bytes(&fixture->script), RUN_NOW_MS,
                                  &fixture->run.err);
    struct rtmp_event event;
    while (rtmp_session_next(session, &event))
        rtmp_session_event_finish(&event);
    return error;
}

/* A header for len bytes, and the first of them. */
static void announce(struct fixture *fixture, uint32_t csid, unsigned fmt, size_t len)
{
    struct script_message message = {
        .fmt = fmt,
        .csid = csid,
        .type = RTMP_MESSAGE_VIDEO,
        .stream_id = 1,
    };
    script_header(&fixture->script, &message, len);
    builder_u8(&fixture->script.out, 0x17);
}

static void announce_everywhere(struct fixture *fixture, size_t len)
{
    script_chunk_size(&fixture->script, 2, 1);
    for (uint32_t i = 0; i < 61; i++) /* and 3 that spoke before: 64 */
        announce(fixture, 100 + i, 0, len);
}

static void what_is_announced_is_not_held(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    announce_everywhere(fixture, 8 * MIB);
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), 0);
    assert_true(heap_peak() - before < MIB);
}

static void more_than_a_message_may_have_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    announce_everywhere(fixture, 0xffffff);
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), -ERR_LIMIT);
    assert_true(heap_peak() - before < MIB);
}

static void strangers_hold_no_more_than_publishers(void **state)
{
    struct fixture *fixture = *state;
    size_t before = heap_now();
    heap_forget_peak();
    script_handshake(&fixture->script);
    announce_everywhere(fixture, 8 * MIB);
    size_t script = heap_now() - before;
    assert_int_equal(feed_session(fixture), 0);
    assert_true(heap_peak() - before - script < MIB);
}

/* A message that becomes longer and shorter while it is being received. */
static void changes_of_the_length_hold_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    script_chunk_size(&fixture->script, 2, 1);
    for (unsigned i = 0; i < 20000; i++)
        announce(fixture, 6, i % 3 ? 1 : 0, i % 2 ? 8 * MIB : 2 + i % 100);
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), 0);
    assert_true(heap_peak() - before < 64 * 1024);
    assert_true(rtmp_session_get_stats(fixture->run.session).n_restarted > 10000);
}

static void what_arrives_is_held_up_to_the_limit(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    script_chunk_size(&fixture->script, 2, 1024 * 1024);
    static uint8_t content[MIB];
    for (uint32_t i = 0; i < 20; i++) {
        struct script_message message = {
            .csid = 100 + i, .type = RTMP_MESSAGE_VIDEO, .stream_id = 1};
        script_header(&fixture->script, &message, 8 * MIB);
        builder_put(&fixture->script.out, bytes_make(content, sizeof content));
    }
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), -ERR_LIMIT);
    assert_true(heap_peak() - before < 40 * MIB); /* doubled at most, and 16 MiB */
}

/* A read's worth of the shortest messages: their events cost more than their bytes. */
static void short_messages_are_held_until_they_are_taken(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    struct script_message message = {
        .csid = 6, .type = RTMP_MESSAGE_AUDIO, .stream_id = 1};
    const uint8_t body[] = {0xaf, 1, 7};
    for (unsigned i = 0; i < 16 * 1024; i++) {
        script_message(&fixture->script, &message, bytes_make(body, sizeof body));
        message.fmt = 3;
    }
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), 0);
    assert_true(heap_peak() - before < 16 * MIB);
}

static void the_parts_of_an_aggregate_are_limited(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    script_chunk_size(&fixture->script, 2, MIB);
    static const uint8_t part[] = {8, 0, 0,    3, 0, 0, 0, 0, 0,
                                   0, 0, 0xaf, 1, 7, 0, 0, 0, 14};
    struct builder body;
    builder_init(&body, 8 * MIB);
    for (unsigned i = 0; i < 400000; i++)
        builder_put(&body, bytes_make(part, sizeof part));
    fixture_put(fixture, RTMP_MESSAGE_AGGREGATE, 0, builder_bytes(&body));
    builder_finish(&body);
    size_t before = heap_now();
    heap_forget_peak();
    assert_int_equal(feed_session(fixture), 0);
    assert_true(heap_peak() - before < 20 * MIB);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 1);
}

static void all_of_it_is_given_back(void **state)
{
    (void)state;
    size_t before = heap_now();
    struct fixture fixture;
    run_init(&fixture.run);
    script_init(&fixture.script);
    fixture_publish(&fixture);
    announce_everywhere(&fixture, 8 * MIB);
    assert_int_equal(feed_session(&fixture), 0);
    run_finish(&fixture.run);
    script_finish(&fixture.script);
    assert_int_equal(heap_now(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(what_is_announced_is_not_held),
        WITH_FIXTURE(more_than_a_message_may_have_ends_it_at_once),
        WITH_FIXTURE(strangers_hold_no_more_than_publishers),
        WITH_FIXTURE(changes_of_the_length_hold_nothing),
        WITH_FIXTURE(what_arrives_is_held_up_to_the_limit),
        WITH_FIXTURE(short_messages_are_held_until_they_are_taken),
        WITH_FIXTURE(the_parts_of_an_aggregate_are_limited),
        cmocka_unit_test(all_of_it_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
