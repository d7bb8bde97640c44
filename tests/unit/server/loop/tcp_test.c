/* Both ends of a socket pair on one loop, or one end and a plain descriptor. Each test
 * runs until the loop is stopped by what it waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/monotime.h"
#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/loop/tcp.h"
#include "server/loop/tcp_info.h"

enum action {
    ACT_NOTHING,
    ACT_CLOSE,
    ACT_CLOSE_TWICE,
    ACT_CLOSE_FLUSHED,
    ACT_DETACH,
    ACT_STOP
};

struct end {
    struct loop *loop;
    struct loop_tcp *tcp;
    struct builder got;
    unsigned n_readable, n_ended, n_drained, n_expired, n_closed;
    struct err why;
    enum action on_readable, on_ended, on_drained, on_expired;
    bool keep_running; /* closed does not stop the loop */
    bool inside;       /* a call of the owner's is on the stack */
    struct loop_parcel *detached;
};

static void act(struct end *end, enum action action)
{
    end->inside = true;
    if (action == ACT_CLOSE_FLUSHED)
        loop_tcp_close_flushed(end->tcp, 1000);
    if (action == ACT_CLOSE || action == ACT_CLOSE_TWICE)
        loop_tcp_close(end->tcp);
    if (action == ACT_CLOSE_TWICE)
        loop_tcp_close(end->tcp);
    if (action == ACT_DETACH) {
        end->detached = loop_tcp_detach(end->tcp);
        loop_stop(end->loop);
    }
    if (action == ACT_STOP)
        loop_stop(end->loop);
    end->inside = false;
}

static void on_readable(void *ctx, struct bytes in)
{
    struct end *end = ctx;
    end->n_readable++;
    builder_put(&end->got, in);
    act(end, end->on_readable);
}

static void on_ended(void *ctx)
{
    struct end *end = ctx;
    end->n_ended++;
    act(end, end->on_ended);
}

static void on_drained(void *ctx)
{
    struct end *end = ctx;
    end->n_drained++;
    act(end, end->on_drained);
}

static void on_expired(void *ctx)
{
    struct end *end = ctx;
    end->n_expired++;
    act(end, end->on_expired);
}

static void on_closed(void *ctx, const struct err *why)
{
    struct end *end = ctx;
    assert_false(end->inside);
    end->n_closed++;
    end->why = *why;
    end->tcp = NULL;
    if (!end->keep_running)
        loop_stop(end->loop);
}

static const struct loop_tcp_handler handler = {
    .readable = on_readable,
    .ended = on_ended,
    .drained = on_drained,
    .expired = on_expired,
    .closed = on_closed,
};
static const struct loop_tcp_handler handler_without_ended = {
    .readable = on_readable,
    .closed = on_closed,
};
static const struct loop_tcp_limits limits = {.queue_max = 8 << 20, .stall_ms = 60000};

static void begin(struct end *end, struct loop *loop, int fd)
{
    *end = (struct end){.loop = loop};
    builder_init(&end->got, 16 << 20);
    end->tcp = loop_tcp_adopt(loop, fd, &handler, &limits, end);
}

static void begin_parcel(struct end *end, struct loop *loop, struct loop_parcel *parcel)
{
    *end = (struct end){.loop = loop};
    builder_init(&end->got, 16 << 20);
    end->tcp = loop_tcp_adopt_parcel(loop, parcel, &handler, &limits, end);
}

static void finish(struct end *end)
{
    builder_finish(&end->got);
}

static void make_pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
}

static void send_text(int fd, const char *text)
{
    struct bytes out = bytes_text(text);
    assert_int_equal(send(fd, out.data, out.len, MSG_NOSIGNAL), out.len);
}

static void write_text(struct end *end, const char *text)
{
    loop_tcp_write(end->tcp, buf_copy(bytes_text(text)));
}

/* One end with a plain peer; acts when bytes come in. */
static void run_with_bytes(struct end *end, enum action action, int *ret_peer)
{
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    begin(end, loop, fds[0]);
    end->on_readable = action;
    send_text(fds[1], "hello");
    loop_run(loop);
    loop_destroy(loop);
    *ret_peer = fds[1];
}

static void close_inside_readable_is_told_once(void **state)
{
    (void)state;
    struct end end;
    int peer;
    run_with_bytes(&end, ACT_CLOSE_TWICE, &peer);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.n_readable, 1);
    assert_int_equal(end.why.code, ERR_CLOSED);
    assert_true(bytes_equal_text(builder_bytes(&end.got), "hello"));
    (void)close(peer);
    finish(&end);
}

static void detach_gives_the_socket_back(void **state)
{
    (void)state;
    struct end end;
    int peer;
    run_with_bytes(&end, ACT_DETACH, &peer);
    assert_int_equal(end.n_closed, 0);
    assert_non_null(end.detached);
    assert_string_equal(loop_parcel_peer(end.detached), "local");
    send_text(peer, "more");
    loop_parcel_destroy(end.detached);
    char in[8];
    assert_int_equal(read(peer, in, sizeof in), -1); /* reset: "more" was not read */
    (void)close(peer);
    finish(&end);
}

static void a_detached_socket_works_on_another_loop(void **state)
{
    (void)state;
    struct end end, second;
    int peer;
    run_with_bytes(&end, ACT_DETACH, &peer);
    struct loop *loop = loop_create(1);
    begin_parcel(&second, loop, end.detached);
    second.on_readable = ACT_CLOSE;
    send_text(peer, "again");
    loop_run(loop);
    loop_destroy(loop);
    assert_true(bytes_equal_text(builder_bytes(&second.got), "again"));
    (void)close(peer);
    finish(&end);
    finish(&second);
}

static void stopping_the_loop_closes_connections(void **state)
{
    (void)state;
    struct end end;
    int peer;
    run_with_bytes(&end, ACT_STOP, &peer);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_CLOSED);
    (void)close(peer);
    finish(&end);
}

static void a_connection_on_a_stopped_loop_is_closed_later(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    loop_stop(loop);
    loop_run(loop);
    struct end end;
    begin(&end, loop, fds[0]);
    assert_int_equal(end.n_closed, 0);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    (void)close(fds[1]);
    finish(&end);
}

static void a_descriptor_that_cannot_be_polled_is_closed_later(void **state)
{
    (void)state;
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, open("/dev/null", O_RDONLY));
    assert_int_equal(end.n_closed, 0);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_IO);
    finish(&end);
}

struct pair {
    struct loop *loop;
    struct end a, b;
};

static void begin_pair(struct pair *pair)
{
    int fds[2];
    make_pair(fds);
    pair->loop = loop_create(0);
    begin(&pair->a, pair->loop, fds[0]);
    begin(&pair->b, pair->loop, fds[1]);
}

static void finish_pair(struct pair *pair)
{
    loop_destroy(pair->loop);
    finish(&pair->a);
    finish(&pair->b);
}

static void half_close_is_told_and_writing_goes_on(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    write_text(&end, "answer");
    assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
    end.on_ended = ACT_CLOSE_FLUSHED;
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_ended, 1);
    assert_int_equal(end.n_closed, 1);
    char in[16];
    assert_int_equal(read(fds[1], in, sizeof in), 6);
    (void)close(fds[1]);
    finish(&end);
}

static void without_ended_the_end_of_the_peer_closes(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end = {.loop = loop};
    end.tcp = loop_tcp_adopt(loop, fds[0], &handler_without_ended, &limits, &end);
    (void)close(fds[1]);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_CLOSED);
}

static void close_inside_ended(void **state)
{
    (void)state;
    struct pair pair;
    begin_pair(&pair);
    pair.b.on_ended = ACT_CLOSE_TWICE;
    pair.a.keep_running = true;
    loop_tcp_close(pair.a.tcp);
    loop_run(pair.loop);
    finish_pair(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.b.n_closed, 1);
}

static void close_inside_drained(void **state)
{
    (void)state;
    struct pair pair;
    begin_pair(&pair);
    pair.a.on_drained = ACT_CLOSE_TWICE;
    pair.a.keep_running = true;
    pair.b.on_ended = ACT_CLOSE;
    write_text(&pair.a, "last words");
    loop_run(pair.loop);
    assert_true(bytes_equal_text(builder_bytes(&pair.b.got), "last words"));
    finish_pair(&pair);
    assert_int_equal(pair.a.n_drained, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void close_inside_expired(void **state)
{
    (void)state;
    struct pair pair;
    begin_pair(&pair);
    pair.a.on_expired = ACT_CLOSE_TWICE;
    loop_tcp_set_deadline(pair.a.tcp, loop_now_ms(pair.loop) + 1);
    loop_run(pair.loop);
    finish_pair(&pair);
    assert_int_equal(pair.a.n_expired, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void a_deadline_comes_once(void **state)
{
    (void)state;
    struct pair pair;
    begin_pair(&pair);
    loop_tcp_set_deadline(pair.a.tcp, loop_now_ms(pair.loop));
    loop_tcp_set_deadline(pair.b.tcp, loop_now_ms(pair.loop) + 600);
    pair.b.on_expired = ACT_STOP;
    loop_run(pair.loop);
    finish_pair(&pair);
    assert_int_equal(pair.a.n_expired, 1);
    assert_int_equal(pair.b.n_expired, 1);
}

/* The thread is away for longer than deadlines are looked at (a machine that was
 * suspended); bytes have come meanwhile, and the deadline has passed. */
static void bytes_count_before_deadlines(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    loop_tcp_set_deadline(end.tcp, loop_now_ms(loop));
    end.on_readable = ACT_CLOSE;
    send_text(fds[1], "in time");
    int64_t back_ms = loop_now_ms(loop) + 400;
    while (monotime_ms() < back_ms)
        continue;
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_readable, 1);
    assert_int_equal(end.n_expired, 0);
    (void)close(fds[1]);
    finish(&end);
}

static void large_writes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    enum { BUFS = 200, BUF_LEN = 10000 };
    struct pair pair;
    begin_pair(&pair);
    pair.a.on_drained = ACT_CLOSE_FLUSHED;
    pair.a.keep_running = true;
    pair.b.on_ended = ACT_CLOSE;
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
    finish_pair(&pair);
    assert_int_equal(pair.a.n_drained, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void a_queue_past_its_limit_closes(void **state)
{
    (void)state;
    struct pair pair;
    begin_pair(&pair);
    static uint8_t block[5 << 20];
    struct buf *buf = buf_copy(bytes_make(block, sizeof block));
    loop_tcp_write(pair.a.tcp, buf_ref(buf));
    assert_int_equal(pair.a.n_closed, 0);
    pair.a.inside = true;
    loop_tcp_write(pair.a.tcp, buf_ref(buf));
    loop_tcp_write(pair.a.tcp, buf); /* dropped */
    pair.a.inside = false;
    loop_run(pair.loop);
    finish_pair(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.a.why.code, ERR_LIMIT);
}

static void a_peer_that_takes_nothing_is_cut(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end = {.loop = loop};
    static const struct loop_tcp_limits short_stall = {.queue_max = 8 << 20,
                                                       .stall_ms = 10};
    end.tcp = loop_tcp_adopt(loop, fds[0], &handler, &short_stall, &end);
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
    struct pair pair;
    begin_pair(&pair);
    pair.b.on_ended = ACT_CLOSE;
    pair.b.keep_running = true;
    write_text(&pair.a, "one ");
    write_text(&pair.a, "two");
    loop_tcp_close_flushed(pair.a.tcp, 5000);
    write_text(&pair.a, "after close: dropped");
    loop_run(pair.loop);
    assert_true(bytes_equal_text(builder_bytes(&pair.b.got), "one two"));
    finish_pair(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.a.n_drained, 0);
    assert_int_equal(pair.b.n_closed, 1);
}

static void a_flushed_close_ends_though_the_peer_stays(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    static uint8_t block[4 << 20]; /* more than the socket takes */
    loop_tcp_write(end.tcp, buf_copy(bytes_make(block, sizeof block)));
    loop_tcp_close_flushed(end.tcp, 10);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    (void)close(fds[1]);
    finish(&end);
}

static void a_paused_connection_reads_when_resumed(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end, clock;
    begin(&end, loop, fds[0]);
    int clock_fds[2];
    make_pair(clock_fds);
    begin(&clock, loop, clock_fds[0]);
    loop_tcp_pause(end.tcp);
    send_text(fds[1], "wait");
    clock.on_expired = ACT_CLOSE;
    loop_tcp_set_deadline(clock.tcp, 0);
    clock.keep_running = false;
    loop_tcp_resume(end.tcp);
    loop_tcp_pause(end.tcp);
    /* The other connection's deadline ends this run; nothing has been read till then. */
    end.keep_running = true;
    loop_run(loop);
    assert_int_equal(end.n_readable, 0);
    loop_destroy(loop);
    (void)close(fds[1]);
    (void)close(clock_fds[1]);
    finish(&end);
    finish(&clock);
}

static void resume(struct loop_after *after);
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
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    loop_tcp_pause(end.tcp);
    send_text(fds[1], "wait");
    end.on_readable = ACT_CLOSE;
    struct resumer resumer = {.end = &end};
    loop_after_init(&resumer.after, resume);
    loop_after(loop, &resumer.after);
    loop_run(loop);
    loop_destroy(loop);
    assert_true(bytes_equal_text(builder_bytes(&end.got), "wait"));
    (void)close(fds[1]);
    finish(&end);
}

static void writing_to_a_peer_that_is_gone_closes(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    loop_tcp_pause(end.tcp); /* so that only the write can notice */
    (void)close(fds[1]);
    write_text(&end, "anybody?");
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_CLOSED);
    finish(&end);
}

/* Two ends of a TCP connection over loopback. */
static void make_tcp_pair(int fds[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fds[1], (const struct sockaddr *)&address, len), 0);
    fds[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(fds[0] >= 0);
    (void)close(listener);
}

static void tells_the_peers_address(void **state)
{
    (void)state;
    int fds[2];
    make_tcp_pair(fds);
    struct sockaddr_in own = {0};
    socklen_t len = sizeof own;
    assert_int_equal(getsockname(fds[1], (struct sockaddr *)&own, &len), 0);
    char expected[32];
    (void)snprintf(expected, sizeof expected, "127.0.0.1:%u",
                   (unsigned)ntohs(own.sin_port));
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    assert_string_equal(loop_tcp_peer(end.tcp), expected);
    assert_string_equal(loop_tcp_host(end.tcp), "127.0.0.1");
    loop_destroy(loop);
    (void)close(fds[1]);
    finish(&end);
}

static void tells_what_the_kernel_knows(void **state)
{
    (void)state;
    int fds[2];
    make_tcp_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    loop_tcp_notice_death(end.tcp, 10000);
    send_text(fds[1], "hello");
    end.on_readable = ACT_STOP;
    struct loop_tcp_info info;
    loop_tcp_info(end.tcp, &info);
    assert_true(info.rtt_us > 0);
    assert_int_equal(info.received_bytes, 5);
    assert_int_equal(info.retransmits, 0);
    assert_int_equal(info.unacked_bytes, 0);
    unsigned death_ms = 0;
    int probed = 0;
    socklen_t len = sizeof death_ms, probed_len = sizeof probed;
    assert_int_equal(getsockopt(fds[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &death_ms, &len),
                     0);
    assert_int_equal(death_ms, 10000);
    assert_int_equal(getsockopt(fds[0], SOL_SOCKET, SO_KEEPALIVE, &probed, &probed_len),
                     0);
    assert_true(probed);
    loop_run(loop);
    loop_destroy(loop);
    (void)close(fds[1]);
    finish(&end);
}

static void the_kernel_knows_nothing_of_a_local_socket(void **state)
{
    (void)state;
    int fds[2];
    make_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    loop_tcp_notice_death(end.tcp, 10000);
    struct loop_tcp_info info = {.rtt_us = 1};
    loop_tcp_info(end.tcp, &info);
    assert_int_equal(info.rtt_us, 0);
    assert_int_equal(info.received_bytes, 0);
    assert_string_equal(loop_tcp_host(end.tcp), "local");
    loop_destroy(loop);
    (void)close(fds[1]);
    finish(&end);
}

static void a_reset_closes(void **state)
{
    (void)state;
    int fds[2];
    make_tcp_pair(fds);
    struct loop *loop = loop_create(0);
    struct end end;
    begin(&end, loop, fds[0]);
    struct linger now = {.l_onoff = 1};
    assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    (void)close(fds[1]);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.n_ended, 0);
    assert_int_equal(end.why.code, ERR_CLOSED);
    finish(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_inside_readable_is_told_once),
        cmocka_unit_test(detach_gives_the_socket_back),
        cmocka_unit_test(a_detached_socket_works_on_another_loop),
        cmocka_unit_test(stopping_the_loop_closes_connections),
        cmocka_unit_test(a_connection_on_a_stopped_loop_is_closed_later),
        cmocka_unit_test(a_descriptor_that_cannot_be_polled_is_closed_later),
        cmocka_unit_test(half_close_is_told_and_writing_goes_on),
        cmocka_unit_test(without_ended_the_end_of_the_peer_closes),
        cmocka_unit_test(close_inside_ended),
        cmocka_unit_test(close_inside_drained),
        cmocka_unit_test(close_inside_expired),
        cmocka_unit_test(a_deadline_comes_once),
        cmocka_unit_test(bytes_count_before_deadlines),
        cmocka_unit_test(large_writes_arrive_whole_and_in_order),
        cmocka_unit_test(a_queue_past_its_limit_closes),
        cmocka_unit_test(a_peer_that_takes_nothing_is_cut),
        cmocka_unit_test(a_flushed_close_sends_what_is_queued),
        cmocka_unit_test(a_flushed_close_ends_though_the_peer_stays),
        cmocka_unit_test(a_paused_connection_reads_when_resumed),
        cmocka_unit_test(resume_lets_waiting_bytes_in),
        cmocka_unit_test(writing_to_a_peer_that_is_gone_closes),
        cmocka_unit_test(tells_the_peers_address),
        cmocka_unit_test(tells_what_the_kernel_knows),
        cmocka_unit_test(the_kernel_knows_nothing_of_a_local_socket),
        cmocka_unit_test(a_reset_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
