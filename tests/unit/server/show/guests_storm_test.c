/* A shop that sends encoders here and there, or says nonsense, or nothing, while hosts end,
 * delete, revoke and send away, in an order that a seed decides: nothing may break, hang or
 * be left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/show.h"
#include "tests/kit/house.h"
#include "tests/kit/receiver.h"
#include "tests/kit/shop.h"

enum { ENCODERS = 6, SHOWS = 4, STEPS = 200, LANES = 3, LINGER_MS = 300 };

struct storm {
    struct house house;
    struct receiver receiver;
    struct shop_show shows[SHOWS];
    char once[SHOWS][128]; /* a one-time key of each */
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

static void call(struct storm *storm, const char *method, unsigned i, const char *what,
                 const char *body)
{
    char request[160];
    (void)snprintf(request, sizeof request, "%s /api/shows/show-%u%s", method, i, what);
    struct answer answer =
        client_call(&storm->house, next(storm, LANES), request, body);
    assert_in_range(answer.status, 200, 499);
    const char *key = client_field(&answer, "stream_key");
    if (key && what[0])
        (void)snprintf(storm->once[i], sizeof storm->once[i], "%s", key);
    client_free(&answer);
}

static void make_show(struct storm *storm, unsigned i)
{
    char id[32];
    (void)snprintf(id, sizeof id, "show-%u", i);
    storm->shows[i] = shop_make_show(&storm->house, id);
    call(storm, "POST", i, "/keys", "{\"one_time\":true,\"cues\":true}");
}

static void drop(struct storm *storm, unsigned i)
{
    if (storm->is_open[i])
        encoder_close(&storm->encoders[i]);
    storm->is_open[i] = false;
}

/* Half of the encoders do not wait to hear what the shop says. */
static void come(struct storm *storm, unsigned i)
{
    static const char *const queries[] = {"", "", "?backup=1", "?test=1",
                                          "?test=1&backup=1"};
    char key[160];
    unsigned show = next(storm, SHOWS);
    struct encoder *encoder = &storm->encoders[i];
    drop(storm, i);
    (void)snprintf(key, sizeof key, "%s%s",
                   next(storm, 3) ? storm->shows[show].key : storm->once[show],
                   queries[next(storm, 5)]);
    encoder_begin(encoder, &storm->house, next(storm, LANES), key,
                  next(storm, 2) ? RTMP_CLIENT_ASKING : RTMP_CLIENT_PUBLISHING);
    storm->is_open[i] = true;
    storm->sent_ms[i] = 0;
    if (encoder_state(encoder) == RTMP_CLIENT_PUBLISHING)
        encoder_send_headers(encoder);
}

static void say(struct storm *storm)
{
    static const char *const nonsense[] = {"",
                                           "{",
                                           "null",
                                           "{\"stream\":\"nowhere\"}",
                                           "{\"stream\":{}}",
                                           "{\"max_kbps\":-1}",
                                           "{\"expires\":99999999999999999999}",
                                           "{\"allow\":false}"};
    char answer[128];
    int status = next(storm, 8) ? 200 : 403;
    if (next(storm, 4))
        (void)snprintf(answer, sizeof answer,
                       "{\"stream\":\"show-%u\",\"max_kbps\":%u,\"expires\":%s}",
                       next(storm, SHOWS), 1 + next(storm, 5000),
                       next(storm, 8) ? "4102444800" : "1");
    else
        (void)snprintf(answer, sizeof answer, "%s", nonsense[next(storm, 8)]);
    receiver_forget(&storm->receiver);
    receiver_answer(&storm->receiver, status, answer);
}

static void act_as_host(struct storm *storm)
{
    static const char *const what[] = {"/end", "/kick", "/live", "/kick"};
    unsigned i = next(storm, SHOWS);
    switch (next(storm, 8)) {
    case 0:
        call(storm, "DELETE", i, "", NULL);
        make_show(storm, i);
        return;
    case 1:
        call(storm, "DELETE", i, next(storm, 2) ? "/keys/k2" : "/keys/k3", NULL);
        call(storm, "POST", i, "/keys", "{\"one_time\":true}");
        return;
    case 2:
        call(storm, "PATCH", i, "",
             next(storm, 2) ? "{\"policy\":\"reject\"}" : "{\"rehearsal\":true}");
        return;
    case 3:
        call(storm, "PATCH", i, "", "{\"policy\":\"takeover\",\"rehearsal\":false}");
        return;
    default:
        call(storm, "POST", i, what[next(storm, 4)], "{}");
        return;
    }
}

static void reopen_keys(struct show_hub *hub, void *ctx)
{
    char id[32];
    (void)ctx;
    for (unsigned i = 0; i < SHOWS; i++) {
        (void)snprintf(id, sizeof id, "show-%u", i);
        if (show_hub_owner(hub->house, bytes_text(id)) != hub)
            continue;
        struct show *show = show_hub_show(hub, bytes_text(id));
        show->closed_until_ms = 0;
        show->rivals = (struct show_rivals){0};
        for (unsigned k = 0; k < STORE_KEYS_MAX; k++)
            show->key_use.entries[k].cold_until_ms = 0;
    }
}

static void send_media(struct storm *storm, unsigned i)
{
    if (!storm->is_open[i])
        return;
    if (encoder_state(&storm->encoders[i]) == RTMP_CLIENT_ASKING)
        encoder_await_answer(&storm->encoders[i]);
    if (encoder_state(&storm->encoders[i]) != RTMP_CLIENT_PUBLISHING)
        return;
    if (storm->sent_ms[i] == 0)
        encoder_send_headers(&storm->encoders[i]);
    storm->sent_ms[i] += 200 + next(storm, 3000);
    encoder_send_until(&storm->encoders[i], storm->sent_ms[i]);
}

static void step(struct storm *storm)
{
    unsigned i = next(storm, ENCODERS);
    say(storm);
    switch (next(storm, 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        come(storm, i);
        return;
    case 4:
        drop(storm, i);
        return;
    case 5:
        act_as_host(storm);
        for (unsigned lane = 0; lane < LANES; lane++)
            house_run(&storm->house, lane, reopen_keys, NULL);
        return;
    case 6:
        if (storm->is_open[i] &&
            encoder_state(&storm->encoders[i]) == RTMP_CLIENT_PUBLISHING)
            encoder_stop(&storm->encoders[i]);
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

/* The server stops in the middle every other time. */
static void weather(uint32_t seed)
{
    static struct storm storm;
    storm = (struct storm){.random = seed};
    receiver_open(&storm.receiver);
    house_open_lingering(&storm.house, LANES, LINGER_MS);
    storm.house.conf.hooks_url = storm.receiver.url;
    storm.house.conf.hooks_timeout_ms = 2000;
    house_restart(&storm.house);
    for (unsigned i = 0; i < SHOWS; i++)
        make_show(&storm, i);
    for (int i = 0; i < STEPS; i++)
        step(&storm);
    if (seed % 2)
        house_restart(&storm.house);
    for (unsigned i = 0; i < ENCODERS; i++)
        drop(&storm, i);
    for (unsigned lane = 0; lane < LANES; lane++)
        house_await(&storm.house, lane, is_quiet, NULL);
    house_close(&storm.house);
    receiver_close(&storm.receiver);
}

static void guests_leave_nothing_behind(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++)
        weather(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
