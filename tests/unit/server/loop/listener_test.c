#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/err.h"
#include "server/loop/listener.h"
#include "server/loop/loop.h"
#include "server/loop/tcp.h"

enum { CLIENTS = 100 };

struct door {
    struct loop *loop;
    struct loop_listener *listener;
    unsigned n_accepted, stop_at;
    bool close_inside;
};

static void on_accepted(void *ctx, int fd)
{
    struct door *door = ctx;
    (void)close(fd);
    if (door->close_inside)
        loop_listener_close(door->listener);
    if (++door->n_accepted == door->stop_at)
        loop_stop(door->loop);
}

static void open_door(struct door *door, const char *address)
{
    struct err err;
    if (!door->loop)
        door->loop = loop_create(0);
    int result = loop_listener_open(door->loop, address, on_accepted, door,
                                    &door->listener, &err);
    if (result < 0)
        fail_msg("%s", err.text);
    assert_int_not_equal(loop_listener_port(door->listener), 0);
}

/* Connects without waiting; the kernel completes it while we run the loop. */
static int knock(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    (void)!connect(fd, (const struct sockaddr *)&address, sizeof address);
    return fd;
}

static void accepts_all_who_knock(void **state)
{
    (void)state;
    struct door door = {.stop_at = CLIENTS};
    open_door(&door, "127.0.0.1:0");
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = knock(loop_listener_port(door.listener));
    loop_run(door.loop);
    assert_int_equal(door.n_accepted, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        (void)close(fds[i]);
    loop_listener_close(door.listener);
    loop_destroy(door.loop);
}

static void closes_inside_its_callback(void **state)
{
    (void)state;
    struct door door = {.stop_at = 1, .close_inside = true};
    open_door(&door, "127.0.0.1:0");
    int first = knock(loop_listener_port(door.listener));
    int second = knock(loop_listener_port(door.listener));
    loop_run(door.loop);
    assert_int_equal(door.n_accepted, 1);
    loop_destroy(door.loop);
    (void)close(first);
    (void)close(second);
}

static void takes_ipv4_on_every_address(void **state)
{
    (void)state;
    struct door door = {.stop_at = 1};
    open_door(&door, ":0");
    int fd = knock(loop_listener_port(door.listener));
    loop_run(door.loop);
    assert_int_equal(door.n_accepted, 1);
    (void)close(fd);
    loop_destroy(door.loop);
    loop_listener_close(door.listener); /* after the loop: allowed */
}

static void two_listeners_share_a_port(void **state)
{
    (void)state;
    struct door one = {0}, two = {0};
    open_door(&one, "127.0.0.1:0");
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%u",
                   (unsigned)loop_listener_port(one.listener));
    two.loop = one.loop;
    open_door(&two, address);
    assert_int_equal(loop_listener_port(one.listener),
                     loop_listener_port(two.listener));
    loop_listener_close(one.listener);
    loop_listener_close(two.listener);
    loop_destroy(one.loop);
}

static void claims_a_port_only_while_nobody_listens(void **state)
{
    (void)state;
    struct loop *loop = loop_create(0);
    struct loop_listener *listener;
    struct err err;
    char address[32];
    assert_int_equal(
        loop_listener_open(loop, "127.0.0.1:0", on_accepted, NULL, &listener, &err), 0);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u",
                   loop_listener_port(listener));
    assert_int_equal(loop_listener_claim(address, &err), -ERR_IO);
    assert_non_null(strstr(err.text, address));
    loop_listener_close(listener);
    loop_destroy(loop);
    assert_int_equal(loop_listener_claim(address, &err), 0);
}

static void says_why_it_cannot_listen(void **state)
{
    (void)state;
    struct loop *loop = loop_create(0);
    struct loop_listener *listener = NULL;
    struct err err = {0};
    assert_int_equal(
        loop_listener_open(loop, "8080", on_accepted, NULL, &listener, &err),
        -ERR_INVALID);
    assert_int_equal(
        loop_listener_open(loop, "192.0.2.1:0", on_accepted, NULL, &listener, &err),
        -ERR_IO);
    assert_true(bytes_has_prefix(bytes_text(err.text), "cannot listen on 192.0.2.1:0"));
    assert_null(listener);
    loop_listener_close(NULL);
    loop_destroy(loop);
}

static void on_readable(void *ctx, struct bytes in)
{
    (void)ctx;
    (void)in;
    fail();
}

static void on_closed(void *ctx, const struct err *why)
{
    (void)why;
    struct door *door = ctx;
    loop_stop(door->loop);
}

/* Leaves no descriptor free but the listener's reserve: the client is accepted and closed
 * at once, and sees the end of the stream, which ends the test. */
static void closes_at_once_when_descriptors_run_out(void **state)
{
    (void)state;
    static const struct loop_tcp_handler handler = {.readable = on_readable,
                                                    .closed = on_closed};
    static const struct loop_tcp_limits limits = {.queue_max = 1, .stall_ms = 1000};
    struct door door = {0};
    open_door(&door, "127.0.0.1:0");
    int client = knock(loop_listener_port(door.listener));
    (void)loop_tcp_adopt(door.loop, client, &handler, &limits, &door);
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)client + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    loop_run(door.loop);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(door.n_accepted, 0);
    loop_listener_close(door.listener);
    loop_destroy(door.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_all_who_knock),
        cmocka_unit_test(closes_inside_its_callback),
        cmocka_unit_test(takes_ipv4_on_every_address),
        cmocka_unit_test(two_listeners_share_a_port),
        cmocka_unit_test(claims_a_port_only_while_nobody_listens),
        cmocka_unit_test(says_why_it_cannot_listen),
        cmocka_unit_test(closes_at_once_when_descriptors_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
