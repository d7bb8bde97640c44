/* One RTMP connection of the publishers' program: connects, publishes, and sends what of
 * the file is due, without ever waiting.
 *
 * Ownership: init/finish in the program's table. Threads: one. Time: passed in, in µs. */
#ifndef BENCH_PUBLISHER_H
#define BENCH_PUBLISHER_H

#include <netinet/in.h>

#include "core/bytes.h"

struct buf;
struct err;
struct flv_file;
struct rtmp_client;

enum publisher_state {
    PUBLISHER_OFF,      /* no connection */
    PUBLISHER_STARTING, /* from connect() to Publish.Start */
    PUBLISHER_LIVE,     /* media goes out */
};

struct publisher {
    enum publisher_state state;
    unsigned number;
    char *key;
    int fd;
    struct rtmp_client *client;
    struct buf *out; /* what the client says, partly sent */
    size_t out_sent;
    int64_t connect_us; /* when connect() was called */
    int64_t base_us;    /* when stamp 0 is due */
    /* the next tag, and how much of it is sent */
    size_t tag;
    uint32_t round;
    size_t tag_sent;
    uint64_t n_bytes, n_tags;
    int64_t late_us;    /* the most a tag was written behind its time */
    int64_t written_us; /* with marks: wall clock before the last write */
};

struct publisher_target {
    struct sockaddr_in address;
    const char *app;
    const char *tc_url;
    uint32_t chunk_size;
    bool marks; /* print when the last byte of a picture was written */
};

int publisher_connect(struct publisher *publisher,
                      const struct publisher_target *target, int64_t now_us,
                      struct err *err);
void publisher_close(struct publisher *publisher); /* also when off */
/* Reads what came. 1: Publish.Start has come now, 0, or -ERR_X. */
int publisher_readable(struct publisher *publisher, struct err *err);
/* Sends what is due. 0: all of it; 1: the socket is full; -ERR_X. */
int publisher_send(struct publisher *publisher, const struct publisher_target *target,
                   const struct flv_file *file, int64_t now_us, struct err *err);
/* When the next tag is due. */
int64_t publisher_due_us(const struct publisher *publisher,
                         const struct flv_file *file);
void publisher_stop(struct publisher *publisher); /* says good-bye, as far as it fits */

#endif
