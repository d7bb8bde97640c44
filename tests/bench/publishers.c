/* Publishes one FLV file many times at once, in real time, and measures.
 *
 *   publishers URL FILE [options]          URL: rtmp://127.0.0.1:PORT/APP
 *     --count N          publishers at once (1)
 *     --seconds S        how long (10)
 *     --keys FILE        stream keys, one a line; reused in turn when too few
 *     --key-pattern TEXT stream keys from a pattern: %u is the publisher's number (bench-%u)
 *     --start-only N     only connect, publish and leave again, N times
 *     --concurrency N    connections that start at the same time (30)
 *     --chunk N          our chunk size (4096, as OBS)
 *     --in-phase         all publishers send their pictures at the same moments
 *     --mark             print the wall clock when each picture's last byte is written
 *
 * One thread. The file is cut into chunks once; only stamps are written per publisher.
 * The file loops with stamps that go on. At the end: the times from connect() to
 * Publish.Start in µs, bytes sent, and what the program itself cost. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/monotime.h"
#include "tests/bench/flv_file.h"
#include "tests/bench/publisher.h"
#include "tests/bench/tool.h"

enum { EVENTS = 256, KEY_MAX = 4096, SECONDS_MAX = 16000, NUMBER_MAX = 1000000 };

struct program {
    const char *url, *path, *keys_path, *key_pattern;
    unsigned count, start_only, concurrency, seconds;
    bool in_phase;
    struct publisher_target target;
    struct flv_file file;
    char **keys;
    unsigned n_keys;

    int epoll;
    struct publisher *publishers;
    unsigned n_starting; /* now */
    unsigned n_begun;    /* connections made */
    unsigned n_failed;
    int64_t *starts_us; /* from connect() to Publish.Start */
    unsigned n_starts;
};

static void read_options(struct program *program, int argc, char **argv)
{
    static const struct option options[] = {
        {"count", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 's'},
        {"keys", required_argument, NULL, 'k'},
        {"key-pattern", required_argument, NULL, 'p'},
        {"start-only", required_argument, NULL, 'o'},
        {"concurrency", required_argument, NULL, 'c'},
        {"chunk", required_argument, NULL, 'h'},
        {"in-phase", no_argument, NULL, 'i'},
        {"mark", no_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'n':
            program->count = tool_number(optarg, 0, NUMBER_MAX);
            break;
        case 's':
            program->seconds = tool_number(optarg, 0, NUMBER_MAX);
            break;
        case 'k':
            program->keys_path = optarg;
            break;
        case 'p':
            program->key_pattern = optarg;
            break;
        case 'o':
            program->start_only = tool_number(optarg, 0, NUMBER_MAX);
            break;
        case 'c':
            program->concurrency = tool_number(optarg, 0, NUMBER_MAX);
            break;
        case 'h':
            program->target.chunk_size = tool_number(optarg, 0, NUMBER_MAX);
            break;
        case 'i':
            program->in_phase = true;
            break;
        case 'm':
            program->target.marks = true;
            break;
        default:
            tool_fail("usage: publishers URL FILE [options]");
        }
    }
    if (argc - optind != 2 || program->count == 0 || program->concurrency == 0 ||
        program->target.chunk_size == 0 || program->seconds > SECONDS_MAX)
        tool_fail("usage: publishers URL FILE [options]");
    program->url = argv[optind];
    program->path = argv[optind + 1];
}

/* rtmp://A.B.C.D:PORT/APP */
static void read_url(struct program *program)
{
    char host[64], app[256];
    unsigned port = 1935;
    if (sscanf(program->url, "rtmp://%63[0-9.]:%u/%255s", host, &port, app) != 3)
        tool_fail("the URL is not rtmp://127.0.0.1:PORT/APP");
    program->target.address.sin_family = AF_INET;
    program->target.address.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &program->target.address.sin_addr) != 1)
        tool_fail("the URL's address is not numeric");
    program->target.app = alloc_text(app);
    program->target.tc_url = program->url;
}

static void read_keys(struct program *program)
{
    FILE *in = fopen(program->keys_path, "r");
    if (!in)
        tool_fail("the key file cannot be opened");
    char line[KEY_MAX];
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0')
            continue;
        program->keys = alloc_resize(program->keys,
                                     (program->n_keys + 1) * sizeof program->keys[0]);
        program->keys[program->n_keys++] = alloc_text(line);
    }
    (void)fclose(in);
    if (program->n_keys == 0)
        tool_fail("the key file is empty");
}

static char *key_of(const struct program *program, unsigned number)
{
    if (program->n_keys > 0)
        return alloc_text(program->keys[number % program->n_keys]);
    const char *at = strstr(program->key_pattern, "%u");
    char key[KEY_MAX];
    if (at)
        (void)snprintf(key, sizeof key, "%.*s%u%s", (int)(at - program->key_pattern),
                       program->key_pattern, number, at + 2);
    else
        (void)snprintf(key, sizeof key, "%s", program->key_pattern);
    return alloc_text(key);
}

static void let_go(struct program *program, struct publisher *publisher,
                   const struct err *why)
{
    if (publisher->state == PUBLISHER_STARTING)
        program->n_starting--;
    if (why) {
        program->n_failed++;
        (void)fprintf(stderr, "publisher %u: %s\n", publisher->number, why->text);
    }
    publisher_close(publisher);
}

static void on_started(struct program *program, struct publisher *publisher)
{
    int64_t now_us = monotime_us();
    program->n_starting--;
    program->starts_us[program->n_starts++] = now_us - publisher->connect_us;
    if (program->start_only > 0) {
        publisher_stop(publisher);
        let_go(program, publisher, NULL);
        return;
    }
    int64_t phase_us = (int64_t)publisher->number * 1000000 / program->count;
    publisher->base_us = now_us + (program->in_phase ? 0 : phase_us);
}

static void send_due(struct program *program, struct publisher *publisher, bool watched)
{
    struct err err = {0};
    int left = publisher_send(publisher, &program->target, &program->file,
                              monotime_us(), &err);
    if (left < 0)
        let_go(program, publisher, &err);
    else if (left > 0 || watched)
        tool_poll_set(program->epoll, EPOLL_CTL_MOD, publisher->fd, left > 0,
                      publisher);
}

static void on_event(struct program *program, const struct epoll_event *event)
{
    struct publisher *publisher = event->data.ptr;
    struct err err = {0};
    if (publisher->state == PUBLISHER_OFF)
        return;
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        int result = publisher_readable(publisher, &err);
        if (result < 0) {
            let_go(program, publisher, &err);
            return;
        }
        if (result > 0)
            on_started(program, publisher);
    }
    if (publisher->state != PUBLISHER_OFF && event->events & EPOLLOUT)
        send_due(program, publisher, true);
}

static unsigned wanted(const struct program *program)
{
    return program->start_only > 0 ? program->start_only : program->count;
}

/* Fills free places of the table, as many as may start at the same time. */
static void start_some(struct program *program)
{
    for (unsigned i = 0;
         i < program->count && program->n_starting < program->concurrency &&
         program->n_begun < wanted(program);
         i++) {
        struct publisher *publisher = &program->publishers[i];
        if (publisher->state != PUBLISHER_OFF || publisher->n_tags > 0)
            continue;
        struct err err = {0};
        program->n_begun++;
        program->n_starting++;
        if (publisher_connect(publisher, &program->target, monotime_us(), &err) < 0)
            let_go(program, publisher, &err);
        else
            tool_poll_set(program->epoll, EPOLL_CTL_ADD, publisher->fd, true,
                          publisher);
    }
}

/* Sends what is due everywhere; returns when the next tag is. */
static int64_t send_all(struct program *program, int64_t until_us)
{
    int64_t next_us = until_us;
    int64_t now_us = monotime_us();
    for (unsigned i = 0; i < program->count; i++) {
        struct publisher *publisher = &program->publishers[i];
        if (publisher->state != PUBLISHER_LIVE)
            continue;
        if (publisher_due_us(publisher, &program->file) <= now_us)
            send_due(program, publisher, false);
        if (publisher->state != PUBLISHER_LIVE)
            continue;
        int64_t due_us = publisher_due_us(publisher, &program->file);
        /* A full socket tells by itself when it goes on. */
        if (due_us > now_us && due_us < next_us)
            next_us = due_us;
    }
    return next_us;
}

static bool is_done(const struct program *program, int64_t until_us)
{
    if (program->n_failed + program->n_starts == wanted(program) && program->start_only)
        return true;
    return monotime_us() >= until_us;
}

static void run(struct program *program)
{
    int64_t until_us = monotime_us() + (int64_t)program->seconds * 1000000;
    while (!is_done(program, until_us)) {
        start_some(program);
        int64_t wait_us = send_all(program, until_us) - monotime_us();
        struct epoll_event events[EVENTS];
        int n = epoll_wait(program->epoll, events, EVENTS,
                           wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0);
        for (int i = 0; i < n; i++)
            on_event(program, &events[i]);
    }
}

static void print_results(struct program *program)
{
    uint64_t n_bytes = 0, n_tags = 0;
    int64_t late_us = 0;
    for (unsigned i = 0; i < program->count; i++) {
        const struct publisher *publisher = &program->publishers[i];
        n_bytes += publisher->n_bytes;
        n_tags += publisher->n_tags;
        late_us = publisher->late_us > late_us ? publisher->late_us : late_us;
    }
    unsigned n = program->n_starts;
    qsort(program->starts_us, n, sizeof program->starts_us[0], tool_compare);
    if (n > 0)
        printf("start_us n=%u p50=%lld p99=%lld max=%lld\n", n,
               (long long)program->starts_us[(n - 1) / 2],
               (long long)program->starts_us[(n - 1) * 99 / 100],
               (long long)program->starts_us[n - 1]);
    printf("sent bytes=%llu tags=%llu late_us_max=%lld failed=%u cpu_us=%lld\n",
           (unsigned long long)n_bytes, (unsigned long long)n_tags, (long long)late_us,
           program->n_failed, (long long)tool_cpu_us());
}

static void prepare(struct program *program)
{
    struct err err = {0};
    read_url(program);
    if (program->keys_path)
        read_keys(program);
    if (flv_file_load(&program->file, program->path, program->target.chunk_size, &err) <
        0)
        tool_fail(err.text);
    if (program->start_only > 0)
        program->count = program->concurrency;
    program->publishers = alloc_array(program->count, sizeof program->publishers[0]);
    for (unsigned i = 0; i < program->count; i++) {
        program->publishers[i].number = i;
        program->publishers[i].key = key_of(program, i);
    }
    program->starts_us = alloc_array(wanted(program), sizeof program->starts_us[0]);
    program->epoll = tool_poll_open();
}

int main(int argc, char **argv)
{
    static struct program program = {
        .key_pattern = "bench-%u",
        .count = 1,
        .concurrency = 30,
        .seconds = 10,
        .target = {.chunk_size = 4096},
    };
    read_options(&program, argc, argv);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    prepare(&program);
    run(&program);
    for (unsigned i = 0; i < program.count; i++) {
        publisher_stop(&program.publishers[i]);
        publisher_close(&program.publishers[i]);
    }
    print_results(&program);
    return program.n_failed > 0 ? 1 : 0;
}
