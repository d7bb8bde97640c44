#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/buf.h"
#include "server/loop/tcp_queue.h"

static void push_text(struct loop_tcp_queue *queue, const char *text)
{
    loop_tcp_queue_push(queue, buf_copy(bytes_text(text)));
}

static void gives_what_was_pushed_in_order(void **state)
{
    (void)state;
    struct loop_tcp_queue queue;
    loop_tcp_queue_init(&queue);
    push_text(&queue, "ab");
    push_text(&queue, "");
    push_text(&queue, "cde");
    struct iovec v[4];
    assert_int_equal(loop_tcp_queue_peek(&queue, v, 4), 2);
    assert_memory_equal(v[0].iov_base, "ab", 2);
    assert_int_equal(v[1].iov_len, 3);
    assert_int_equal(loop_tcp_queue_peek(&queue, v, 1), 1);
    assert_int_equal(loop_tcp_queue_len(&queue), 5);
    loop_tcp_queue_advance(&queue, 3);
    assert_int_equal(loop_tcp_queue_peek(&queue, v, 4), 1);
    assert_memory_equal(v[0].iov_base, "de", 2);
    loop_tcp_queue_advance(&queue, 2);
    assert_int_equal(loop_tcp_queue_len(&queue), 0);
    assert_int_equal(loop_tcp_queue_peek(&queue, v, 4), 0);
    loop_tcp_queue_finish(&queue);
}

/* Pushes one number a buf and takes some off again, so that the ring turns while it
 * grows. */
static void keeps_order_while_it_grows_and_turns(void **state)
{
    (void)state;
    struct loop_tcp_queue queue;
    loop_tcp_queue_init(&queue);
    uint8_t in = 0, out = 0;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 5; i++, in++)
            loop_tcp_queue_push(&queue, buf_copy(bytes_make(&in, 1)));
        for (int i = 0; i < 3; i++, out++) {
            struct iovec v;
            assert_int_equal(loop_tcp_queue_peek(&queue, &v, 1), 1);
            assert_int_equal(*(uint8_t *)v.iov_base, out);
            loop_tcp_queue_advance(&queue, 1);
        }
    }
    assert_int_equal(loop_tcp_queue_len(&queue), 80);
    loop_tcp_queue_finish(&queue);
    assert_int_equal(loop_tcp_queue_len(&queue), 0);
}

static void one_advance_may_span_many_bufs(void **state)
{
    (void)state;
    struct loop_tcp_queue queue;
    loop_tcp_queue_init(&queue);
    for (int i = 0; i < 20; i++)
        push_text(&queue, "xyz");
    loop_tcp_queue_advance(&queue, 58);
    struct iovec v[4];
    assert_int_equal(loop_tcp_queue_peek(&queue, v, 4), 1);
    assert_memory_equal(v[0].iov_base, "yz", 2);
    loop_tcp_queue_finish(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_was_pushed_in_order),
        cmocka_unit_test(keeps_order_while_it_grows_and_turns),
        cmocka_unit_test(one_advance_may_span_many_bufs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
