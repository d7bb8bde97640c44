/* How connections end, and where they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/buf.h"
#include "tests/unit/server/loop/end.h"

static void close_inside_readable_is_told_once(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_run(&it, END_CLOSE_TWICE);
    assert_int_equal(it.end.n_closed, 1);
    assert_int_equal(it.end.n_readable, 1);
    assert_int_equal(it.end.why.code, ERR_CLOSED);
    assert_true(bytes_equal_text(builder_bytes(&it.end.got), "hello"));
    end_alone_finish(&it);
}

static void detach_gives_the_socket_back(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_run(&it, END_DETACH);
    assert_int_equal(it.end.n_closed, 0);
    assert_non_null(it.end.detached);
    assert_string_equal(loop_parcel_peer(it.end.detached), "local");
    end_alone_hear(&it, "more");
    loop_parcel_destroy(it.end.detached);
    char in[8];
    assert_int_equal(read(it.peer, in, sizeof in), -1); /* reset: "more" was not read */
    end_alone_finish(&it);
}

static void a_detached_socket_works_on_another_loop(void **state)
{
    (void)state;
    struct end_alone it;
    struct end second;
    end_alone_run(&it, END_DETACH);
    struct loop *loop = loop_create(1);
    end_begin_parcel(&second, loop, it.end.detached);
    second.on_readable = END_CLOSE;
    end_alone_hear(&it, "again");
    loop_run(loop);
    loop_destroy(loop);
    assert_true(bytes_equal_text(builder_bytes(&second.got), "again"));
    end_alone_finish(&it);
    end_finish(&second);
}

static void stopping_the_loop_closes_connections(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_run(&it, END_STOP);
    assert_int_equal(it.end.n_closed, 1);
    assert_int_equal(it.end.why.code, ERR_CLOSED);
    end_alone_finish(&it);
}

static void a_connection_on_a_stopped_loop_is_closed_later(void **state)
{
    (void)state;
    int fds[2];
    end_make_sockets(fds);
    struct loop *loop = loop_create(0);
    loop_stop(loop);
    loop_run(loop);
    struct end end;
    end_begin(&end, loop, fds[0]);
    assert_int_equal(end.n_closed, 0);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    (void)close(fds[1]);
    end_finish(&end);
}

static void a_descriptor_that_cannot_be_polled_is_closed_later(void **state)
{
    (void)state;
    struct loop *loop = loop_create(0);
    struct end end;
    end_begin(&end, loop, open("/dev/null", O_RDONLY));
    assert_int_equal(end.n_closed, 0);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_IO);
    end_finish(&end);
}

static void half_close_is_told_and_writing_goes_on(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    end_write(&it.end, "answer");
    assert_int_equal(shutdown(it.peer, SHUT_WR), 0);
    it.end.on_ended = END_CLOSE_FLUSHED;
    loop_run(it.loop);
    assert_int_equal(it.end.n_ended, 1);
    assert_int_equal(it.end.n_closed, 1);
    char in[16];
    assert_int_equal(read(it.peer, in, sizeof in), 6);
    end_alone_finish(&it);
}

static void without_ended_the_end_of_the_peer_closes(void **state)
{
    (void)state;
    struct loop_tcp_handler handler_without_ended = end_handler;
    handler_without_ended.ended = NULL;
    int fds[2];
    end_make_sockets(fds);
    struct loop *loop = loop_create(0);
    struct end end = {.loop = loop};
    end.tcp = loop_tcp_adopt(loop, fds[0], &handler_without_ended, &end_limits, &end);
    (void)close(fds[1]);
    loop_run(loop);
    loop_destroy(loop);
    assert_int_equal(end.n_closed, 1);
    assert_int_equal(end.why.code, ERR_CLOSED);
}

static void close_inside_ended(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    pair.b.on_ended = END_CLOSE_TWICE;
    pair.a.keep_running = true;
    loop_tcp_close(pair.a.tcp);
    loop_run(pair.loop);
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_closed, 1);
    assert_int_equal(pair.b.n_closed, 1);
}

static void close_inside_drained(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    pair.a.on_drained = END_CLOSE_TWICE;
    pair.a.keep_running = true;
    pair.b.on_ended = END_CLOSE;
    end_write(&pair.a, "last words");
    loop_run(pair.loop);
    assert_true(bytes_equal_text(builder_bytes(&pair.b.got), "last words"));
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_drained, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void close_inside_expired(void **state)
{
    (void)state;
    struct end_pair pair;
    end_pair_begin(&pair);
    pair.a.on_expired = END_CLOSE_TWICE;
    loop_tcp_set_deadline(pair.a.tcp, loop_now_ms(pair.loop) + 1);
    loop_run(pair.loop);
    end_pair_finish(&pair);
    assert_int_equal(pair.a.n_expired, 1);
    assert_int_equal(pair.a.n_closed, 1);
}

static void writing_to_a_peer_that_is_gone_closes(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    loop_tcp_pause(it.end.tcp); /* so that only the write can notice */
    end_alone_close_peer(&it);
    end_write(&it.end, "anybody?");
    loop_run(it.loop);
    end_alone_finish(&it);
    assert_int_equal(it.end.n_closed, 1);
    assert_int_equal(it.end.why.code, ERR_CLOSED);
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
        cmocka_unit_test(writing_to_a_peer_that_is_gone_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
