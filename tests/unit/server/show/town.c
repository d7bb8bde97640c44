#include "tests/unit/server/show/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "server/show/show.h"

static struct shop_show make_show_on(struct town *town, unsigned lane, const char *name)
{
    char id[SHOW_ID_MAX + 1];
    unsigned n = 0;
    do
        (void)snprintf(id, sizeof id, "%s-%u", name, n++);
    while (house_lane_of(&town->house, id) != lane);
    return shop_make_show(&town->house, id);
}

void town_send_on_terms(struct town *town, const char *show, const char *terms)
{
    char answer[160];
    (void)snprintf(answer, sizeof answer, "{\"stream\":\"%s\"%s}", show, terms);
    receiver_answer(&town->receiver, 200, answer);
}

void town_send_to(struct town *town, const char *show)
{
    town_send_on_terms(town, show, "");
}

int town_setup(void **state)
{
    static struct town town;
    receiver_open(&town.receiver);
    house_open(&town.house, TOWN_LANES);
    town.house.conf.hooks_url = town.receiver.url;
    town.house.conf.hooks_timeout_ms = 5000;
    house_restart(&town.house);
    town.home = make_show_on(&town, 0, "home");
    town.away = make_show_on(&town, 1, "away");
    town.near = make_show_on(&town, 0, "near");
    town_send_to(&town, town.away.id);
    *state = &town;
    return 0;
}

int town_teardown(void **state)
{
    struct town *town = *state;
    house_close(&town->house);
    receiver_close(&town->receiver);
    return 0;
}

void town_publish(struct town *town, struct encoder *encoder, const char *key)
{
    encoder_open(encoder, &town->house, TOWN_LANES - 1, key);
}

void town_assert_refused(struct town *town, const char *key, const char *words)
{
    struct encoder encoder;
    town_publish(town, &encoder, key);
    encoder_await_end(&encoder);
    if (!strstr(encoder_status(&encoder), words))
        assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

void town_call(struct town *town, const char *method, const char *show,
               const char *what, const char *body, int status)
{
    char request[128];
    (void)snprintf(request, sizeof request, "%s /api/shows/%s%s", method, show, what);
    client_expect(&town->house, 0, request, body, status);
}

void town_make_key(struct town *town, const char *body, char key[128])
{
    char request[128];
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/keys", town->home.id);
    struct answer answer = client_call(&town->house, 0, request, body);
    assert_int_equal(answer.status, 201);
    const char *value = client_field(&answer, "stream_key");
    assert_non_null(value);
    (void)snprintf(key, 128, "%s", value);
    client_free(&answer);
}

static bool has_publisher(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    return show && show->publisher;
}

static bool has_no_publisher(struct show_hub *hub, void *ctx)
{
    return !has_publisher(hub, ctx);
}

void town_await_publisher(struct town *town, struct shop_show *show)
{
    house_await(&town->house, house_lane_of(&town->house, show->id), has_publisher,
                show->id);
}

void town_await_no_publisher(struct town *town, struct shop_show *show)
{
    house_await(&town->house, house_lane_of(&town->house, show->id), has_no_publisher,
                show->id);
}
