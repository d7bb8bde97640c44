/* Runs a session on a script and writes down what came of it: events as lines of text,
 * and the bytes it answered. */
#ifndef TESTS_RTMP_RUN_H
#define TESTS_RTMP_RUN_H

#include "core/builder.h"
#include "core/err.h"
#include "server/rtmp/session.h"

enum { RUN_NOW_MS = 1000000 };

struct run {
    struct rtmp_session *session;
    const char *refusal; /* refuse a publish with this sentence; NULL: accept */
    bool hesitates;      /* leave a publish to run_accept() */
    struct builder events;
    struct builder out;
    struct err err; /* of the feed that failed */
    int64_t now_ms;
};

void run_init(struct run *run);
void run_init_limits(struct run *run, const struct rtmp_limits *limits);
void run_finish(struct run *run);

/* Feeds, pulls all events, answers a publish, takes the output. */
int run_feed(struct run *run, struct bytes in);
/* The same in pieces of at most n bytes. */
int run_feed_pieces(struct run *run, struct bytes in, size_t n);
int run_accept(struct run *run);
int run_tick(struct run *run, int64_t now_ms); /* no bytes, another time */

const char *run_events(struct run *run); /* valid until the next call */
struct bytes run_out(const struct run *run);
/* How often the output holds that text. */
unsigned run_count(const struct run *run, const char *text);
void run_forget_output(struct run *run);

#endif
