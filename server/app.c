#include "server/app.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/api/api.h"
#include "server/auth/api_token.h"
#include "server/drain.h"
#include "server/front.h"
#include "server/lane.h"
#include "server/rtmp/session.h"
#include "server/show/addresses.h"
#include "server/show/cues.h"
#include "server/show/drain.h"
#include "server/show/hooks.h"
#include "server/show/registry.h"
#include "server/store/store.h"

enum {
    APP_LOOK_US = 1000, /* between two looks for what the store has answered */
};

struct app {
    const struct conf *conf;
    struct metrics metrics;
    struct show_house house;
    struct api *api;
    struct lane *lanes[SHOW_HUBS_MAX];
    struct drain drain;
    struct front front;
    struct err load_error; /* of a row that could not be put back */
};

static unsigned count_workers(const struct conf *conf)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = conf->workers ? conf->workers : (unsigned)(cores > 0 ? cores : 1);
    return n < SHOW_HUBS_MAX ? n : SHOW_HUBS_MAX;
}

static void load_show(void *ctx, const struct store_show *row)
{
    struct app *app = ctx;
    show_registry_load_show(app->house.registry, row);
}

static void load_product(void *ctx, const char *sku, const char *json)
{
    struct app *app = ctx;
    struct err err;
    if (show_registry_load_product(app->house.registry, sku, json, &err) != 0)
        (void)err_set(&app->load_error, ERR_IO, "the store's product %.64s: %.160s",
                      sku, err.text);
}

static void load_cue(void *ctx, const struct store_cue *cue)
{
    struct app *app = ctx;
    struct err err;
    struct bytes id = bytes_text(cue->show);
    struct show *show = show_hub_show(show_hub_owner(&app->house, id), id);
    if (show && show_cues_load(show, cue, &err) != 0)
        (void)err_set(&app->load_error, ERR_IO, "the store's cue %llu of %.32s: %.160s",
                      (unsigned long long)cue->id, cue->show, err.text);
}

/* What was kept comes back before anybody can ask. */
static int load(struct app *app, struct err *err)
{
    struct store *store = app->house.store;
    app->house.registry = show_registry_create(app->house.hubs[0]);
    int failed = store_load_shows(store, load_show, app, err);
    if (!failed)
        failed = store_load_products(store, load_product, app, err);
    if (failed)
        return failed;
    /* The loops do not run yet: the messages to the other hubs are done by hand. */
    show_registry_share(app->house.registry);
    for (unsigned i = 1; i < app->house.n_hubs; i++)
        show_hub_set_directory(app->house.hubs[i],
                               show_directory_ref(app->house.hubs[0]->directory));
    failed = store_load_cues(store, load_cue, app, err);
    if (!failed && app->house.hooks)
        failed = show_hooks_load(app->house.hooks, err);
    if (!failed && app->load_error.code) {
        *err = app->load_error;
        failed = -(int)err->code;
    }
    return failed;
}

/* The numbers of conf's choices are those of the enum. */
static int open_hooks(struct app *app, struct err *err)
{
    const struct conf *conf = app->conf;
    struct show_hooks_config hooks = {
        .url = conf->hooks_url,
        .mode = (enum hook_mode)conf->hooks_mode,
        .secret = conf->hooks_secret,
        .timeout_ms = conf->hooks_timeout_ms,
        .refuses_unheard = conf->hooks_on_error != 0,
    };
    if (!conf->hooks_url || !conf->hooks_url[0])
        return 0;
    return show_hooks_create(&app->house, &hooks, err);
}

static void fill_rtmp_limits(const struct conf *conf, struct rtmp_limits *limits)
{
    *limits = rtmp_session_default_limits;
    limits->media_message_max = conf->rtmp_media_message;
    limits->command_message_max = conf->rtmp_command_message;
    limits->partial_total_max = conf->rtmp_partial_messages;
    limits->chunk_streams_max = conf->rtmp_chunk_streams;
    limits->before_publish_max = conf->rtmp_before_publish;
    limits->handshake_ms = conf->rtmp_handshake_ms;
    limits->publish_ms = conf->rtmp_publish_ms;
    limits->first_media_ms = conf->rtmp_first_media_ms;
    limits->idle_ms = conf->rtmp_idle_ms;
}

static int open_house(struct app *app, struct err *err)
{
    const struct conf *conf = app->conf;
    struct show_house *house = &app->house;
    house->metrics = &app->metrics;
    house->part_ms = conf->hls_part_ms;
    house->segment_ms = conf->hls_segment_ms;
    house->window_ms = conf->hls_window_ms;
    house->linger_ms = conf->show_linger_ms;
    fill_rtmp_limits(conf, &house->rtmp_limits);
    house->addresses = show_addresses_create(&(struct show_addresses_limits){
        .waiting_max = conf->rtmp_per_address,
        .failures_per_min = conf->rtmp_failed_keys,
    });
    house->public_host = conf->public_host;
    int failed = store_open(conf->data_dir, &house->store, err);
    if (!failed)
        failed = auth_secret_open(conf->data_dir, house->keys.secret, err);
    if (!failed)
        failed = auth_secret_api_token(conf->data_dir, conf->api_token,
                                       &house->keys.api_token, err);
    if (!failed)
        failed = open_hooks(app, err);
    return failed;
}

int server_app_open(struct app *app, struct err *err)
{
    /* First of all: from the store on there are threads, which may read the environment. */
    server_front_receive(&app->front);
    int failed = open_house(app, err);
    if (failed)
        return failed;
    struct http_limits limits = http_h1_default_limits;
    limits.connections_per_peer_max = app->conf->http_per_address;
    app->house.n_hubs = count_workers(app->conf);
    for (unsigned i = 0; i < app->house.n_hubs; i++) {
        app->lanes[i] = server_lane_create(&app->house, &limits, i);
        app->house.hubs[i] = app->lanes[i]->hub;
    }
    failed = load(app, err);
    if (failed)
        return failed;
    app->api = api_create(&app->house);
    for (unsigned i = 0; i < app->house.n_hubs; i++) {
        server_lane_add_routes(app->lanes[i], app->api);
        show_hub_share_lingering(app->house.hubs[i]);
    }
    return 0;
}

int server_app_listen(struct app *app, struct err *err)
{
    return server_front_open(&app->front, err);
}

int server_app_renew(struct app *app, const struct conf *conf, struct err *err)
{
    return server_front_renew(&app->front, conf, err);
}

struct sockets server_app_take_sockets(struct app *app)
{
    return server_front_take_sockets(&app->front);
}

int server_app_start(struct app *app, struct err *err)
{
    int failed = 0;
    if (app->house.hooks)
        show_hooks_start(app->house.hooks);
    for (unsigned i = 0; i < app->house.n_hubs && !failed; i++)
        failed = server_lane_start(app->lanes[i], err);
    return failed;
}

struct lane *server_app_lane(const struct app *app, unsigned index)
{
    return app->lanes[index];
}

/* Does what is left in all mailboxes, on this thread: the loops have ended. */
static void settle(struct app *app)
{
    bool busy = true;
    while (busy) {
        busy = false;
        for (unsigned i = 0; i < app->house.n_hubs; i++)
            busy = (app->lanes[i] && loop_settle(app->lanes[i]->loop)) || busy;
    }
}

void server_app_drain(struct app *app, bool hands_over)
{
    bool lingers = counter_get(&app->metrics.shows_live) > 0;
    if (!hands_over)
        server_front_close_kept(&app->front); /* those who come now are told at once */
    server_drain_begin(&app->drain, app->lanes, app->house.n_hubs, hands_over, lingers,
                       monotime_ms());
}

bool server_app_is_drained(struct app *app)
{
    return server_drain_step(&app->drain, monotime_ms());
}

/* All loops have ended when this is over, drained or not; what they leave off is kept. */
static void end_loops(struct app *app)
{
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        if (app->lanes[i])
            server_lane_join(app->lanes[i]);
    settle(app);
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        if (app->house.hubs[i] && app->house.registry)
            show_drain_keep(app->house.hubs[i]);
}

static void on_synced(struct store_change *change, int error, const struct err *err)
{
    (void)error;
    (void)err;
    bool *synced = change->ctx;
    *synced = true;
    store_change_destroy(change);
}

/* Until all that the loops had to say is on the disk, and they have heard so. */
static void sync_store(struct app *app)
{
    bool synced = false;
    struct store_change *change = store_change_create(STORE_SYNC);
    change->loop = app->lanes[0]->loop;
    change->done = on_synced;
    change->ctx = &synced;
    store_submit(app->house.store, change);
    while (!synced) {
        (void)usleep(APP_LOOK_US);
        settle(app);
    }
}

/* Publishers that the end has cut off are told of first, if the shop takes it. */
static void stop_hooks(struct app *app)
{
    if (!app->house.hooks)
        return;
    if (app->lanes[0])
        sync_store(app);
    show_hooks_stop(app->house.hooks);
}

struct app *server_app_create(const struct conf *conf)
{
    struct app *app = alloc_zero(sizeof *app);
    app->conf = conf;
    server_front_init(&app->front, conf, &app->house, app->lanes);
    return app;
}

void server_app_destroy(struct app *app)
{
    if (!app)
        return;
    end_loops(app);
    /* What the loops still have to say may be for the store, and its last answers are for
     * the loops: both find everything alive. */
    settle(app);
    stop_hooks(app);
    settle(app);
    store_close(app->house.store);
    app->house.store = NULL;
    settle(app);
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        server_lane_stop_http(app->lanes[i]);
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        show_hub_destroy(app->house.hubs[i]);
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        server_lane_destroy(app->lanes[i]);
    show_hooks_destroy(app->house.hooks);
    api_destroy(app->api);
    show_registry_destroy(app->house.registry);
    show_addresses_destroy(app->house.addresses);
    alloc_free(app->house.keys.api_token);
    server_front_finish(&app->front);
    alloc_free(app);
}
