/* What a connection and its server know of each other. Only for h1_conn.c and
 * h1_server.c. */
#ifndef HTTP_H1_INSIDE_H
#define HTTP_H1_INSIDE_H

#include "core/builder.h"
#include "core/list.h"
#include "server/http/carrier.h"
#include "server/http/date.h"
#include "server/http/h1_conn.h"
#include "server/http/h1_reader.h"
#include "server/http/router.h"
#include "server/loop/loop.h"
#include "server/loop/tcp.h"

struct http_peers;

enum http_h1_conn_state {
    HTTP_H1_CONN_IDLE,      /* between requests */
    HTTP_H1_CONN_HEAD,      /* in a request's head */
    HTTP_H1_CONN_BODY,      /* in a request's body */
    HTTP_H1_CONN_ANSWERING, /* a handler has the exchange */
    HTTP_H1_CONN_STREAMING, /* an answer without end */
    HTTP_H1_CONN_THROTTLED, /* no new request until the client has taken its answers */
    HTTP_H1_CONN_CLOSING,   /* the last answer leaves; nothing more is read */
};

struct http_conn {
    struct list link; /* server.conns */
    struct http_server *server;
    struct loop_tcp *tcp;
    enum http_h1_conn_state state;
    struct http_h1_reader reader;
    struct http_exchange *exchange; /* NULL between requests */
    bool found;                     /* route is of a pattern that fits */
    struct http_route route;        /* of the present request */
    unsigned long n_requests;
    bool dispatching;         /* the handler is on the stack */
    bool paused;              /* carry is full */
    bool peer_ended;          /* the client will send no more */
    struct builder carry;     /* bytes that came while an answer was awaited */
    struct loop_after resume; /* reads carry on */
    bool counted;             /* in server.peers */
};

struct http_server {
    struct loop *loop;
    const struct http_router *router; /* NULL once destroyed */
    struct http_limits limits;
    struct loop_tcp_limits tcp_limits;
    const struct log *log;
    bool draining;
    struct list conns; /* http_conn.link */
    struct list spare; /* http_exchange.link */
    unsigned n_spare;
    struct http_peers *peers;
    struct builder head; /* of the answer being written */
    int64_t date_s;      /* second that date is for */
    char date[HTTP_DATE_MAX];
    struct http_stats stats;
};

struct http_conn *http_h1_conn_open(struct http_server *server, int fd);
/* Sends a short refusal and closes; nothing is read. */
void http_h1_conn_refuse(struct http_conn *conn);
void http_h1_conn_drain(struct http_conn *conn);
/* Tells the handler and closes at once. */
void http_h1_conn_abort(struct http_conn *conn);

struct http_exchange *http_h1_server_take_exchange(struct http_server *server);
void http_h1_server_give_exchange(struct http_server *server,
                                  struct http_exchange *exchange);
const char *http_h1_server_date(struct http_server *server);
/* The connection is closed and will be freed: the server forgets it, and frees itself if
 * it was the last one of a destroyed server. */
void http_h1_server_forget(struct http_server *server, struct http_conn *conn);

#endif
