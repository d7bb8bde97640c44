#include "tests/kit/house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "core/err.h"
#include "core/log.h"
#include "core/map.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/app.h"
#include "server/lane.h"
#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/loop/porch.h"
#include "server/show/publishers.h"

static void start(struct house *house)
{
    struct err err = {0};
    house->app = server_app_create(&house->conf);
    int failed = server_app_open(house->app, &err);
    if (!failed)
        failed = server_app_start(house->app, &err);
    if (failed)
        fail_msg("the server does not start: %s", err.text);
}

void house_open(struct house *house, unsigned n_lanes)
{
    house_open_lingering(house, n_lanes, 0);
}

void house_open_lingering(struct house *house, unsigned n_lanes, uint32_t linger_ms)
{
    static char token[] = HOUSE_TOKEN;
    static char no_host[] = "";
    (void)signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_ERROR);
    require(n_lanes <= HOUSE_LANES_MAX);
    *house = (struct house){.n_lanes = n_lanes};
    temp_dir_make(&house->dir);
    house->conf = (struct conf){
        .data_dir = house->dir.path,
        .workers = n_lanes,
        .api_token = token,
        .public_host = no_host,
        .hls_part_ms = 334,
        .hls_segment_ms = 1000,
        .hls_window_ms = 16000,
        .show_linger_ms = linger_ms,
        .rtmp_per_address = 20,
        .rtmp_failed_keys = 10,
        .rtmp_idle_ms = 10000,
        .rtmp_media_message = 8 * 1024 * 1024,
        .rtmp_command_message = 64 * 1024,
        .rtmp_partial_messages = 16 * 1024 * 1024,
        .rtmp_chunk_streams = 64,
        .rtmp_before_publish = 64 * 1024,
        .rtmp_handshake_ms = 5000,
        .rtmp_publish_ms = 10000,
        .rtmp_first_media_ms = 20000,
    };
    start(house);
}

static void close_porch(struct show_hub *hub, void *ctx)
{
    (void)hub;
    struct loop_porch **porch = ctx;
    loop_porch_destroy(*porch);
    *porch = NULL;
}

static void stop(struct house *house)
{
    for (unsigned lane = 0; lane < house->n_lanes; lane++)
        house_run(house, lane, close_porch, &house->porches[lane]);
    server_app_destroy(house->app);
    house->app = NULL;
}

void house_close(struct house *house)
{
    stop(house);
    temp_dir_remove(&house->dir);
}

static int set_up(void **state, uint32_t linger_ms)
{
    static struct house house;
    house_open_lingering(&house, 2, linger_ms);
    *state = &house;
    return 0;
}

int house_setup(void **state)
{
    return set_up(state, 0);
}

int house_setup_lingering(void **state)
{
    return set_up(state, 45000);
}

int house_teardown(void **state)
{
    house_close(*state);
    return 0;
}

void house_restart(struct house *house)
{
    stop(house);
    start(house);
}

static void copy_file(const char *from, const char *to)
{
    char chunk[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    require(in >= 0 && out >= 0);
    for (ssize_t n; (n = read(in, chunk, sizeof chunk)) > 0;)
        require(write(out, chunk, (size_t)n) == n);
    (void)close(in);
    (void)close(out);
}

/* The database with its log of changes, and the secrets; the index of the log is made
 * anew by whoever opens it. */
static void copy_data(const struct temp_dir *from, const struct temp_dir *to)
{
    static const char *const names[] = {"vitrine.db", "vitrine.db-wal", "secret"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char source[PATH_MAX];
        (void)snprintf(source, sizeof source, "%s", temp_dir_path(from, names[i]));
        copy_file(source, temp_dir_path(to, names[i]));
    }
}

void house_crash(struct house *house)
{
    struct temp_dir before = house->dir;
    temp_dir_make(&house->dir);
    copy_data(&before, &house->dir);
    stop(house);
    temp_dir_remove(&before);
    start(house);
}

/* ---- work on a loop ---- */

struct errand {
    struct loop_message message;
    void (*fn)(struct show_hub *hub, void *ctx);
    struct show_hub *hub;
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
};

static void run_errand(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct errand *errand = container_of(message, struct errand, message);
    errand->fn(errand->hub, errand->ctx);
    (void)pthread_mutex_lock(&errand->lock);
    errand->done = true;
    (void)pthread_cond_signal(&errand->changed);
    (void)pthread_mutex_unlock(&errand->lock);
}

void house_run(struct house *house, unsigned lane,
               void (*fn)(struct show_hub *hub, void *ctx), void *ctx)
{
    struct lane *there = server_app_lane(house->app, lane);
    struct errand errand = {
        .message.run = run_errand, .fn = fn, .hub = there->hub, .ctx = ctx};
    require(pthread_mutex_init(&errand.lock, NULL) == 0);
    require(pthread_cond_init(&errand.changed, NULL) == 0);
    loop_post(there->loop, &errand.message);
    (void)pthread_mutex_lock(&errand.lock);
    while (!errand.done)
        (void)pthread_cond_wait(&errand.changed, &errand.lock);
    (void)pthread_mutex_unlock(&errand.lock);
    (void)pthread_cond_destroy(&errand.changed);
    (void)pthread_mutex_destroy(&errand.lock);
}

struct question {
    bool (*fn)(struct show_hub *hub, void *ctx);
    void *ctx;
    bool yes;
};

static void ask(struct show_hub *hub, void *ctx)
{
    struct question *question = ctx;
    question->yes = question->fn(hub, question->ctx);
}

void house_await(struct house *house, unsigned lane,
                 bool (*fn)(struct show_hub *hub, void *ctx), void *ctx)
{
    struct question question = {.fn = fn, .ctx = ctx};
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    for (;;) {
        house_run(house, lane, ask, &question);
        if (question.yes)
            return;
        if (monotime_ms() > until_ms)
            fail_msg("what was waited for did not happen");
        (void)poll(NULL, 0, 1);
    }
}

unsigned house_lane_of(const struct house *house, const char *show)
{
    const struct show_house *there = server_app_lane(house->app, 0)->hub->house;
    return show_hub_owner(there, bytes_text(show))->index;
}

unsigned house_other_lane(const struct house *house, const char *show)
{
    return (house_lane_of(house, show) + 1) % house->n_lanes;
}

/* ---- connections ---- */

struct arrival {
    struct lane *lane;
    struct loop_porch **porch;
    int fd;
};

static void arrive_http(struct show_hub *hub, void *ctx)
{
    (void)hub;
    struct arrival *arrival = ctx;
    http_h1_server_accept(arrival->lane->http, arrival->fd);
}

static void arrive_rtmp(struct show_hub *hub, void *ctx)
{
    struct arrival *arrival = ctx;
    show_publishers_accept(hub, loop_parcel_create(arrival->fd));
}

static void come_in(void *ctx, struct loop_parcel *parcel)
{
    show_publishers_accept(ctx, parcel);
}

static void stay_out(void *ctx, const struct loop_parcel *parcel, const char *why)
{
    (void)ctx;
    fail_msg("%s is not let in: %s", loop_parcel_peer(parcel), why);
}

static void arrive_on_porch(struct show_hub *hub, void *ctx)
{
    static const struct loop_porch_handler handler = {.ready = come_in,
                                                      .refused = stay_out};
    static const struct loop_porch_options options = {
        .proxy = true, .per_host_max = 100, .within_ms = HOUSE_PATIENCE_MS};
    struct arrival *arrival = ctx;
    if (!*arrival->porch)
        *arrival->porch = loop_porch_create(hub->loop, &options, &handler, hub);
    loop_porch_accept(*arrival->porch, arrival->fd);
}

static int dial(struct house *house, unsigned lane,
                void (*arrive)(struct show_hub *hub, void *ctx))
{
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    struct timeval patience = {.tv_sec = HOUSE_PATIENCE_MS / 1000};
    require(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ==
            0);
    require(setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) ==
            0);
    struct arrival arrival = {.lane = server_app_lane(house->app, lane),
                              .porch = &house->porches[lane],
                              .fd = ends[1]};
    house_run(house, lane, arrive, &arrival);
    return ends[0];
}

int house_dial_http(struct house *house, unsigned lane)
{
    return dial(house, lane, arrive_http);
}

int house_dial_rtmp(struct house *house, unsigned lane)
{
    return dial(house, lane, arrive_rtmp);
}

int house_dial_rtmp_from(struct house *house, unsigned lane, const char *address)
{
    char header[128];
    int fd = dial(house, lane, arrive_on_porch);
    int n = snprintf(header, sizeof header, "PROXY TCP4 %s 203.0.113.1 50000 1935\r\n",
                     address);
    require(send(fd, header, (size_t)n, MSG_NOSIGNAL) == n);
    return fd;
}
