/* How bytes flow, and what happens when they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/monotime.h"
#include "tests/unit/server/loop/end.h"

static void a_deadline_comes_once(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    loop_tcp_set_deadline(pair.a.tcp, loop_now_ms(pair.loop));
    loop_tcp_set_deadline(pair.b.tcp, loop_now_ms(pair.loop) + 600);
    pair.b.on_expired = END_STOP;
    loop_run(pair.loop);
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_expired, 1);
    assert_int_equal(pair.b.n_expired, 1);
}

/* The thread is away for longer than deadlines are looked at (a machine that was
 * suspended); bytes have come meanwhile, and the deadline has passed. */
static void bytes_count_before_deadlines(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    loop_tcp_set_deadline(it.end.tcp, loop_now_ms(it.loop));
    it.end.on_readable = END_CLOSE;
    end_alone_hear(&it, "in time");
    int64_t back_ms = loop_now_ms(it.loop) + 400;
    while (monotime_ms() < back_ms)
        continue;
    loop_run(it.loop);
    end_alone_finish(&it);
    assert_int_equal(it.end.n_readable, 1);
    assert_int_equal(it.end.n_expired, 0);
}

static void large_writes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    enum { BUFS = 200, BUF_LEN = 10000 };
    struct end_pair pair;
    end_pair_begin(&pair);
    pair.a.on_drained = END_CLOSE_FLUSHED;
    pair.a.keep_running = true;
    pair.b.on_ended = END_CLOSE;
    for (int i = 0; i < BUFS; i++) {
        uint8_t block[BUF_LEN];
        for (int j = 0; j < BUF_LEN; j++)
            block[j] = (uint8_t)(i + j / 7);
        loop_tcp_write(pair.a.tcp, buf_copy(bytes_make(block, sizeof block)));
    }
    assert_int_equal(loop_tcp_queued(pair.a.tcp), BUFS * BUF_LEN);
    loop_run(pair.loop);
    struct bytes got = builder_bytes(&pair.b.got);
    assert_int_equal(got.len, BUFS * BUF_LEN);
    for (size_t i = 0; i < got.len; i++)
        if (got.data[i] != (uint8_t)(i / BUF_LEN + i % BUF_LEN / 7))
            fail();
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_drained, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void a_queue_past_its_limit_closes(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    static uint8_t block[5 << 20];
    struct buf *buf = buf_copy(bytes_make(block, sizeof block));
    loop_tcp_write(pair.a.tcp, buf_ref(buf));
    assert_int_equal(pair.a.n_closed, 0);
    pair.a.inside = true;
    loop_tcp_write(pair.a.tcp, buf_ref(buf));
    loop_tcp_write(pair.a.tcp, buf); /* dropped */
    pair.a.inside = false;
    loop_run(pair.loop);
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.a.why.code, ERR_LIMIT);
}

static void a_peer_that_takes_nothing_is_cut(void **state)
{
    (void)state;
    int fds[2];
    end_make_sockets(fds);
    struct loop *loop = loop_create(0);
    struct end end = {.loop = loop};
    static const struct loop_tcp_limits short_stall = {.queue_max = 8 << 20,
                                                       .stall_ms = 10};
    end.tcp = loop_tcp_adopt(loop, fds[0], &end_handler, &short_stall, &end);
    static uint8_t block[4 << 20];
    loop_tcp_write(end.tcp, buf_copy(bytes_make(block, sizeof block)));
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_LIMIT);
    (void)close(fds[1]);
}

static void a_flushed_close_sends_what_is_queued(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    pair.b.on_ended = END_CLOSE;
    pair.b.keep_running = true;
    end_write(&pair.a, "one ");
    end_write(&pair.a, "two");
    loop_tcp_close_flushed(pair.a.tcp, 5000);
    end_write(&pair.a, "after close: dropped");
    loop_run(pair.loop);
    assert_true(bytes_equal_text(builder_bytes(&pair.b.got), "one two"));
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.a.n_drained, 0);
    assert_int_equal(pair.b.n_closed, 1);
}

static void a_flushed_close_ends_though_the_peer_stays(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    static uint8_t block[4 << 20]; /* more than the socket takes */
    loop_tcp_write(it.end.tcp, buf_copy(bytes_make(block, sizeof block)));
    loop_tcp_close_flushed(it.end.tcp, 10);
    loop_run(it.loop);
    end_alone_finish(&it);
    assert_int_equal(it.end.n_closed, 1);
}

static void a_paused_connection_reads_when_resumed(void **state)
{
    (void)state;
    struct end_alone it;
    struct end clock;
    int clock_fds[2];
    end_alone_begin(&it);
    end_make_sockets(clock_fds);
    end_begin(&clock, it.loop, clock_fds[0]);
    loop_tcp_pause(it.end.tcp);
    end_alone_hear(&it, "wait");
    clock.on_expired = END_CLOSE;
    loop_tcp_set_deadline(clock.tcp, 0);
    loop_tcp_resume(it.end.tcp);
    loop_tcp_pause(it.end.tcp);
    /* The other connection's deadline ends this run; nothing has been read till then. */
    it.end.keep_running = true;
    loop_run(it.loop);
    assert_int_equal(it.end.n_readable, 0);
    end_alone_finish(&it);
    (void)close(clock_fds[1]);
    end_finish(&clock);
}

struct resumer {
    struct loop_after after;
    struct end *end;
};

static void resume(struct loop_after *after)
{
    struct resumer *resumer = container_of(after, struct resumer, after);
    assert_int_equal(resumer->end->n_readable, 0);
    loop_tcp_resume(resumer->end->tcp);
}

static void resume_lets_waiting_bytes_in(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    loop_tcp_pause(it.end.tcp);
    end_alone_hear(&it, "wait");
    it.end.on_readable = END_CLOSE;
    struct resumer resumer = {.end = &it.end};
    loop_after_init(&resumer.after, resume);
    loop_after(it.loop, &resumer.after);
    loop_run(it.loop);
    assert_true(bytes_equal_text(builder_bytes(&it.end.got), "wait"));
    end_alone_finish(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_comes_once),
        cmocka_unit_test(bytes_count_before_deadlines),
        cmocka_unit_test(large_writes_arrive_whole_and_in_order),
        cmocka_unit_test(a_queue_past_its_limit_closes),
        cmocka_unit_test(a_peer_that_takes_nothing_is_cut),
        cmocka_unit_test(a_flushed_close_sends_what_is_queued),
        cmocka_unit_test(a_flushed_close_ends_though_the_peer_stays),
        cmocka_unit_test(a_paused_connection_reads_when_resumed),
        cmocka_unit_test(resume_lets_waiting_bytes_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
