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

#include "core/alloc.h"
#include "core/err.h"
#include "tests/bench/http_client.h"
#include "tests/bench/tool.h"

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
    int64_t *first_us;
};

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
            program->connections = tool_number(optarg, 1, CONNECTIONS_MAX);
        else if (option == 'r')
            program->rate = tool_number(optarg, 1, 100000);
        else if (option == 's')
            program->seconds = tool_number(optarg, 1, 3600);
        else
            tool_fail("usage: requests HOST:PORT PATH [options]");
    }
    if (argc - optind != 2 || !http_client_address(argv[optind], &program->address))
        tool_fail("usage: requests HOST:PORT PATH [options]");
    program->path = argv[optind + 1];
    if ((uint64_t)program->rate * program->seconds > SAMPLES_MAX)
        tool_fail("too many requests");
}

static void connect_all(struct program *program)
{
    program->clients = alloc_array(program->connections, sizeof *program->clients);
    program->idle = alloc_array(program->connections, sizeof(struct http_client *));
    program->first_us = alloc_array(SAMPLES_MAX, sizeof *program->first_us);
    program->epoll = tool_poll_open();
    for (unsigned i = 0; i < program->connections; i++) {
        struct http_client *client = &program->clients[i];
        struct err err;
        if (http_client_connect(client, &program->address, false, &err) < 0)
            tool_fail(err.text);
        tool_poll_set(program->epoll, EPOLL_CTL_ADD, client->fd, false, client);
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
            tool_fail(err.text);
        program->n_asked++;
    }
}

static void on_readable(struct program *program, struct http_client *client)
{
    struct err err;
    int result = http_client_readable(client, &err);
    if (result < 0)
        tool_fail(err.text);
    if (result == 0)
        return;
    program->n_wrong += client->status != 200;
    program->n_bytes += client->n_bytes;
    if (program->n_answered < SAMPLES_MAX)
        program->first_us[program->n_answered++] = client->first_us - client->asked_us;
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

int main(int argc, char **argv)
{
    static struct program program = {.connections = 16, .rate = 1000, .seconds = 5};
    read_options(&program, argc, argv);
    connect_all(&program);
    run(&program);
    size_t n = program.n_answered;
    if (n == 0)
        tool_fail("nothing was answered");
    qsort(program.first_us, n, sizeof program.first_us[0], tool_compare);
    printf("requests n=%zu left_out=%llu wrong=%llu bytes=%llu p50_us=%lld p99_us=%lld "
           "max_us=%lld cpu_us=%lld\n",
           n, (unsigned long long)program.n_left_out,
           (unsigned long long)program.n_wrong, (unsigned long long)program.n_bytes,
           (long long)program.first_us[(n - 1) / 2],
           (long long)program.first_us[(n - 1) * 99 / 100],
           (long long)program.first_us[n - 1], (long long)tool_cpu_us());
    return program.n_wrong > 0 ? 1 : 0;
}
