/* How long the show and its publishers' connections wait, in numbers that players,
 * encoders and manuals count on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "core/counter.h"
#include "core/monotime.h"
#include "server/loop/loop.h"
#include "server/loop/tcp.h"
#include "server/show/show.h"
#include "tests/kit/shop.h"

/* What connections were told, and by how many calls: the linker puts the two functions
 * here in their places. */
static struct counter n_flushes, flush_ms, n_deaths, death_ms;

void __real_loop_tcp_close_flushed(struct loop_tcp *tcp, int64_t within_ms);
void __real_loop_tcp_notice_death(struct loop_tcp *tcp, int64_t within_ms);
void __wrap_loop_tcp_close_flushed(struct loop_tcp *tcp, int64_t within_ms);
void __wrap_loop_tcp_notice_death(struct loop_tcp *tcp, int64_t within_ms);

void __wrap_loop_tcp_close_flushed(struct loop_tcp *tcp, int64_t within_ms)
{
    counter_add(&n_flushes, 1);
    counter_add(&flush_ms, within_ms);
    __real_loop_tcp_close_flushed(tcp, within_ms);
}

void __wrap_loop_tcp_notice_death(struct loop_tcp *tcp, int64_t within_ms)
{
    counter_add(&n_deaths, 1);
    counter_add(&death_ms, within_ms);
    __real_loop_tcp_notice_death(tcp, within_ms);
}

/* No show is made: the connections of its making have times of their own. */
static void an_encoder_that_is_refused_has_a_second_to_hear_why(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    int64_t n = counter_get(&n_flushes), ms = counter_get(&flush_ms);
    encoder_open(&encoder, house, 0, "spring_aaaabbbbccccddddeeeeffff2");
    encoder_await_end(&encoder);
    assert_int_equal(counter_get(&n_flushes) - n, 1);
    assert_int_equal(counter_get(&flush_ms) - ms, 1000);
    encoder_close(&encoder);
}

/* rtmp.idle is 10 s here. */
static void a_line_that_is_dead_is_noticed_as_soon_as_one_that_is_idle(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct shop_show show = shop_make_show(house, "spring");
    int64_t n = counter_get(&n_deaths), ms = counter_get(&death_ms);
    encoder_open(&encoder, house, house_lane_of(house, "spring"), show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    assert_int_equal(counter_get(&n_deaths) - n, 1);
    assert_int_equal(counter_get(&death_ms) - ms, 10000);
    encoder_close(&encoder);
}

struct silence {
    bool is_seen;               /* there was media to fall silent */
    bool had_media, is_missing; /* a millisecond before two seconds, and then */
};

static void fall_silent(struct show_hub *hub, void *ctx)
{
    struct silence *silence = ctx;
    struct show *show = show_hub_show(hub, bytes_text("spring"));
    int64_t now_ms = loop_now_ms(hub->loop);
    if (!show_has_media(show))
        return;
    silence->is_seen = true;
    show->media_at_ms = now_ms;
    show_tick(show, now_ms + 1999);
    silence->had_media = show_has_media(show);
    show_tick(show, now_ms + 2000);
    silence->is_missing = !show_has_media(show);
}

static void viewers_hear_of_two_seconds_of_silence(void **state)
{
    struct house *house = *state;
    struct encoder encoder;
    struct silence silence = {0};
    uint32_t sent_ms = 4000;
    struct shop_show show = shop_make_show(house, "spring");
    encoder_go_live(&encoder, house, show.key, sent_ms);
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    while (!silence.is_seen) {
        assert_true(monotime_ms() < until_ms);
        encoder_send_until(&encoder, sent_ms += 40);
        (void)poll(NULL, 0, 20);
        house_run(house, house_lane_of(house, "spring"), fall_silent, &silence);
    }
    assert_true(silence.had_media);
    assert_true(silence.is_missing);
    encoder_close(&encoder);
}

struct closing {
    bool before, after; /* refused: a millisecond before the minute is over, and then */
};

static void close_for_a_minute(struct show_hub *hub, void *ctx)
{
    struct closing *closing = ctx;
    struct show *show = show_hub_show(hub, bytes_text("spring"));
    show_close(show);
    show->closed_until_ms -= 59999;
    closing->before = show_is_closed(show);
    show->closed_until_ms -= 1;
    closing->after = show_is_closed(show);
}

static void encoders_are_refused_for_a_minute_after_the_host_s_end(void **state)
{
    struct house *house = *state;
    struct closing closing;
    (void)shop_make_show(house, "spring");
    house_run(house, house_lane_of(house, "spring"), close_for_a_minute, &closing);
    assert_true(closing.before);
    assert_false(closing.after);
}

#define IN_A_HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        IN_A_HOUSE(an_encoder_that_is_refused_has_a_second_to_hear_why),
        IN_A_HOUSE(a_line_that_is_dead_is_noticed_as_soon_as_one_that_is_idle),
        IN_A_HOUSE(viewers_hear_of_two_seconds_of_silence),
        IN_A_HOUSE(encoders_are_refused_for_a_minute_after_the_host_s_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
