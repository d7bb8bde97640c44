#include "core/alloc.h"
#include "core/log.h"
#include "server/http/h1_inside.h"
#include "server/http/peers.h"

enum {
    /* Exchanges kept for the next requests: about 4 KiB each. More are in use at once only
     * while many reloads are held. */
    SPARE_MAX = 64,
    /* Heads are a few hundred bytes; a handler's own lines may come to this. */
    ANSWER_HEAD_MAX = 64 * 1024,
};

struct http_server *http_h1_server_create(struct loop *loop,
                                          const struct http_router *router,
                                          const struct http_limits *limits,
                                          const struct log *log)
{
    struct http_server *server = alloc_zero(sizeof *server);
    server->loop = loop;
    server->router = router;
    server->limits = *limits;
    server->tcp_limits = (struct loop_tcp_limits){.queue_max = limits->queue_max,
                                                  .stall_ms = limits->stall_ms};
    server->log = log;
    list_init(&server->conns);
    list_init(&server->spare);
    server->peers = http_peers_create(limits->connections_per_peer_max);
    builder_init(&server->head, ANSWER_HEAD_MAX);
    server->date_s = -1;
    return server;
}

/* ---- connections ---- */

void http_h1_server_accept(struct http_server *server, int fd)
{
    bool full = server->stats.n_connections >= server->limits.connections_max;
    struct http_conn *conn = http_h1_conn_open(server, fd);
    list_push(&server->conns, &conn->link);
    server->stats.n_connections++;
    if (full || server->draining) {
        /* No answer: it would cost what we do not have. */
        server->stats.n_refused++;
        http_h1_conn_abort(conn);
    } else if (!http_peers_enter(server->peers, loop_tcp_peer(conn->tcp))) {
        server->stats.n_refused++;
        http_h1_conn_refuse(conn);
    } else {
        conn->counted = true;
    }
}

static void free_server(struct http_server *server)
{
    for (struct list *link; (link = list_shift(&server->spare));)
        alloc_free(container_of(link, struct http_exchange, link));
    http_peers_destroy(server->peers);
    builder_finish(&server->head);
    alloc_free(server);
}

void http_h1_server_forget(struct http_server *server, struct http_conn *conn)
{
    list_remove(&conn->link);
    if (conn->counted)
        http_peers_leave(server->peers, loop_tcp_peer(conn->tcp));
    server->stats.n_connections--;
    if (!server->router && list_is_empty(&server->conns))
        free_server(server);
}

void http_h1_server_drain(struct http_server *server)
{
    server->draining = true;
    list_for_each (link, &server->conns)
        http_h1_conn_drain(container_of(link, struct http_conn, link));
}

void http_h1_server_destroy(struct http_server *server)
{
    if (!server || !server->router)
        return;
    server->router = NULL;
    server->log = NULL;
    server->draining = true;
    list_for_each (link, &server->conns)
        http_h1_conn_abort(container_of(link, struct http_conn, link));
    if (list_is_empty(&server->conns))
        free_server(server);
}

struct http_stats http_h1_server_stats(const struct http_server *server)
{
    return server->stats;
}

/* ---- what connections share ---- */

struct http_exchange *http_h1_server_take_exchange(struct http_server *server)
{
    struct list *link = list_shift(&server->spare);
    if (!link)
        return alloc_zero(sizeof(struct http_exchange));
    server->n_spare--;
    return container_of(link, struct http_exchange, link);
}

void http_h1_server_give_exchange(struct http_server *server,
                                  struct http_exchange *exchange)
{
    if (server->n_spare == SPARE_MAX) {
        alloc_free(exchange);
        return;
    }
    list_push(&server->spare, &exchange->link);
    server->n_spare++;
}

const char *http_h1_server_date(struct http_server *server)
{
    int64_t wall_ms = loop_wall_ms(server->loop);
    if (wall_ms / 1000 != server->date_s) {
        server->date_s = wall_ms / 1000;
        (void)http_date_print(wall_ms, server->date);
    }
    return server->date;
}
