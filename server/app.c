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
#include "server/certificates.h"
#include "server/door.h"
#include "server/drain.h"
#include "server/lane.h"
#include "server/loop/listener.h"
#include "server/loop/tls.h"
#include "server/rtmp/session.h"
#include "server/show/addresses.h"
#include "server/show/cues.h"
#include "server/show/drain.h"
#include "server/show/hooks.h"
#include "server/show/registry.h"
#include "server/store/store.h"

enum {
    APP_ADDRESS_MAX = 300,
    APP_LOOK_US = 1000, /* between two looks for what the store has answered */
};

struct app {
    const struct conf *conf;
    struct metrics metrics;
    struct show_house house;
    struct api *api;
    struct lane *lanes[SHOW_HUBS_MAX];
    struct drain drain;
    struct loop_tls *tls;  /* NULL: no certificate is configured */
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

/* Host part of "host:port". */
static void with_port(const char *address, uint16_t port, char out[APP_ADDRESS_MAX])
{
    const char *colon = strrchr(address, ':');
    int host_len = colon ? (int)(colon - address) : (int)strlen(address);
    (void)snprintf(out, APP_ADDRESS_MAX, "%.*s:%u", host_len, address, port);
}

static void say_listening(const char *name, const char *address)
{
    log_info(NULL, "listening %s=%s", name, address);
}

/* The words name the option: it is what whoever reads them may change. */
static int claim(const char *option, const char *address, struct err *err)
{
    struct err why;
    if (!loop_listener_claim(address, &why))
        return 0;
    return err_set(err, why.code, "%s: %s", option, why.text);
}

static bool has_rtmps(const struct conf *conf)
{
    return conf->rtmps_listen && *conf->rtmps_listen;
}

static int claim_all(const struct conf *conf, struct err *err)
{
    int failed = claim("rtmp.listen", conf->rtmp_listen, err);
    if (!failed)
        failed = claim("http.listen", conf->http_listen, err);
    if (!failed && has_rtmps(conf))
        failed = claim("rtmps.listen", conf->rtmps_listen, err);
    return failed ? failed : claim("admin.listen", conf->admin_listen, err);
}

/* What was bound, for the other lanes and the log. */
struct bound {
    char rtmp[APP_ADDRESS_MAX];
    char rtmps[APP_ADDRESS_MAX];
    char http[APP_ADDRESS_MAX];
    char admin[APP_ADDRESS_MAX];
};

static void read_bound(struct app *app, struct bound *ret_bound)
{
    const struct lane *first = app->lanes[0];
    const struct conf *conf = app->conf;
    *ret_bound = (struct bound){0};
    app->house.rtmp_port = server_door_port(first->rtmp);
    app->house.http_port = loop_listener_port(first->http_listener);
    with_port(conf->rtmp_listen, app->house.rtmp_port, ret_bound->rtmp);
    with_port(conf->http_listen, app->house.http_port, ret_bound->http);
    with_port(conf->admin_listen, loop_listener_port(first->admin_listener),
              ret_bound->admin);
    if (!first->rtmps)
        return;
    app->house.rtmps_port = server_door_port(first->rtmps);
    with_port(conf->rtmps_listen, app->house.rtmps_port, ret_bound->rtmps);
}

static void say_all(const struct app *app, const struct bound *bound)
{
    say_listening("rtmp", bound->rtmp);
    if (*bound->rtmps)
        say_listening("rtmps", bound->rtmps);
    say_listening("http", bound->http);
    say_listening("admin", bound->admin);
    if (app->tls)
        server_certificates_log(app->tls);
}

/* The first lane binds to what is configured; the others to the ports that it got. */
int server_app_listen(struct app *app, struct err *err)
{
    struct bound bound;
    const struct conf *conf = app->conf;
    struct lane_addresses addresses = {
        .rtmp = conf->rtmp_listen,
        .http = conf->http_listen,
        .rtmps = has_rtmps(conf) ? conf->rtmps_listen : NULL,
        .admin = conf->admin_listen,
        .rtmp_proxy = conf->rtmp_proxy != 0,
        .rtmp_per_address = conf->rtmp_per_address,
    };
    int failed = server_certificates_load(conf, &app->tls, err);
    addresses.tls = app->tls;
    if (!failed)
        failed = claim_all(conf, err);
    if (!failed)
        failed = server_lane_listen(app->lanes[0], &addresses, err);
    if (failed)
        return failed;
    read_bound(app, &bound);
    addresses.rtmp = bound.rtmp;
    addresses.http = bound.http;
    addresses.rtmps = addresses.rtmps ? bound.rtmps : NULL;
    addresses.admin = NULL;
    for (unsigned i = 1; i < app->house.n_hubs && !failed; i++)
        failed = server_lane_listen(app->lanes[i], &addresses, err);
    if (!failed)
        say_all(app, &bound);
    return failed;
}

int server_app_renew(struct app *app, const struct conf *conf, struct err *err)
{
    struct loop_tls *tls;
    if (!app->lanes[0]->rtmps)
        return 0;
    int failed = server_certificates_load(conf, &tls, err);
    if (!failed && !tls)
        failed = err_set(err, ERR_INVALID, "tls.certificate is empty");
    if (failed)
        return failed;
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        server_door_renew(app->lanes[i]->rtmps, tls);
    loop_tls_unref(app->tls);
    app->tls = tls;
    server_certificates_log(tls);
    return 0;
}

int server_app_open(struct app *app, struct err *err)
{
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
    for (unsigned i = 0; i < app->house.n_hubs; i++)
        server_lane_add_routes(app->lanes[i], app->api);
    return 0;
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
    loop_tls_unref(app->tls);
    alloc_free(app);
}
