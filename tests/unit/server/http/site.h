/* A server on a socket pair with the real loop, and a site to be asked for. The client end
 * is non-blocking and on the same loop: it sends its script, collects all that comes, and
 * ends the run when it has seen what it waits for or the connection's end.
 *
 * Ownership: open/close; another client's got is finished by the test. Threads: one. */
#ifndef TESTS_UNIT_SERVER_HTTP_SITE_H
#define TESTS_UNIT_SERVER_HTTP_SITE_H

#include "core/builder.h"
#include "core/err.h"
#include "server/http/h1_conn.h"
#include "server/http/router.h"
#include "server/loop/loop.h"
#include "server/loop/tcp.h"
#include "server/loop/timer.h"

/* Header lines of requests. */
#define HOST "Host: shop.example\r\n"
#define CLOSE "Connection: close\r\n"

struct site;

struct site_client {
    struct site *site;
    struct loop_tcp *tcp;
    struct builder got;
    const char *until;  /* stop the loop when this text has come; NULL: at the end */
    bool until_drained; /* stop the loop when all has been taken */
    bool closed, keeps_running;
    struct site_client *wakes; /* reads and asks again when this one is closed */
    enum err_code why;
};

struct site {
    struct loop *loop;
    struct http_router *router;
    struct http_server *server;
    struct site_client client, *other;
    struct loop_timer *timer, *poll_timer;
    struct http_exchange *held[8]; /* by handler hold or stream */
    unsigned n_held, n_gone, n_calls;
    char bodies[256]; /* all request bodies and params, in order */
    struct buf *large;
};

extern const struct loop_tcp_limits site_client_limits;

void site_send(struct site_client *client, const char *text);
/* With a client; limits NULL: the server's own. */
void site_open(struct site *site, const struct http_limits *limits);
void site_open_client(struct site *site, struct site_client *client,
                      const struct loop_tcp_limits *limits);
void site_close(struct site *site);
/* The client has had this text. */
bool site_got(const struct site *site, const char *text);
/* Opens, sends one text and runs until the wanted text has come, or to the end of the
 * connection when it is NULL. */
void site_run_text(struct site *site, const char *text, const char *until);
void site_run_to_end(struct site *site, const char *text);
/* Runs with a function that looks every millisecond whether its moment has come. */
void site_run_with_timer(struct site *site, void (*look)(void *ctx));

#endif
