#include "server/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/err.h"
#include "core/log.h"
#include "server/loop/socket.h"

static const char ANYWHERE[] = "127.0.0.1:0";

static int open_socket(bool shared)
{
    struct err err;
    int fd = -1;
    if (loop_socket_open(ANYWHERE, shared, &fd, &err) != 0)
        fail_msg("%s", err.text);
    return fd;
}

static void add(struct sockets *sockets, const char *name, unsigned n, bool shared)
{
    for (unsigned i = 0; i < n; i++)
        server_sockets_add(sockets, name, open_socket(shared));
}

static void place_all(struct sockets *sockets)
{
    const struct socket_place places[] = {{"rtmp", ANYWHERE}, {"http", ANYWHERE}};
    server_sockets_place(sockets, places, 2);
}

static void close_taken(const int *fds, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(close(fds[i]), 0);
}

/* What a process finds that was started with these. */
static void receives_those_that_are_for_this_process(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char text[16];
        int first = open_socket(true);
        int second = open_socket(true);
        bool placed = dup2(first, 100) == 100 && dup2(second, 101) == 101 &&
                      dup2(100, 3) == 3 && dup2(101, 4) == 4;
        (void)snprintf(text, sizeof text, "%d", (int)getpid());
        (void)setenv("LISTEN_PID", text, 1);
        (void)setenv("LISTEN_FDS", "2", 1);
        (void)setenv("LISTEN_FDNAMES", "rtmp:http", 1);
        server_sockets_receive(&sockets);
        bool named = server_sockets_has(&sockets, "rtmp") &&
                     server_sockets_has(&sockets, "http") &&
                     !server_sockets_has(&sockets, "admin");
        bool closed_on_exec = (fcntl(3, F_GETFD) & FD_CLOEXEC) != 0;
        bool unset =
            !getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
        _exit(placed && named && closed_on_exec && unset ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void leaves_those_of_another_process_alone(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    (void)setenv("LISTEN_PID", "1", 1);
    (void)setenv("LISTEN_FDS", "1", 1);
    (void)setenv("LISTEN_FDNAMES", "rtmp", 1);
    server_sockets_receive(&sockets);
    assert_false(server_sockets_has(&sockets, "rtmp"));
    assert_null(getenv("LISTEN_FDS"));
    server_sockets_close(&sockets);
}

static void closes_what_is_configured_elsewhere(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    const struct socket_place places[] = {
        {"rtmp", "127.0.0.2:0"}, {"rtmps", NULL}, {"http", ANYWHERE}};
    add(&sockets, "rtmp", 1, true);
    add(&sockets, "rtmps", 1, true);
    add(&sockets, "http", 1, true);
    add(&sockets, "gopher", 1, true);
    server_sockets_place(&sockets, places, 3);
    assert_false(server_sockets_has(&sockets, "rtmp"));
    assert_false(server_sockets_has(&sockets, "rtmps"));
    assert_false(server_sockets_has(&sockets, "gopher"));
    assert_true(server_sockets_has(&sockets, "http"));
    server_sockets_close(&sockets);
}

static void names_a_socket_by_its_address(void **state)
{
    (void)state;
    char address[32];
    struct sockets sockets = {0};
    int fd = open_socket(true);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", loop_socket_port(fd));
    const struct socket_place places[] = {{"rtmp", ANYWHERE}, {"http", address}};
    server_sockets_add(&sockets, "", fd);
    server_sockets_place(&sockets, places, 2);
    assert_true(server_sockets_has(&sockets, "http"));
    assert_false(server_sockets_has(&sockets, "rtmp"));
    server_sockets_close(&sockets);
}

static void gives_each_lane_its_own(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    int fds[SOCKETS_PER_LANE_MAX];
    add(&sockets, "http", 3, true);
    place_all(&sockets);
    assert_int_equal(server_sockets_take(&sockets, "rtmp", 0, 2, fds), 0);
    assert_int_equal(server_sockets_take(&sockets, "http", 0, 2, fds), 2);
    close_taken(fds, 2);
    assert_int_equal(server_sockets_take(&sockets, "http", 1, 2, fds), 1);
    close_taken(fds, 1);
    server_sockets_close(&sockets);
}

/* It opens one of its own beside them. */
static void leaves_a_lane_without_where_ports_are_shared(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    int fds[SOCKETS_PER_LANE_MAX], none[SOCKETS_PER_LANE_MAX];
    add(&sockets, "http", 1, true);
    assert_int_equal(server_sockets_take(&sockets, "http", 0, 2, fds), 1);
    assert_int_equal(server_sockets_take(&sockets, "http", 1, 2, none), 0);
    close_taken(fds, 1);
    server_sockets_close(&sockets);
}

static void gives_a_copy_where_ports_are_not_shared(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    int first[SOCKETS_PER_LANE_MAX], second[SOCKETS_PER_LANE_MAX];
    add(&sockets, "http", 1, false);
    assert_int_equal(server_sockets_take(&sockets, "http", 0, 2, first), 1);
    assert_int_equal(server_sockets_take(&sockets, "http", 1, 2, second), 1);
    assert_int_not_equal(first[0], second[0]);
    assert_true(loop_socket_is_same(first[0], second[0]));
    close_taken(first, 1);
    close_taken(second, 1);
    server_sockets_close(&sockets);
}

static void counts_a_socket_once(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    int fds[SOCKETS_PER_LANE_MAX];
    int fd = open_socket(false);
    server_sockets_add(&sockets, "http", loop_socket_copy(fd));
    server_sockets_add(&sockets, "http", fd);
    assert_int_equal(server_sockets_take(&sockets, "http", 0, 1, fds), 1);
    close_taken(fds, 1);
    server_sockets_close(&sockets);
}

int main(void)
{
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receives_those_that_are_for_this_process),
        cmocka_unit_test(leaves_those_of_another_process_alone),
        cmocka_unit_test(closes_what_is_configured_elsewhere),
        cmocka_unit_test(names_a_socket_by_its_address),
        cmocka_unit_test(gives_each_lane_its_own),
        cmocka_unit_test(leaves_a_lane_without_where_ports_are_shared),
        cmocka_unit_test(gives_a_copy_where_ports_are_not_shared),
        cmocka_unit_test(counts_a_socket_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
