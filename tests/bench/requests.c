/* Asks for one address again and again, at a fixed rate over keep-alive connections, and
 * measures.
 *
 *   requests HOST:PORT PATH [options]
 *     --connections N    (16)
 *     --rate N           requests a second, over all connections (1000)
 *     --seconds S        (5)
 *
 * One thread. A request that is due while all connections are busy is left out and
 * counted. At the end: how many were answered, bytes, the times from asking to the first
 * byte in µs, and what the program itself cost. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/parse.h"
#include "tests/bench/http_client.h"

enum { EVENTS = 64, CONNECTIONS_MAX = 1000, SAMPLES_MAX = 4000000 };

struct program {
    struct sockaddr_in address;
    const char *path;
    unsigned connections, rate, seconds;
    int epoll;
    struct http_client *clients;
    struct http_client **idle;
    unsigned n_idle;
    uint64_t n_asked, n_answered, n_left_out, n_wrong, n_bytes;
    uint32_t *first_us;
};

static _Noreturn void fail(const char *words)
{
    (void)fprintf(stderr, "requests: %s\n", words);
    exit(2);
}

static unsigned number_of(const char *text, unsigned max)
{
    uint64_t value;
    if (!parse_u64(bytes_text(text), &value) || value == 0 || value > max)
        fail("a number is wrong");
    return (unsigned)value;
}

static void read_options(struct program *program, int argc, char **argv)
{
    static const struct option options[] = {
        {"connections", required_argument, NULL, 'c'},
        {"rate", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            program->connections = number_of(optarg, CONNECTIONS_MAX);
        else if (option == 'r')
            program->rate = number_of(optarg, 100000);
        else if (option == 's')
            program->seconds = number_of(optarg, 3600);
        else
            fail("usage: requests HOST:PORT PATH [options]");
    }
    if (argc - optind != 2 || !http_client_address(argv[optind], &program->address))
        fail("usage: requests HOST:PORT PATH [options]");
    program->path = argv[optind + 1];
    if ((uint64_t)program->rate * program->seconds > SAMPLES_MAX)
        fail("too many requests");
}

static void connect_all(struct program *program)
{
    program->clients = alloc_array(program->connections, sizeof *program->clients);
    program->idle = alloc_array(program->connections, sizeof(struct http_client *));
    program->first_us = alloc_array(SAMPLES_MAX, sizeof *program->first_us);
    program->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (unsigned i = 0; i < program->connections; i++) {
        struct http_client *client = &program->clients[i];
        struct err err;
        if (http_client_connect(client, &program->address, false, &err) < 0)
            fail(err.text);
        struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = client}};
        if (epoll_ctl(program->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0)
            fail("epoll");
        program->idle[program->n_idle++] = client;
    }
}

static void ask_due(struct program *program, int64_t begin_us, int64_t now_us)
{
    uint64_t due = (uint64_t)(now_us - begin_us) * program->rate / 1000000;
    while (program->n_asked + program->n_left_out < due) {
        struct err err;
        if (program->n_idle == 0) {
            program->n_left_out++;
            continue;
        }
        struct http_client *client = program->idle[--program->n_idle];
        if (http_client_get(client, program->path, "", &err) < 0)
            fail(err.text);
        program->n_asked++;
    }
}

static void on_readable(struct program *program, struct http_client *client)
{
    struct err err;
    int result = http_client_readable(client, &err);
    if (result < 0)
        fail(err.text);
    if (result == 0)
        return;
    program->n_wrong += client->status != 200;
    program->n_bytes += client->n_bytes;
    if (program->n_answered < SAMPLES_MAX)
        program->first_us[program->n_answered++] =
            (uint32_t)(client->first_us - client->asked_us);
    program->idle[program->n_idle++] = client;
}

static void run(struct program *program)
{
    int64_t begin_us = http_client_now_us();
    int64_t until_us = begin_us + (int64_t)program->seconds * 1000000;
    int64_t now_us;
    while ((now_us = http_client_now_us()) < until_us) {
        ask_due(program, begin_us, now_us);
        struct epoll_event events[EVENTS];
        int n = epoll_wait(program->epoll, events, EVENTS, 1);
        for (int i = 0; i < n; i++)
            on_readable(program, events[i].data.ptr);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int64_t own_cpu_us(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
    static struct program program = {.connections = 16, .rate = 1000, .seconds = 5};
    read_options(&program, argc, argv);
    connect_all(&program);
    run(&program);
    size_t n = program.n_answered;
    if (n == 0)
        fail("nothing was answered");
    qsort(program.first_us, n, sizeof program.first_us[0], compare);
    printf("requests n=%zu left_out=%llu wrong=%llu bytes=%llu p50_us=%u p99_us=%u "
           "max_us=%u cpu_us=%lld\n",
           n, (unsigned long long)program.n_left_out,
           (unsigned long long)program.n_wrong, (unsigned long long)program.n_bytes,
           program.first_us[(n - 1) / 2], program.first_us[(n - 1) * 99 / 100],
           program.first_us[n - 1], (long long)own_cpu_us());
    return program.n_wrong > 0 ? 1 : 0;
}
