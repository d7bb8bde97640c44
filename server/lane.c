#include "server/lane.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "core/require.h"
#include "server/admin.h"
#include "server/api/api.h"
#include "server/door.h"
#include "server/http/router.h"
#include "server/loop/timer.h"
#include "server/origin/origin.h"
#include "server/show/drain.h"
#include "server/store/store.h"

enum {
    LANE_COUNT_MS = 1000,
    LANE_DRAIN_LOOK_MS = 50,
};

/* Most changes have nobody who waits for them: their failure is told here, once a second
 * at most. */
static void log_store_fault(const struct lane *lane)
{
    struct store *store = lane->hub->house->store;
    struct err fault;
    if (lane->hub->index == 0 && store_next_fault(store, &fault))
        log_error(lane->hub->house->log,
                  "the store could not keep a change (%llu so far): %s",
                  (unsigned long long)store_failures(store), fault.text);
}

static void count(void *ctx)
{
    struct lane *lane = ctx;
    struct metrics *metrics = lane->hub->house->metrics;
    struct http_stats now = http_h1_server_stats(lane->http);
    const struct http_stats *before = &lane->counted;
    counter_add(&metrics->http_requests_total,
                (int64_t)(now.n_requests - before->n_requests));
    counter_add(&metrics->http_errors_total,
                (int64_t)(now.n_status[5] - before->n_status[5]));
    counter_add(&metrics->http_sent_bytes_total,
                (int64_t)(now.bytes_out - before->bytes_out));
    counter_add(&metrics->http_connections,
                (int64_t)now.n_connections - (int64_t)before->n_connections);
    lane->counted = now;
    log_store_fault(lane);
    loop_timer_start(lane->counting, LANE_COUNT_MS);
}

struct lane *server_lane_create(struct show_house *house,
                                const struct http_limits *limits, unsigned index)
{
    struct lane *lane = alloc_zero(sizeof *lane);
    atomic_init(&lane->is_done, false);
    lane->loop = loop_create(index);
    lane->hub = show_hub_create(house, lane->loop, index);
    lane->router = http_router_create();
    lane->http = http_h1_server_create(lane->loop, lane->router, limits, house->log);
    lane->counting = loop_timer_create(lane->loop, count, lane);
    loop_timer_start(lane->counting, LANE_COUNT_MS);
    return lane;
}

void server_lane_add_routes(struct lane *lane, struct api *api)
{
    origin_add_routes(lane->router, lane->hub);
    api_add_routes(api, lane->router, lane->hub);
}

static void accept_http(void *ctx, int fd)
{
    struct lane *lane = ctx;
    http_h1_server_accept(lane->http, fd);
}

static void accept_admin(void *ctx, int fd)
{
    struct lane *lane = ctx;
    http_h1_server_accept(lane->admin, fd);
}

static int listen_admin(struct lane *lane, const struct entrance_place *place,
                        struct err *err)
{
    lane->admin_router = http_router_create();
    server_admin_add_routes(lane->admin_router, lane->hub->house);
    lane->admin = http_h1_server_create(lane->loop, lane->admin_router,
                                        &http_h1_default_limits, lane->hub->house->log);
    return server_entrance_open(lane->loop, place, accept_admin, lane,
                                &lane->admin_entrance, err);
}

int server_lane_listen(struct lane *lane, const struct lane_places *places,
                       struct err *err)
{
    struct door_options rtmp = {
        .proxy = places->rtmp_proxy,
        .per_address = places->rtmp_per_address,
    };
    struct door_options rtmps = rtmp;
    rtmps.tls = places->tls;
    int failed = server_door_open(lane->hub, &places->rtmp, &rtmp, &lane->rtmp, err);
    if (!failed && places->rtmps.address)
        failed = server_door_open(lane->hub, &places->rtmps, &rtmps, &lane->rtmps, err);
    if (!failed)
        failed = server_entrance_open(lane->loop, &places->http, accept_http, lane,
                                      &lane->http_entrance, err);
    if (!failed && places->admin.address)
        failed = listen_admin(lane, &places->admin, err);
    return failed;
}

void server_lane_keep(const struct lane *lane, struct sockets *sockets)
{
    server_entrance_keep(server_door_entrance(lane->rtmp), sockets);
    if (lane->rtmps)
        server_entrance_keep(server_door_entrance(lane->rtmps), sockets);
    server_entrance_keep(lane->http_entrance, sockets);
    if (lane->admin_entrance)
        server_entrance_keep(lane->admin_entrance, sockets);
}

static void *run(void *ctx)
{
    struct lane *lane = ctx;
    loop_run(lane->loop);
    return NULL;
}

int server_lane_start(struct lane *lane, struct err *err)
{
    int failed = pthread_create(&lane->thread, NULL, run, lane);
    if (failed)
        return err_set(err, ERR_IO, "cannot make a thread: %s", strerror(failed));
    lane->running = true;
    return 0;
}

static void take_step(struct lane *lane, struct loop_message *step,
                      void (*fn)(struct loop_message *message, struct loop *loop))
{
    atomic_store(&lane->is_done, false);
    step->run = fn;
    loop_post(lane->loop, step);
}

bool server_lane_is_done(struct lane *lane)
{
    return atomic_load(&lane->is_done);
}

static void look_whether_gone(void *ctx)
{
    struct lane *lane = ctx;
    if (show_drain_is_over(lane->hub))
        atomic_store(&lane->is_done, true);
    else
        loop_timer_start(lane->draining, LANE_DRAIN_LOOK_MS);
}

static void watch(struct lane *lane, void (*look)(void *ctx))
{
    loop_timer_destroy(lane->draining);
    lane->draining = loop_timer_create(lane->loop, look, lane);
    loop_timer_start(lane->draining, 0);
}

static void run_sending(struct loop_message *message, struct loop *loop)
{
    struct lane *lane = container_of(message, struct lane, sending);
    (void)loop;
    server_door_close(lane->rtmp);
    server_door_close(lane->rtmps);
    show_drain_begin(lane->hub, lane->hands_over);
    watch(lane, look_whether_gone);
}

void server_lane_send_away(struct lane *lane, bool hands_over)
{
    lane->hands_over = hands_over;
    take_step(lane, &lane->sending, run_sending);
}

static void run_finish(struct loop_message *message, struct loop *loop)
{
    struct lane *lane = container_of(message, struct lane, finishing);
    (void)loop;
    /* Nobody is looked for any more: what it saw would be taken for the next step's end. */
    loop_timer_destroy(lane->draining);
    lane->draining = NULL;
    show_drain_finish(lane->hub);
    atomic_store(&lane->is_done, true);
}

void server_lane_finish_sending(struct lane *lane)
{
    take_step(lane, &lane->finishing, run_finish);
}

/* The loop goes on: viewers on other lanes may wait for a show that lives here. */
static void look_whether_drained(void *ctx)
{
    struct lane *lane = ctx;
    bool empty = http_h1_server_stats(lane->http).n_connections == 0 &&
                 list_is_empty(&lane->hub->publishers);
    if (empty || loop_now_ms(lane->loop) >= lane->drained_by_ms)
        atomic_store(&lane->is_done, true);
    else
        loop_timer_start(lane->draining, LANE_DRAIN_LOOK_MS);
}

static void run_stop(struct loop_message *message, struct loop *loop)
{
    struct lane *lane = container_of(message, struct lane, stopping);
    server_entrance_close(lane->http_entrance);
    server_entrance_close(lane->admin_entrance);
    lane->http_entrance = lane->admin_entrance = NULL;
    show_drain_hang_up(lane->hub);
    http_h1_server_drain(lane->http);
    if (lane->admin)
        http_h1_server_drain(lane->admin);
    lane->drained_by_ms =
        loop_now_ms(loop) + (lane->hands_over ? LANE_DRAIN_SHORT_MS : LANE_DRAIN_MS);
    watch(lane, look_whether_drained);
}

void server_lane_stop_serving(struct lane *lane)
{
    take_step(lane, &lane->stopping, run_stop);
}

void server_lane_join(struct lane *lane)
{
    if (!lane->running)
        return;
    loop_stop(lane->loop);
    require(pthread_join(lane->thread, NULL) == 0);
    lane->running = false;
}

void server_lane_stop_http(struct lane *lane)
{
    if (!lane)
        return;
    http_h1_server_destroy(lane->http);
    http_h1_server_destroy(lane->admin);
    lane->http = lane->admin = NULL;
}

void server_lane_destroy(struct lane *lane)
{
    if (!lane)
        return;
    server_door_destroy(lane->rtmp);
    server_door_destroy(lane->rtmps);
    server_entrance_close(lane->http_entrance);
    server_entrance_close(lane->admin_entrance);
    loop_timer_destroy(lane->counting);
    loop_timer_destroy(lane->draining);
    loop_destroy(lane->loop);
    http_router_destroy(lane->router);
    http_router_destroy(lane->admin_router);
    alloc_free(lane);
}
