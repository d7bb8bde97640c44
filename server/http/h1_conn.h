/* HTTP/1.1 (RFC 9112) on one connection: llhttp in strict mode behind a guard, keep-alive,
 * pipelined requests answered in order, deadlines, the queue of answers.
 *
 * Ownership: the connection lives by itself and ends by itself; http_h1_server keeps them
 *   all and closes them.
 * Threads:   the loop's.
 * Limits:    struct http_limits. */
#ifndef HTTP_H1_CONN_H
#define HTTP_H1_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_router;
struct http_server;
struct loop;
struct log;

struct http_limits {
    size_t head_max;          /* 16 KiB: request line and headers */
    int64_t head_ms;          /* 10 s for a whole head */
    int64_t body_ms;          /* 30 s for a whole body */
    int64_t idle_ms;          /* 75 s between requests */
    int64_t stall_ms;         /* 20 s without the client taking a byte */
    size_t queue_max;         /* 32 MiB that may wait for one client */
    unsigned connections_max; /* of one loop */
    /* of one address on one loop; loopback is exempt */
    unsigned connections_per_peer_max;
};
extern const struct http_limits http_h1_default_limits;

struct http_stats { /* of one loop; read on its thread */
    uint64_t n_requests;
    uint64_t n_status[6]; /* by hundreds; [0] unused */
    uint64_t n_refused;   /* connections over a limit */
    uint64_t bytes_out;
    unsigned n_connections;
};

/* All connections of one loop with one router. */
struct http_server *http_h1_server_create(struct loop *loop,
                                          const struct http_router *router,
                                          const struct http_limits *limits,
                                          const struct log *log);
void http_h1_server_accept(struct http_server *server, int fd); /* takes the socket */
/* No new requests: idle connections close, others after their answer; one that is new
 * may ask once, if it does so soon. */
void http_h1_server_drain(struct http_server *server);
void http_h1_server_destroy(
    struct http_server *server); /* closes what is left; NULL: nothing */
struct http_stats http_h1_server_stats(const struct http_server *server);

#endif
