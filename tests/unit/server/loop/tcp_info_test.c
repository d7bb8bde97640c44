/* Connections of the kernel's TCP: who is there, and how the line is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/loop/tcp_info.h"
#include "tests/unit/server/loop/end.h"

/* Over loopback. */
static void begin_over_tcp(struct end_alone *alone)
{
    int fds[2];
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
    end_alone_begin_on(alone, fds);
}

static void tells_the_peers_address(void **state)
{
    (void)state;
    struct end_alone it;
    begin_over_tcp(&it);
    struct sockaddr_in own = {0};
    socklen_t len = sizeof own;
    assert_int_equal(getsockname(it.peer, (struct sockaddr *)&own, &len), 0);
    char expected[32];
    (void)snprintf(expected, sizeof expected, "127.0.0.1:%u",
                   (unsigned)ntohs(own.sin_port));
    assert_string_equal(loop_tcp_peer(it.end.tcp), expected);
    assert_string_equal(loop_tcp_host(it.end.tcp), "127.0.0.1");
    end_alone_finish(&it);
}

static void tells_what_the_kernel_knows(void **state)
{
    (void)state;
    struct end_alone it;
    begin_over_tcp(&it);
    loop_tcp_notice_death(it.end.tcp, 10000);
    end_alone_hear(&it, "hello");
    it.end.on_readable = END_STOP;
    struct loop_tcp_info info;
    loop_tcp_info(it.end.tcp, &info);
    assert_true(info.rtt_us > 0);
    assert_int_equal(info.received_bytes, 5);
    assert_int_equal(info.retransmits, 0);
    assert_int_equal(info.unacked_bytes, 0);
    unsigned death_ms = 0;
    int probed = 0;
    socklen_t len = sizeof death_ms, probed_len = sizeof probed;
    assert_int_equal(getsockopt(it.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &death_ms, &len),
                     0);
    assert_int_equal(death_ms, 10000);
    assert_int_equal(getsockopt(it.fd, SOL_SOCKET, SO_KEEPALIVE, &probed, &probed_len),
                     0);
    assert_true(probed);
    loop_run(it.loop);
    end_alone_finish(&it);
}

static void the_kernel_knows_nothing_of_a_local_socket(void **state)
{
    (void)state;
    struct end_alone it;
    end_alone_begin(&it);
    loop_tcp_notice_death(it.end.tcp, 10000);
    struct loop_tcp_info info = {.rtt_us = 1};
    loop_tcp_info(it.end.tcp, &info);
    assert_int_equal(info.rtt_us, 0);
    assert_int_equal(info.received_bytes, 0);
    assert_string_equal(loop_tcp_host(it.end.tcp), "local");
    end_alone_finish(&it);
}

static void a_reset_closes(void **state)
{
    (void)state;
    struct end_alone it;
    begin_over_tcp(&it);
    struct linger now = {.l_onoff = 1};
    assert_int_equal(setsockopt(it.peer, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    end_alone_close_peer(&it);
    loop_run(it.loop);
    end_alone_finish(&it);
    assert_int_equal(it.end.n_closed, 1);
    assert_int_equal(it.end.n_ended, 0);
    assert_int_equal(it.end.why.code, ERR_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_peers_address),
        cmocka_unit_test(tells_what_the_kernel_knows),
        cmocka_unit_test(the_kernel_knows_nothing_of_a_local_socket),
        cmocka_unit_test(a_reset_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
