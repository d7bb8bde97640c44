#include "tests/unit/server/rtmp/fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "server/rtmp/amf0.h"

int fixture_set_up(void **state)
{
    static struct fixture fixture;
    run_init(&fixture.run);
    script_init(&fixture.script);
    *state = &fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    run_finish(&fixture->run);
    script_finish(&fixture->script);
    return 0;
}

/* Feeds what the script has and empties it. */
int fixture_feed(struct fixture *fixture)
{
    int error = run_feed(&fixture->run, script_bytes(&fixture->script));
    builder_clear(&fixture->script.out);
    return error;
}

struct rtmp_event fixture_first_event(struct fixture *fixture,
                                      enum rtmp_event_type type)
{
    struct rtmp_event event;
    struct rtmp_session *session = fixture->run.session;
    assert_int_equal(rtmp_session_feed(session, script_bytes(&fixture->script),
                                       fixture->run.now_ms, NULL),
                     0);
    assert_true(rtmp_session_next(session, &event));
    assert_int_equal(event.type, type);
    return event;
}

void fixture_say_connect(struct fixture *fixture)
{
    struct builder body = script_command("connect", 1);
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "app");
    rtmp_amf0_write_text(&body, "live");
    rtmp_amf0_write_object_end(&body);
    script_send(&fixture->script, 3, 0, 0, &body);
}

void fixture_connect(struct fixture *fixture)
{
    script_handshake(&fixture->script);
    fixture_say_connect(fixture);
    assert_int_equal(fixture_feed(fixture), 0);
    run_forget_output(&fixture->run);
}

void fixture_publish(struct fixture *fixture)
{
    fixture_connect(fixture);
    script_call(&fixture->script, 3, 0, "createStream", 2, NULL);
    script_call(&fixture->script, 4, 1, "publish", 3, "key");
    assert_int_equal(fixture_feed(fixture), 0);
    run_forget_output(&fixture->run);
    builder_clear(&fixture->run.events);
}

void fixture_put(struct fixture *fixture, uint8_t type, uint32_t stamp_ms,
                 struct bytes body)
{
    struct script_message message = {
        .csid = 6,
        .stamp = stamp_ms,
        .type = type,
        .stream_id = 1,
    };
    script_message(&fixture->script, &message, body);
}
