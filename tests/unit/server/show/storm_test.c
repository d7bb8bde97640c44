/* Encoders, hosts and lines that do everything at the wrong moment, in an order that a
 * seed decides: nothing may break, hang or be left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/show/rehearsal.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

enum { ENCODERS = 5, STEPS = 250, LINGER_MS = 300 };

struct storm {
    struct house *house;
    struct shop_show show;
    struct encoder encoders[ENCODERS];
    bool is_open[ENCODERS];
    uint32_t sent_ms[ENCODERS];
    uint32_t random;
};

static uint32_t next(struct storm *storm, uint32_t n)
{
    storm->random = storm->random * 1664525u + 1013904223u;
    return (storm->random >> 8) % n;
}

static void make_show(struct storm *storm)
{
    storm->show = shop_make_show(storm->house, "spring");
}

static void drop(struct storm *storm, unsigned i)
{
    if (storm->is_open[i])
        encoder_close(&storm->encoders[i]);
    storm->is_open[i] = false;
}

/* As primary, backup or rehearsal, from one of two addresses, on either lane. */
static void come(struct storm *storm, unsigned i)
{
    static const char *const queries[] = {"", "", "?backup=1", "?test=1"};
    static const char *const addresses[] = {"192.0.2.1", "198.51.100.7"};
    char key[160];
    drop(storm, i);
    (void)snprintf(key, sizeof key, "%s%s", storm->show.key, queries[next(storm, 4)]);
    struct encoder *encoder = &storm->encoders[i];
    unsigned lane = next(storm, 2);
    if (next(storm, 6) == 0)
        encoder_begin(encoder, storm->house, lane, key, RTMP_CLIENT_ASKING);
    else
        encoder_open_from(encoder, storm->house, lane, key, addresses[next(storm, 2)]);
    storm->is_open[i] = true;
    storm->sent_ms[i] = 0;
    if (encoder_state(encoder) == RTMP_CLIENT_PUBLISHING)
        encoder_send_headers(encoder);
}

static void send_media(struct storm *storm, unsigned i)
{
    if (!storm->is_open[i] ||
        encoder_state(&storm->encoders[i]) != RTMP_CLIENT_PUBLISHING)
        return;
    storm->sent_ms[i] += 200 + next(storm, 3000);
    encoder_send_until(&storm->encoders[i], storm->sent_ms[i]);
}

static void call(struct storm *storm, const char *request, const char *body)
{
    struct answer answer = client_call(storm->house, next(storm, 2), request, body);
    assert_in_range(answer.status, 200, 499);
    client_free(&answer);
}

static void act_as_host(struct storm *storm)
{
    switch (next(storm, 8)) {
    case 0:
        call(storm, "POST /api/shows/spring/end", "{}");
        return;
    case 1:
        call(storm, "DELETE /api/shows/spring", NULL);
        make_show(storm);
        return;
    case 2:
    case 3:
        call(storm, "POST /api/shows/spring/live", "{}");
        return;
    case 4:
        call(storm, "PATCH /api/shows/spring",
             next(storm, 2) ? "{\"rehearsal\":true}" : "{\"rehearsal\":false}");
        return;
    case 5:
        call(storm, "PATCH /api/shows/spring",
             next(storm, 2) ? "{\"policy\":\"reject\"}" : "{\"policy\":\"takeover\"}");
        return;
    case 6:
        call(storm, "POST /api/shows/spring/kick", "{}");
        return;
    default:
        call(storm, "POST /api/shows/spring/cues", "{\"k\":\"show\",\"sku\":\"mug\"}");
        return;
    }
}

static void reopen_keys(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->closed_until_ms = 0;
    show->key_use = (struct show_key_use){0};
    show->rivals = (struct show_rivals){0};
}

static void step(struct storm *storm)
{
    static char id[] = "spring";
    unsigned i = next(storm, ENCODERS);
    switch (next(storm, 10)) {
    case 0:
    case 1:
    case 2:
        come(storm, i);
        return;
    case 3:
        drop(storm, i);
        return;
    case 4:
        if (storm->is_open[i] &&
            encoder_state(&storm->encoders[i]) == RTMP_CLIENT_PUBLISHING)
            encoder_stop(&storm->encoders[i]);
        return;
    case 5:
        act_as_host(storm);
        house_run(storm->house, house_lane_of(storm->house, id), reopen_keys, id);
        return;
    default:
        send_media(storm, i);
        return;
    }
}

static bool is_quiet(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    return hub->n_publishers == 0 &&
           counter_get(&hub->house->metrics->publishers) == 0 &&
           counter_get(&hub->house->metrics->shows_live) == 0;
}

static void weather(uint32_t seed)
{
    struct house house;
    struct storm storm = {.house = &house, .random = seed};
    house_open_lingering(&house, 2, LINGER_MS);
    shop_make_product(&house, "mug", "Mug");
    make_show(&storm);
    for (int i = 0; i < STEPS; i++)
        step(&storm);
    for (unsigned i = 0; i < ENCODERS; i++)
        drop(&storm, i);
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(&house, lane, is_quiet, NULL);
    house_close(&house);
}

static void leaves_nothing_behind(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++)
        weather(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
