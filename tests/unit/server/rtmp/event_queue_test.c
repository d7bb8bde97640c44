#include "server/rtmp/event_queue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/buf.h"

static void push(struct rtmp_event_queue *queue, uint32_t stamp_ms)
{
    struct rtmp_event event = {
        .type = RTMP_EVENT_AUDIO,
        .media = {.stamp_ms = stamp_ms, .data = buf_copy(bytes_text("x"))},
    };
    rtmp_event_queue_push(queue, &event);
}

static void shift(struct rtmp_event_queue *queue, uint32_t stamp_ms)
{
    struct rtmp_event event;
    assert_true(rtmp_event_queue_shift(queue, &event));
    assert_int_equal(event.media.stamp_ms, stamp_ms);
    rtmp_session_event_finish(&event);
}

static void gives_events_in_order(void **state)
{
    (void)state;
    struct rtmp_event_queue queue;
    rtmp_event_queue_init(&queue);
    uint32_t in = 0, out = 0;
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < round % 7 + 3; i++)
            push(&queue, in++);
        for (unsigned i = 0; i < round % 5 + 2 && out < in; i++)
            shift(&queue, out++);
    }
    while (out < in)
        shift(&queue, out++);
    struct rtmp_event none;
    assert_false(rtmp_event_queue_shift(&queue, &none));
    rtmp_event_queue_finish(&queue);
}

/* The leak checker holds this. */
static void finish_frees_what_waits(void **state)
{
    (void)state;
    struct rtmp_event_queue queue;
    rtmp_event_queue_init(&queue);
    for (uint32_t i = 0; i < 20; i++)
        push(&queue, i);
    shift(&queue, 0);
    rtmp_event_queue_finish(&queue);
    struct rtmp_event none;
    assert_false(rtmp_event_queue_shift(&queue, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_events_in_order),
        cmocka_unit_test(finish_frees_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
