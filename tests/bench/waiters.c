/* Viewers that wait for what comes next, as players do: each holds a blocking reload (or
 * a request for the hinted part) and asks for the next one as soon as it has the answer.
 *
 *   waiters HOST:PORT PLAYLIST [options]      PLAYLIST: /live/SHOW/video.m3u8
 *     --count N      waiters (1)
 *     --seconds S    (10)
 *     --parts        hold the hinted part instead of the playlist
 *     --skip         ask for delta updates
 *
 * One thread. For each part, a line when all waiters have it, or at the end:
 *   wake msn=12 part=3 n=5000 first_us=WALL after_us=0,4,…
 * first_us is the wall clock at the first waiter's first byte as the kernel has seen it,
 * after_us are all waiters' first bytes after it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/alloc.h"
#include "core/err.h"
#include "tests/bench/http_client.h"
#include "tests/bench/tool.h"

enum { EVENTS = 512, WAITERS_MAX = 20000, PATH_MAX_LEN = 512, WAKES = 8 };

/* Where a waiter stands: the part it waits for. */
struct place {
    uint64_t msn, part;
    char uri[PATH_MAX_LEN]; /* of the hinted part */
};

struct waiter {
    struct http_client client; /* first: events point to it */
    bool knows_place;          /* it holds; else it is asking where the show stands */
    bool reads_part;           /* --parts: the part is out, not the playlist */
    struct place place;
};

/* One part's arrival at all waiters; old ones are overwritten. */
struct wake {
    uint64_t msn, part;
    unsigned n;
    int64_t *at_us;
};

struct program {
    struct sockaddr_in address;
    const char *playlist;
    unsigned count, seconds;
    bool parts, skip;
    int epoll;
    struct waiter *waiters;
    struct wake wakes[WAKES];
    unsigned n_failed;
};

static void read_options(struct program *program, int argc, char **argv)
{
    static const struct option options[] = {
        {"count", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 's'},
        {"parts", no_argument, NULL, 'p'},
        {"skip", no_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'n')
            program->count = tool_number(optarg, 1, WAITERS_MAX);
        else if (option == 's')
            program->seconds = tool_number(optarg, 1, 3600);
        else if (option == 'p')
            program->parts = true;
        else if (option == 'k')
            program->skip = true;
        else
            tool_fail("usage: waiters HOST:PORT PLAYLIST [options]");
    }
    if (argc - optind != 2 || !http_client_address(argv[optind], &program->address))
        tool_fail("usage: waiters HOST:PORT PLAYLIST [options]");
    program->playlist = argv[optind + 1];
    if (strlen(program->playlist) > PATH_MAX_LEN / 2)
        tool_fail("the path is too long");
}

/* ---- what comes of a part ---- */

static void print_wake(struct wake *wake)
{
    if (wake->n == 0)
        return;
    qsort(wake->at_us, wake->n, sizeof wake->at_us[0], tool_compare);
    printf("wake msn=%llu part=%llu n=%u first_us=%lld after_us=",
           (unsigned long long)wake->msn, (unsigned long long)wake->part, wake->n,
           (long long)wake->at_us[0]);
    for (unsigned i = 0; i < wake->n; i++)
        printf(i ? ",%lld" : "%lld", (long long)(wake->at_us[i] - wake->at_us[0]));
    printf("\n");
    wake->n = 0;
}

static void note_arrival(struct program *program, const struct waiter *waiter)
{
    const struct place *place = &waiter->place;
    struct wake *wake = &program->wakes[(place->msn * 64 + place->part) % WAKES];
    if (wake->msn != place->msn || wake->part != place->part) {
        print_wake(wake);
        wake->msn = place->msn;
        wake->part = place->part;
    }
    if (wake->n < program->count)
        wake->at_us[wake->n++] = waiter->client.first_us;
    if (wake->n == program->count)
        print_wake(wake);
}

/* ---- asking ---- */

/* Reads the hint "EPOCH/video-12.3.m4s" of a playlist. */
static bool read_hint(const struct program *program, struct bytes text,
                      struct place *ret_place)
{
    static const char tag[] = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
    char *at = memmem(text.data, text.len, tag, strlen(tag));
    if (!at)
        return false;
    at += strlen(tag);
    struct bytes rest = bytes_from(text, (size_t)((const uint8_t *)at - text.data));
    struct bytes uri = bytes_first(rest, bytes_index(rest, 0, '"'));
    unsigned long long msn, part;
    char copy[PATH_MAX_LEN / 2];
    (void)snprintf(copy, sizeof copy, "%.*s", BYTES_FMT(uri));
    const char *dash = strrchr(copy, '-');
    if (!dash || sscanf(dash, "-%llu.%llu.m4s", &msn, &part) != 2)
        return false;
    const char *slash = strrchr(program->playlist, '/');
    int folder = slash ? (int)(slash - program->playlist + 1) : 0;
    ret_place->msn = msn;
    ret_place->part = part;
    (void)snprintf(ret_place->uri, sizeof ret_place->uri, "%.*s%s", folder,
                   program->playlist, copy);
    return true;
}

static int ask(const struct program *program, struct waiter *waiter, struct err *err)
{
    char path[PATH_MAX_LEN];
    const struct place *place = &waiter->place;
    if (waiter->knows_place && waiter->reads_part)
        return http_client_get(&waiter->client, place->uri, "", err);
    if (waiter->knows_place)
        (void)snprintf(path, sizeof path, "%s?_HLS_msn=%llu&_HLS_part=%llu%s",
                       program->playlist, (unsigned long long)place->msn,
                       (unsigned long long)place->part,
                       program->skip ? "&_HLS_skip=YES" : "");
    else
        (void)snprintf(path, sizeof path, "%s", program->playlist);
    return http_client_get(&waiter->client, path, "", err);
}

/* All waiters of one wake get the same text; most of them need not read it. */
static bool follow(struct program *program, struct waiter *waiter)
{
    static struct place last, next;
    if (waiter->knows_place && waiter->place.msn == last.msn &&
        waiter->place.part == last.part) {
        waiter->place = next;
        return true;
    }
    struct place before = waiter->place;
    bool known = waiter->knows_place;
    if (!read_hint(program, waiter->client.body, &waiter->place))
        return false;
    if (known) {
        last = before;
        next = waiter->place;
    }
    return true;
}

static int on_answer(struct program *program, struct waiter *waiter, struct err *err)
{
    if (waiter->client.status != 200)
        return err_set(err, ERR_PROTO, "status %d", waiter->client.status);
    bool is_part = waiter->knows_place && waiter->reads_part;
    if (waiter->knows_place && waiter->reads_part == program->parts)
        note_arrival(program, waiter);
    if (is_part) {
        waiter->reads_part = false; /* the playlist has it now, too */
        return ask(program, waiter, err);
    }
    if (!follow(program, waiter))
        return err_set(err, ERR_PROTO, "a playlist without a hint");
    waiter->knows_place = true;
    waiter->reads_part = program->parts;
    return ask(program, waiter, err);
}

static void on_readable(struct program *program, struct waiter *waiter)
{
    struct err err;
    int result = http_client_readable(&waiter->client, &err);
    if (result > 0)
        result = on_answer(program, waiter, &err);
    if (result >= 0)
        return;
    if (program->n_failed++ < 3)
        (void)fprintf(stderr, "waiters: %s\n", err.text);
    http_client_close(&waiter->client);
}

static void connect_all(struct program *program)
{
    program->waiters = alloc_array(program->count, sizeof *program->waiters);
    for (unsigned i = 0; i < WAKES; i++)
        program->wakes[i].at_us = alloc_array(program->count, sizeof(int64_t));
    program->epoll = tool_poll_open();
    for (unsigned i = 0; i < program->count; i++) {
        struct waiter *waiter = &program->waiters[i];
        struct err err;
        if (http_client_connect(&waiter->client, &program->address, true, &err) < 0 ||
            ask(program, waiter, &err) < 0)
            tool_fail(err.text);
        tool_poll_set(program->epoll, EPOLL_CTL_ADD, waiter->client.fd, false, waiter);
    }
}

int main(int argc, char **argv)
{
    static struct program program = {.count = 1, .seconds = 10};
    static char out[1 << 20];
    read_options(&program, argc, argv);
    (void)setvbuf(stdout, out, _IOFBF, sizeof out);
    connect_all(&program);
    int64_t until_us = http_client_now_us() + (int64_t)program.seconds * 1000000;
    while (http_client_now_us() < until_us) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(program.epoll, events, EVENTS, 100);
        for (int i = 0; i < n; i++)
            on_readable(&program, events[i].data.ptr);
    }
    for (unsigned i = 0; i < WAKES; i++)
        print_wake(&program.wakes[i]);
    printf("waiters n=%u failed=%u\n", program.count, program.n_failed);
    return program.n_failed > 0 ? 1 : 0;
}
