#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/peers.h"

static void an_address_has_so_many_connections(void **state)
{
    (void)state;
    struct http_peers *peers = http_peers_create(2);
    assert_true(http_peers_enter(peers, "192.0.2.1:1"));
    assert_true(http_peers_enter(peers, "192.0.2.1:2"));
    assert_false(http_peers_enter(peers, "192.0.2.1:3"));
    assert_true(http_peers_enter(peers, "192.0.2.2:1"));
    assert_true(http_peers_enter(peers, "[2001:db8::1]:1"));
    http_peers_leave(peers, "192.0.2.1:1");
    assert_true(http_peers_enter(peers, "192.0.2.1:4"));
    assert_false(http_peers_enter(peers, "192.0.2.1:5"));
    http_peers_destroy(peers);
}

static void the_machine_itself_is_not_counted(void **state)
{
    (void)state;
    struct http_peers *peers = http_peers_create(0);
    static const char *const own[] = {"127.0.0.1:1", "127.1.2.3:1", "[::1]:1", "local"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        assert_true(http_peers_enter(peers, own[i]));
        http_peers_leave(peers, own[i]);
    }
    assert_false(http_peers_enter(peers, "192.0.2.1:1"));
    http_peers_destroy(peers);
    http_peers_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_so_many_connections),
        cmocka_unit_test(the_machine_itself_is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
