#include "server/loop/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/err.h"

static int open_at(const char *address, bool shared)
{
    struct err err;
    int fd = -1;
    if (loop_socket_open(address, shared, &fd, &err) != 0)
        fail_msg("%s", err.text);
    return fd;
}

static void tells_a_listening_socket_from_another(void **state)
{
    (void)state;
    int pair[2];
    int fd = open_at("127.0.0.1:0", true);
    assert_true(loop_socket_is_listening(fd));
    (void)close(fd);
    assert_false(loop_socket_is_listening(fd));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_false(loop_socket_is_listening(pair[0]));
    (void)close(pair[0]);
    (void)close(pair[1]);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_false(loop_socket_is_listening(fd));
    (void)close(fd);
}

static void knows_where_it_is_bound(void **state)
{
    (void)state;
    char address[64];
    int fd = open_at("127.0.0.1:0", true);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", loop_socket_port(fd));
    assert_true(loop_socket_is_at(fd, address));
    assert_true(loop_socket_is_at(fd, "127.0.0.1:0")); /* any port will do */
    assert_false(loop_socket_is_at(fd, "127.0.0.1:1"));
    (void)snprintf(address, sizeof address, "127.0.0.2:%u", loop_socket_port(fd));
    assert_false(loop_socket_is_at(fd, address));
    (void)snprintf(address, sizeof address, ":%u", loop_socket_port(fd));
    assert_false(loop_socket_is_at(fd, address));
    assert_false(loop_socket_is_at(fd, "nowhere"));
    (void)close(fd);
}

static void knows_every_address_from_one_family(void **state)
{
    (void)state;
    char any[16], v6[16];
    int fd = open_at(":0", true);
    (void)snprintf(any, sizeof any, ":%u", loop_socket_port(fd));
    (void)snprintf(v6, sizeof v6, "[::]:%u", loop_socket_port(fd));
    assert_true(loop_socket_is_at(fd, any));
    assert_false(loop_socket_is_at(fd, v6));
    (void)close(fd);
}

static void tells_whether_others_may_listen_there_too(void **state)
{
    (void)state;
    int alone = open_at("127.0.0.1:0", false);
    int shared = open_at("127.0.0.1:0", true);
    assert_false(loop_socket_is_shared(alone));
    assert_true(loop_socket_is_shared(shared));
    (void)close(alone);
    (void)close(shared);
}

static void knows_its_copies(void **state)
{
    (void)state;
    int fd = open_at("127.0.0.1:0", true);
    int other = open_at("127.0.0.1:0", true);
    int copy = loop_socket_copy(fd);
    assert_true(loop_socket_is_same(fd, copy));
    assert_false(loop_socket_is_same(fd, other));
    assert_true(fcntl(copy, F_GETFD) & FD_CLOEXEC);
    (void)close(fd);
    assert_true(loop_socket_is_listening(copy));
    (void)close(copy);
    (void)close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_listening_socket_from_another),
        cmocka_unit_test(knows_where_it_is_bound),
        cmocka_unit_test(knows_every_address_from_one_family),
        cmocka_unit_test(tells_whether_others_may_listen_there_too),
        cmocka_unit_test(knows_its_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
