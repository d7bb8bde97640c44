/* All publishers of a house: who of a crowd hears why, and what an operator finds in the
 * log of who came and went. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/log.h"
#include "server/show/addresses.h"
#include "server/show/hub.h"
#include "tests/kit/logged.h"
#include "tests/kit/shop.h"

static const char STUDIO[] = "192.0.2.1";
static const char PHONE[] = "192.0.2.2";
enum { WAITING_MAX = 20 }; /* rtmp.connections_per_address */

static void begin_log(void)
{
    log_set_level(LOG_INFO);
    logged_begin();
}

static const char *end_log(void)
{
    log_set_level(LOG_ERROR);
    return logged_end();
}

static bool has_publishers(struct show_hub *hub, void *ctx)
{
    return hub->n_publishers == *(const unsigned *)ctx;
}

static void await_on_each_lane(struct house *house, unsigned n)
{
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(house, lane, has_publishers, &n);
}

static void open_crowd(struct encoder *crowd, unsigned n, struct house *house,
                       enum rtmp_client_state until)
{
    for (unsigned i = 0; i < n; i++)
        encoder_begin_from(&crowd[i], house, i % 2, "nobodys", STUDIO, until);
}

static void close_crowd(struct encoder *crowd, unsigned n, struct house *house)
{
    for (unsigned i = 0; i < n; i++)
        encoder_close(&crowd[i]);
    await_on_each_lane(house, 0);
}

static void publish_and_drop(struct house *house, const char *key, const char *address)
{
    struct encoder encoder;
    encoder_open_from(&encoder, house, 0, key, address);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
}

/* Up to the server's last words, which are "" when there were none. */
static void hear_the_end(struct house *house, const char *key, const char *address,
                         const char *words)
{
    struct encoder encoder;
    encoder_open_from(&encoder, house, 0, key, address);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

static const char CROWDED[] =
    "Too many connections of your address do not publish yet; "
    "close some, or wait 10 s.";
static const char UNKNOWN[] =
    "Stream key not recognised. Check that all of it was copied, or make a new one.";
static const char TAKEN[] =
    "Another encoder is already live on this show (policy: reject).";

static void tells_who_is_too_much_of_an_address_why_it_goes(void **state)
{
    struct house *house = *state;
    struct encoder crowd[WAITING_MAX];
    struct shop_show show = shop_make_show(house, "spring");
    open_crowd(crowd, WAITING_MAX, house, RTMP_CLIENT_CONNECTING);
    for (unsigned i = 0; i < 3 * ADDRESSES_TOLD_MAX; i++)
        hear_the_end(house, show.key, STUDIO, CROWDED);
    publish_and_drop(house, show.key, PHONE);
    close_crowd(crowd, WAITING_MAX, house);
    /* Who publishes is not counted: the same address, again and again. */
    for (unsigned i = 0; i < WAITING_MAX + 10; i++)
        publish_and_drop(house, show.key, STUDIO);
}

static void closes_the_door_on_a_crowd_that_does_not_listen(void **state)
{
    enum { CROWD = WAITING_MAX + ADDRESSES_TOLD_MAX };
    struct house *house = *state;
    struct encoder crowd[CROWD];
    struct shop_show show = shop_make_show(house, "spring");
    open_crowd(crowd, CROWD, house, RTMP_CLIENT_HANDSHAKE);
    await_on_each_lane(house, CROWD / 2);
    begin_log();
    for (unsigned i = 0; i < 5; i++)
        hear_the_end(house, show.key, STUDIO, "");
    const char *text = end_log();
    assert_int_equal(logged_count(text,
                                  "a connection of 192.0.2.1 was closed: too many "
                                  "of this address do not publish yet\n"),
                     1);
    publish_and_drop(house, show.key, PHONE);
    close_crowd(crowd, CROWD, house);
    publish_and_drop(house, show.key, STUDIO);
}

static void logs_each_refused_address_and_reason_once(void **state)
{
    struct house *house = *state;
    struct encoder on_air;
    struct shop_show show = shop_make_show(house, "spring");
    client_expect(house, 1, "PATCH /api/shows/spring", "{\"policy\":\"reject\"}", 200);
    encoder_go_live(&on_air, house, show.key, 1000);
    begin_log();
    for (unsigned i = 0; i < 3; i++) {
        hear_the_end(house, "spring_aaaabbbbccccddddeeeeffff", STUDIO, UNKNOWN);
        hear_the_end(house, "spring_aaaabbbbccccddddeeeegggg", PHONE, UNKNOWN);
        hear_the_end(house, show.key, STUDIO, TAKEN);
    }
    const char *text = end_log();
    assert_int_equal(logged_count(text, "publish refused"), 3);
    assert_int_equal(logged_count(text, "publish refused: Stream key not recognised"),
                     2);
    assert_int_equal(
        logged_count(text, "publish refused for show spring, key k1: Another encoder"),
        1);
    assert_int_equal(logged_count(text, "_aaaabbbb"), 0);
    encoder_close(&on_air);
}

static void break_off(struct house *house, const char *address)
{
    static const char words[] = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n";
    char reply[64];
    int fd = house_dial_rtmp_from(house, 0, address);
    assert_int_equal(write(fd, words, sizeof words - 1), sizeof words - 1);
    assert_int_equal(read(fd, reply, sizeof reply), 0);
    (void)close(fd);
}

static void logs_each_broken_connection_of_an_address_once(void **state)
{
    begin_log();
    for (unsigned i = 0; i < 3; i++) {
        break_off(*state, STUDIO);
        break_off(*state, PHONE);
    }
    assert_int_equal(logged_count(end_log(), "connection ended: "), 2);
}

/* What the log has of a publish that lasts for a second of media. */
static const char *log_of_publish(struct house *house, bool stops)
{
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    begin_log();
    encoder_go_live(&encoder, house, show.key, 1000);
    if (stops)
        encoder_stop(&encoder);
    encoder_close(&encoder);
    await_on_each_lane(house, 0);
    return end_log();
}

static void logs_how_long_and_how_much_somebody_published(void **state)
{
    const char *text = log_of_publish(*state, true);
    const char *line = strstr(text, "publisher stopped: its encoder said so (session ");
    assert_non_null(line);
    char session[17];
    long long seconds, bytes;
    assert_int_equal(sscanf(line,
                            "publisher stopped: its encoder said so "
                            "(session %16[a-z0-9], %lld s, %lld bytes)",
                            session, &seconds, &bytes),
                     3);
    assert_in_range(bytes, 5000, 50000);
    assert_int_equal(logged_count(text, session), 2); /* the accept's line too */
    assert_int_equal(logged_count(text, "publisher gone"), 0);
}

static void logs_it_too_when_the_connection_is_lost(void **state)
{
    const char *text = log_of_publish(*state, false);
    assert_int_equal(logged_count(text, "publisher gone: "), 1);
    assert_int_equal(logged_count(text, " bytes)\n"), 1);
}

#define IN_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(tells_who_is_too_much_of_an_address_why_it_goes),
        IN_HOUSE(closes_the_door_on_a_crowd_that_does_not_listen),
        IN_HOUSE(logs_each_refused_address_and_reason_once),
        IN_HOUSE(logs_each_broken_connection_of_an_address_once),
        IN_HOUSE(logs_how_long_and_how_much_somebody_published),
        IN_HOUSE(logs_it_too_when_the_connection_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
