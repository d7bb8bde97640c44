#include "server/http/h1_conn.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/log.h"
#include "core/require.h"
#include "server/http/h1_inside.h"
#include "server/http/h1_print.h"
#include "server/http/method.h"

enum {
    /* Pipelined requests that wait for the answer before them: a few; then reading
     * stops. */
    CARRY_MAX = 16 * 1024,
    /* Answers that may wait in one connection before its next request is looked at: with
     * it, pipelining cannot make us queue many large bodies. */
    PIPELINE_QUEUE_MAX = 256 * 1024,
    /* The last answer of a connection has this long to leave. That it moves at all is
     * limits.stall_ms' matter. */
    FLUSH_MS = 120 * 1000,
    /* For a first request that is on its way while the server drains. */
    DRAIN_FIRST_MS = 500,
};

static void on_readable(void *ctx, struct bytes in);
static void on_ended(void *ctx);
static void on_drained(void *ctx);
static void on_expired(void *ctx);
static void on_closed(void *ctx, const struct err *why);
static void on_resume(struct loop_after *after);

static const struct loop_tcp_handler tcp_handler = {
    .readable = on_readable,
    .ended = on_ended,
    .drained = on_drained,
    .expired = on_expired,
    .closed = on_closed,
};

/* How long a connection may stay in a state. */
static int64_t time_for(const struct http_conn *conn, enum http_h1_conn_state state)
{
    const struct http_limits *limits = &conn->server->limits;
    switch (state) {
    case HTTP_H1_CONN_IDLE:
        return conn->n_requests == 0 ? limits->head_ms : limits->idle_ms;
    case HTTP_H1_CONN_HEAD:
        return limits->head_ms;
    case HTTP_H1_CONN_BODY:
        return limits->body_ms;
    case HTTP_H1_CONN_ANSWERING:
    case HTTP_H1_CONN_STREAMING:
    case HTTP_H1_CONN_THROTTLED:
    case HTTP_H1_CONN_CLOSING:
        break;
    }
    return -1; /* without limit here */
}

static void set_state(struct http_conn *conn, enum http_h1_conn_state state)
{
    require(conn->state != HTTP_H1_CONN_CLOSING);
    conn->state = state;
    int64_t for_ms = time_for(conn, state);
    loop_tcp_set_deadline(
        conn->tcp, for_ms < 0 ? INT64_MAX : loop_now_ms(conn->server->loop) + for_ms);
}

static void close_flushed(struct http_conn *conn)
{
    if (conn->state == HTTP_H1_CONN_CLOSING)
        return;
    set_state(conn, HTTP_H1_CONN_CLOSING);
    loop_tcp_close_flushed(conn->tcp, FLUSH_MS);
}

static void release_exchange(struct http_conn *conn)
{
    if (conn->exchange)
        http_h1_server_give_exchange(conn->server, conn->exchange);
    conn->exchange = NULL;
}

/* ---- answers ---- */

static void write_bytes(struct http_conn *conn, struct bytes content)
{
    struct buf *buf = buf_try_copy(content);
    if (!buf) {
        loop_tcp_close(conn->tcp);
        return;
    }
    conn->server->stats.bytes_out += content.len;
    loop_tcp_write(conn->tcp, buf);
}

static void write_head(struct http_conn *conn, const struct http_reply *reply,
                       enum http_h1_persistence persistence)
{
    struct http_server *server = conn->server;
    builder_clear(&server->head);
    http_h1_print_head(&server->head, reply, persistence, http_h1_server_date(server));
    require(!builder_failed(&server->head));
    write_bytes(conn, builder_bytes(&server->head));
    if (reply->status >= 100 && reply->status < 600)
        server->stats.n_status[reply->status / 100]++;
}

/* The bytes [first, first + n_send) of the body: whole bufs by reference, the ends of a
 * range as copies. */
static void write_body(struct http_conn *conn, const struct http_reply *reply)
{
    const struct http_response *response = reply->response;
    uint64_t skip = reply->first, left = reply->n_send;
    conn->server->stats.bytes_out += left;
    for (size_t i = 0; i < response->n_bufs && left > 0; i++) {
        struct bytes content = buf_bytes(response->bufs[i]);
        if (skip >= content.len) {
            skip -= content.len;
            continue;
        }
        struct bytes part = bytes_from(content, (size_t)skip);
        skip = 0;
        part = left < part.len ? bytes_first(part, (size_t)left) : part;
        left -= part.len;
        struct buf *buf =
            part.len == content.len ? buf_ref(response->bufs[i]) : buf_try_copy(part);
        if (!buf) {
            loop_tcp_close(conn->tcp);
            return;
        }
        loop_tcp_write(conn->tcp, buf);
    }
}

/* The request before has been answered while its handler was not on the stack: what has
 * come meanwhile is read at the end of the turn, not inside somebody's call. */
static void continue_later(struct http_conn *conn)
{
    if (builder_bytes(&conn->carry).len > 0 || conn->peer_ended)
        loop_after(conn->server->loop, &conn->resume);
}

static bool stays(const struct http_conn *conn)
{
    return conn->reader.state == HTTP_H1_READER_DONE &&
           conn->reader.framing.keep_alive && !conn->server->draining;
}

static void carrier_answer(struct http_exchange *exchange,
                           const struct http_reply *reply)
{
    struct http_conn *conn = exchange->owner;
    if (!stays(conn)) {
        write_head(conn, reply, HTTP_H1_CLOSES);
        write_body(conn, reply);
        release_exchange(conn);
        close_flushed(conn);
        return;
    }
    write_head(conn, reply,
               conn->reader.framing.http10 ? HTTP_H1_STAYS_SAYS_SO : HTTP_H1_STAYS);
    write_body(conn, reply);
    release_exchange(conn);
    http_h1_reader_next(&conn->reader);
    set_state(conn, HTTP_H1_CONN_IDLE);
    if (!conn->dispatching)
        continue_later(conn);
}

/* An answer without end is ended by closing the connection: no framing of its own, so that
 * one event is one buffer for all who listen. */
static void carrier_stream(struct http_exchange *exchange,
                           const struct http_reply *reply)
{
    struct http_conn *conn = exchange->owner;
    write_head(conn, reply, HTTP_H1_CLOSES);
    set_state(conn, HTTP_H1_CONN_STREAMING);
    if (exchange->request.method == HTTP_HEAD)
        loop_tcp_close_flushed(conn->tcp,
                               FLUSH_MS); /* closed() will tell the handler */
    for (size_t i = 0; i < reply->response->n_bufs; i++)
        http_exchange_write(exchange, buf_ref(reply->response->bufs[i]));
}

static void carrier_write(struct http_exchange *exchange, struct buf *buf)
{
    struct http_conn *conn = exchange->owner;
    conn->server->stats.bytes_out += buf_bytes(buf).len;
    loop_tcp_write(conn->tcp, buf);
}

static size_t carrier_queued(const struct http_exchange *exchange)
{
    const struct http_conn *conn = exchange->owner;
    return loop_tcp_queued(conn->tcp);
}

static void carrier_end(struct http_exchange *exchange)
{
    struct http_conn *conn = exchange->owner;
    release_exchange(conn);
    close_flushed(conn);
}

static const struct http_carrier carrier = {
    .answer = carrier_answer,
    .stream = carrier_stream,
    .write = carrier_write,
    .queued = carrier_queued,
    .end = carrier_end,
};

/* ---- requests ---- */

/* Answers in place of a handler, for a request that is not whole: then the connection is
 * closed, as nobody knows where the next one begins. */
static void refuse_broken(struct http_conn *conn, int status, const char *detail)
{
    struct http_request *request = &conn->exchange->request;
    enum http_h1_reader_state state = conn->reader.state;
    if (state == HTTP_H1_READER_HEAD || state == HTTP_H1_READER_FAILED) {
        request->method = HTTP_GET; /* so that a body is sent */
        request->n_headers = 0;
    }
    log_debug(conn->server->log, "%s: %d, %s", loop_tcp_peer(conn->tcp), status,
              detail);
    http_exchange_refuse(conn->exchange, status, detail, NULL);
}

/* Paths that other sites' pages fetch: media, cues and the player (Fetch, CORS). */
static bool is_shared_path(struct bytes path)
{
    return bytes_has_prefix(path, "/live/") || bytes_has_prefix(path, "/player/");
}

/* "Allow: GET, HEAD\r\n" and the like for every method of a route; OPTIONS is ours. */
static void put_methods(struct builder *out, const char *name, unsigned methods)
{
    builder_text(out, name);
    for (unsigned i = 0; i < HTTP_METHODS; i++) {
        if (methods & 1U << i) {
            builder_text(out, http_method_text((enum http_method)i));
            builder_text(out, ", ");
        }
    }
    builder_text(out, "OPTIONS\r\n");
}

static void answer_options(struct http_conn *conn, unsigned methods)
{
    struct builder more;
    builder_init(&more, 1024);
    methods &= ~(1U << HTTP_OPTIONS);
    put_methods(&more, "Allow: ", methods);
    bool shared = is_shared_path(conn->exchange->request.path);
    if (shared) {
        put_methods(&more, "Access-Control-Allow-Methods: ", methods);
        builder_text(&more, "Access-Control-Allow-Headers: Range, Content-Type, "
                            "Last-Event-ID, CMCD-Object, CMCD-Request, CMCD-Session, "
                            "CMCD-Status\r\nAccess-Control-Max-Age: 86400\r\n");
    }
    builder_u8(&more, 0);
    struct http_response response = {.status = 204,
                                     .cors = shared,
                                     .cache_control = "max-age=86400",
                                     .more = (const char *)builder_bytes(&more).data};
    require(!builder_failed(&more));
    http_exchange_respond(conn->exchange, &response);
    builder_finish(&more);
}

static void answer_wrong_method(struct http_conn *conn, unsigned methods)
{
    struct builder more;
    builder_init(&more, 256);
    put_methods(&more, "Allow: ", methods & ~(1U << HTTP_OPTIONS));
    builder_u8(&more, 0);
    require(!builder_failed(&more));
    http_exchange_refuse(conn->exchange, 405, "this path takes other methods",
                         (const char *)builder_bytes(&more).data);
    builder_finish(&more);
}

/* What is answered without a handler, at once; false when there is a handler. */
static bool answer_without_handler(struct http_conn *conn)
{
    const struct http_request *request = &conn->exchange->request;
    if (conn->found && conn->route.handler)
        return false;
    if (request->method == HTTP_OPTIONS && bytes_equal_text(request->path, "*"))
        answer_options(conn, (1U << HTTP_METHODS) - 1);
    else if (!conn->found)
        http_exchange_problem(conn->exchange, 404, "nothing is at this path");
    else if (request->method == HTTP_OPTIONS)
        answer_options(conn, conn->route.methods);
    else
        answer_wrong_method(conn, conn->route.methods);
    return true;
}

/* The head is there: whose request is it, and may its body come? */
static void on_head(struct http_conn *conn, bool more_has_come)
{
    struct http_request *request = &conn->exchange->request;
    request->peer = loop_tcp_peer(conn->tcp);
    conn->exchange->cors = is_shared_path(request->path);
    conn->found = http_router_find(conn->server->router, request->method, request->path,
                                   &conn->route, request->params);
    if (!conn->found || !conn->route.handler) {
        /* A body that nobody wants is not read: the connection is closed instead. */
        if (!http_h1_reader_has_body(&conn->reader))
            (void)http_h1_reader_accept(&conn->reader, 0);
        else
            (void)answer_without_handler(conn);
        return;
    }
    if (!http_h1_reader_accept(&conn->reader, conn->route.body_max)) {
        refuse_broken(conn, conn->reader.fault.status, conn->reader.fault.detail);
        return;
    }
    if (!http_h1_reader_has_body(&conn->reader))
        return;
    set_state(conn, HTTP_H1_CONN_BODY);
    if (conn->reader.framing.expects_continue && !more_has_come)
        write_bytes(conn, bytes_text("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void on_request(struct http_conn *conn)
{
    conn->n_requests++;
    conn->server->stats.n_requests++;
    set_state(conn, HTTP_H1_CONN_ANSWERING);
    conn->dispatching = true;
    if (!answer_without_handler(conn))
        conn->route.handler(conn->exchange, conn->route.ctx);
    conn->dispatching = false;
}

static void begin_request(struct http_conn *conn)
{
    conn->exchange = http_h1_server_take_exchange(conn->server);
    http_exchange_begin(conn->exchange, &carrier, conn);
    set_state(conn, HTTP_H1_CONN_HEAD);
}

static bool may_begin(struct http_conn *conn)
{
    if (loop_tcp_queued(conn->tcp) <= PIPELINE_QUEUE_MAX)
        return true;
    set_state(conn, HTTP_H1_CONN_THROTTLED);
    return false;
}

static bool is_reading(const struct http_conn *conn)
{
    return conn->state == HTTP_H1_CONN_IDLE || conn->state == HTTP_H1_CONN_HEAD ||
           conn->state == HTTP_H1_CONN_BODY;
}

/* Reads requests and answers them until the bytes are used up or an answer is awaited;
 * gives what is left. */
static struct bytes process(struct http_conn *conn, struct bytes in)
{
    enum http_h1_event event = HTTP_H1_MORE;
    while (is_reading(conn) && (in.len > 0 || event == HTTP_H1_HEAD)) {
        if (conn->state == HTTP_H1_CONN_IDLE && !may_begin(conn))
            break;
        if (conn->state == HTTP_H1_CONN_IDLE)
            begin_request(conn);
        size_t used =
            http_h1_reader_feed(&conn->reader, in, &conn->exchange->request, &event);
        in = bytes_from(in, used);
        if (event == HTTP_H1_HEAD)
            on_head(conn, in.len > 0);
        else if (event == HTTP_H1_DONE)
            on_request(conn);
        else if (event == HTTP_H1_FAILED)
            refuse_broken(conn, conn->reader.fault.status, conn->reader.fault.detail);
    }
    return in;
}

/* Keeps bytes for later; stops reading when there are many. */
static void put_carry(struct http_conn *conn, struct bytes in)
{
    if (in.len == 0 || conn->state == HTTP_H1_CONN_CLOSING ||
        conn->state == HTTP_H1_CONN_STREAMING)
        return;
    builder_put(&conn->carry, in);
    if (builder_failed(&conn->carry)) {
        loop_tcp_close(conn->tcp);
        return;
    }
    if (builder_bytes(&conn->carry).len >= CARRY_MAX && !conn->paused) {
        conn->paused = true;
        loop_tcp_pause(conn->tcp);
    }
}

/* The client has sent its last byte: is there anything left to do for it? */
static void check_peer_ended(struct http_conn *conn)
{
    if (!conn->peer_ended || conn->state == HTTP_H1_CONN_CLOSING ||
        conn->state == HTTP_H1_CONN_THROTTLED)
        return;
    if (conn->state == HTTP_H1_CONN_IDLE) {
        if (builder_bytes(&conn->carry).len == 0)
            close_flushed(conn);
        return;
    }
    /* In the middle of a request, or waiting for an answer that is not ready: browsers
     * close a socket like this when a page goes. */
    loop_tcp_close(conn->tcp);
}

static void on_readable(void *ctx, struct bytes in)
{
    struct http_conn *conn = ctx;
    if (is_reading(conn) && builder_bytes(&conn->carry).len == 0)
        in = process(conn, in);
    put_carry(conn, in);
}

static void on_resume(struct loop_after *after)
{
    struct http_conn *conn = container_of(after, struct http_conn, resume);
    if (conn->state == HTTP_H1_CONN_THROTTLED)
        set_state(conn, HTTP_H1_CONN_IDLE);
    struct builder carried = conn->carry;
    builder_init(&conn->carry, SIZE_MAX);
    struct bytes rest = process(conn, builder_bytes(&carried));
    put_carry(conn, rest);
    builder_finish(&carried);
    if (conn->paused && builder_bytes(&conn->carry).len < CARRY_MAX) {
        conn->paused = false;
        loop_tcp_resume(conn->tcp);
    }
    check_peer_ended(conn);
}

static void on_ended(void *ctx)
{
    struct http_conn *conn = ctx;
    conn->peer_ended = true;
    check_peer_ended(conn);
}

static void on_drained(void *ctx)
{
    struct http_conn *conn = ctx;
    if (conn->state == HTTP_H1_CONN_THROTTLED)
        loop_after(conn->server->loop, &conn->resume);
}

static void on_expired(void *ctx)
{
    struct http_conn *conn = ctx;
    if (conn->state == HTTP_H1_CONN_IDLE) {
        /* A slow client may still be taking the answer before. */
        if (loop_tcp_queued(conn->tcp) > 0)
            set_state(conn, HTTP_H1_CONN_IDLE);
        else
            close_flushed(conn);
    } else if (conn->state == HTTP_H1_CONN_HEAD) {
        refuse_broken(conn, 408, "the request head did not come in time");
    } else if (conn->state == HTTP_H1_CONN_BODY) {
        refuse_broken(conn, 408, "the request body did not come in time");
    }
}

static void on_closed(void *ctx, const struct err *why)
{
    struct http_conn *conn = ctx;
    if (why->code == ERR_LIMIT || why->code == ERR_IO)
        log_debug(conn->server->log, "http connection closed: %s", why->text);
    if (conn->exchange)
        http_exchange_gone(conn->exchange);
    release_exchange(conn);
    loop_after_cancel(&conn->resume);
    http_h1_reader_finish(&conn->reader);
    builder_finish(&conn->carry);
    http_h1_server_forget(conn->server, conn);
    alloc_free(conn);
}

/* ---- for the server ---- */

struct http_conn *http_h1_conn_open(struct http_server *server, int fd)
{
    struct http_conn *conn = alloc_zero(sizeof *conn);
    conn->server = server;
    list_init(&conn->link);
    http_h1_reader_init(&conn->reader, server->limits.head_max);
    builder_init(&conn->carry, SIZE_MAX); /* bounded by CARRY_MAX and one read */
    loop_after_init(&conn->resume, on_resume);
    conn->tcp =
        loop_tcp_adopt(server->loop, fd, &tcp_handler, &server->tcp_limits, conn);
    set_state(conn, HTTP_H1_CONN_IDLE);
    return conn;
}

void http_h1_conn_refuse(struct http_conn *conn)
{
    write_bytes(conn, bytes_text("HTTP/1.1 503 Service Unavailable\r\n"
                                 "Connection: close\r\nContent-Length: 0\r\n"
                                 "Retry-After: 1\r\n\r\n"));
    set_state(conn, HTTP_H1_CONN_CLOSING);
    loop_tcp_close_flushed(conn->tcp, 1000);
}

void http_h1_conn_drain(struct http_conn *conn)
{
    if (conn->state != HTTP_H1_CONN_IDLE || builder_bytes(&conn->carry).len > 0)
        return;
    if (conn->n_requests > 0)
        close_flushed(conn);
    else /* whoever was let in is answered */
        loop_tcp_set_deadline(conn->tcp,
                              loop_now_ms(conn->server->loop) + DRAIN_FIRST_MS);
}

void http_h1_conn_abort(struct http_conn *conn)
{
    if (conn->exchange)
        http_exchange_gone(conn->exchange);
    loop_after_cancel(&conn->resume);
    if (conn->state != HTTP_H1_CONN_CLOSING)
        set_state(conn, HTTP_H1_CONN_CLOSING);
    loop_tcp_close(conn->tcp);
}
