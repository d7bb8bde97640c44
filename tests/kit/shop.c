#include "tests/kit/shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/show.h"

static void copy_field(char *out, size_t size, const struct answer *answer,
                       const char *name)
{
    const char *value = client_field(answer, name);
    assert_non_null(value);
    (void)snprintf(out, size, "%s", value);
}

struct shop_show shop_make_show(struct house *house, const char *id)
{
    struct shop_show show = {0};
    char body[128];
    (void)snprintf(body, sizeof body, "{\"id\":\"%s\",\"title\":\"Spring sale\"}", id);
    struct answer answer = client_call(house, 0, "POST /api/shows", body);
    assert_int_equal(answer.status, 201);
    copy_field(show.id, sizeof show.id, &answer, "id");
    copy_field(show.key, sizeof show.key, &answer, "stream_key");
    const char *url = client_field(&answer, "host_url");
    assert_non_null(url);
    const char *token = strstr(url, "#t=");
    assert_non_null(token);
    (void)snprintf(show.host_token, sizeof show.host_token, "%s", token + 3);
    client_free(&answer);
    return show;
}

void shop_make_product(struct house *house, const char *sku, const char *title)
{
    char request[128];
    char body[512];
    (void)snprintf(request, sizeof request, "PUT /api/products/%s", sku);
    (void)snprintf(body, sizeof body,
                   "{\"title\":\"%s\",\"url\":\"https://shop.test/%s\","
                   "\"price_minor\":2800,\"currency\":\"EUR\",\"stock\":12}",
                   title, sku);
    struct answer answer = client_call(house, 0, request, body);
    assert_in_range(answer.status, 200, 201);
    client_free(&answer);
}

struct look {
    const char *show;
    enum track_kind kind;
    uint64_t msn;
    enum show_state state;
    size_t n_waiters;
    struct shop_position position;
};

static const struct snapshot *snapshot_of(struct show_hub *hub, const struct look *look)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(look->show));
    return shelf && shelf->view ? shelf->view->renditions[look->kind] : NULL;
}

static bool has_segment(struct show_hub *hub, void *ctx)
{
    const struct look *look = ctx;
    const struct snapshot *snapshot = snapshot_of(hub, look);
    return snapshot && snapshot->last_msn >= look->msn;
}

void shop_await_segment(struct house *house, unsigned lane, const char *show,
                        enum track_kind kind, uint64_t msn)
{
    struct look look = {.show = show, .kind = kind, .msn = msn};
    house_await(house, lane, has_segment, &look);
}

static bool has_state(struct show_hub *hub, void *ctx)
{
    const struct look *look = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(look->show));
    return shelf && shelf->view && shelf->view->state == look->state;
}

void shop_await_state(struct house *house, unsigned lane, const char *show,
                      enum show_state state)
{
    struct look look = {.show = show, .state = state};
    house_await(house, lane, has_state, &look);
}

static void read_position(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    const struct snapshot *snapshot = snapshot_of(hub, look);
    if (snapshot)
        look->position = (struct shop_position){
            .version = snapshot->version,
            .first_msn = snapshot->first_msn,
            .last_msn = snapshot->last_msn,
            .open_msn = snapshot->open_msn,
            .n_open_parts = snapshot->n_open_parts,
            .n_segments = (uint32_t)snapshot->n_segments,
            .target_duration_s = snapshot->target_duration_s,
            .ended = snapshot->ended,
        };
}

struct shop_position shop_position(struct house *house, unsigned lane, const char *show,
                                   enum track_kind kind)
{
    struct look look = {.show = show, .kind = kind};
    house_run(house, lane, read_position, &look);
    return look.position;
}

bool shop_has_open_parts(struct show_hub *hub, void *ctx)
{
    const struct shop_wanted *wanted = ctx;
    const struct snapshot *snapshot =
        snapshot_of(hub, &(struct look){.show = wanted->show, .kind = TRACK_VIDEO});
    return snapshot && snapshot->n_open_parts >= wanted->n_open_parts;
}

static void refill_budget(struct show_hub *hub, void *ctx)
{
    const struct look *look = ctx;
    show_hub_show(hub, bytes_text(look->show))->budget = (struct show_budget){0};
}

void shop_refill_budget(struct house *house, const char *show)
{
    struct look look = {.show = show};
    house_run(house, house_lane_of(house, show), refill_budget, &look);
}

static void count_waiters(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(look->show));
    look->n_waiters = 0;
    if (!shelf)
        return;
    list_for_each (node, &shelf->waiters)
        look->n_waiters++;
}

size_t shop_count_waiters(struct house *house, unsigned lane, const char *show)
{
    struct look look = {.show = show};
    house_run(house, lane, count_waiters, &look);
    return look.n_waiters;
}

static bool has_waiters(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    size_t wanted = (size_t)look->msn;
    count_waiters(hub, look);
    return look->n_waiters == wanted;
}

void shop_await_waiters(struct house *house, unsigned lane, const char *show, size_t n)
{
    struct look look = {.show = show, .msn = n};
    house_await(house, lane, has_waiters, &look);
}
