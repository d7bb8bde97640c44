#include "server/http/h1_reader.h"

#include "core/require.h"
#include "server/http/target.h"

/* Memory a connection keeps between requests; ordinary heads are smaller. */
enum { HEAD_KEPT_MAX = 2048 };

static void set_state(struct http_h1_reader *reader, enum http_h1_reader_state state)
{
    reader->state = state;
}

void http_h1_reader_init(struct http_h1_reader *reader, size_t head_max)
{
    *reader =
        (struct http_h1_reader){.state = HTTP_H1_READER_HEAD, .head_max = head_max};
    http_h1_guard_init(&reader->guard);
    builder_init(&reader->head, head_max);
    builder_init(&reader->path, HTTP_TARGET_MAX);
    builder_init(&reader->body, 0);
}

void http_h1_reader_finish(struct http_h1_reader *reader)
{
    builder_finish(&reader->head);
    builder_finish(&reader->path);
    builder_finish(&reader->body);
}

static enum http_h1_event fail(struct http_h1_reader *reader)
{
    set_state(reader, HTTP_H1_READER_FAILED);
    return HTTP_H1_FAILED;
}

/* The guard may have passed over an empty line, which llhttp is not shown. */
static struct bytes head_bytes(const struct http_h1_reader *reader)
{
    struct bytes head = builder_bytes(&reader->head);
    return reader->guard.skipped_line ? bytes_from(head, 2) : head;
}

static enum http_h1_event end_head(struct http_h1_reader *reader,
                                   struct http_request *request)
{
    request->body = bytes_make(NULL, 0);
    if (!http_h1_head_parse(head_bytes(reader), request, &reader->framing,
                            &reader->fault) ||
        !http_target_parse(reader->framing.target, &reader->path, request,
                           &reader->fault))
        return fail(reader);
    set_state(reader, HTTP_H1_READER_DECIDE);
    return HTTP_H1_HEAD;
}

static size_t feed_head(struct http_h1_reader *reader, struct bytes in,
                        struct http_request *request, enum http_h1_event *ret_event)
{
    size_t room = reader->head_max - builder_bytes(&reader->head).len, n = 0;
    bool passed = true;
    while (passed && n < in.len && n < room &&
           reader->guard.state != HTTP_H1_GUARD_DONE)
        passed = http_h1_guard_step(&reader->guard, in.data[n++], &reader->fault);
    builder_put(&reader->head, bytes_first(in, n));
    bool done = reader->guard.state == HTTP_H1_GUARD_DONE;
    if (passed && !done && n == room && n < in.len)
        passed = http_fault_set(&reader->fault, 431, "the request head is too large");
    if (passed && builder_failed(&reader->head))
        passed = http_fault_set(&reader->fault, 503, "memory is short");
    if (!passed)
        *ret_event = fail(reader);
    else
        *ret_event = done ? end_head(reader, request) : HTTP_H1_MORE;
    return n;
}

static enum http_h1_event end_body(struct http_h1_reader *reader,
                                   struct http_request *request)
{
    request->body = builder_bytes(&reader->body);
    set_state(reader, HTTP_H1_READER_DONE);
    return HTTP_H1_DONE;
}

static enum http_h1_event fail_body(struct http_h1_reader *reader)
{
    (void)http_fault_set(&reader->fault, 413, "the body is too large");
    return fail(reader);
}

static enum http_h1_event fail_memory(struct http_h1_reader *reader)
{
    (void)http_fault_set(&reader->fault, 503, "memory is short");
    return fail(reader);
}

static size_t feed_length(struct http_h1_reader *reader, struct bytes in,
                          struct http_request *request, enum http_h1_event *ret_event)
{
    if (reader->body_left < in.len)
        in = bytes_first(in, reader->body_left);
    builder_put(&reader->body, in);
    reader->body_left -= in.len;
    if (builder_failed(&reader->body))
        *ret_event = fail_memory(reader);
    else
        *ret_event = reader->body_left == 0 ? end_body(reader, request) : HTTP_H1_MORE;
    return in.len;
}

static enum http_h1_event chunked_event(struct http_h1_reader *reader,
                                        struct http_request *request)
{
    if (builder_failed(&reader->body))
        return fail_memory(reader);
    switch (reader->chunked.state) {
    case HTTP_H1_CHUNKED_DONE:
        return end_body(reader, request);
    case HTTP_H1_CHUNKED_TOO_LARGE:
        return fail_body(reader);
    case HTTP_H1_CHUNKED_FAILED:
        (void)http_fault_set(&reader->fault, 400, "the chunked body is malformed");
        return fail(reader);
    default:
        return HTTP_H1_MORE;
    }
}

static size_t feed_chunked(struct http_h1_reader *reader, struct bytes in,
                           struct http_request *request, enum http_h1_event *ret_event)
{
    size_t used = 0;
    while (used < in.len && reader->chunked.state < HTTP_H1_CHUNKED_DONE) {
        struct bytes data;
        used += http_h1_chunked_feed(&reader->chunked, bytes_from(in, used), &data);
        builder_put(&reader->body, data);
    }
    *ret_event = chunked_event(reader, request);
    return used;
}

size_t http_h1_reader_feed(struct http_h1_reader *reader, struct bytes in,
                           struct http_request *request, enum http_h1_event *ret_event)
{
    switch (reader->state) {
    case HTTP_H1_READER_HEAD:
        return feed_head(reader, in, request, ret_event);
    case HTTP_H1_READER_LENGTH:
        return feed_length(reader, in, request, ret_event);
    case HTTP_H1_READER_CHUNKED:
        return feed_chunked(reader, in, request, ret_event);
    case HTTP_H1_READER_DECIDE:
    case HTTP_H1_READER_DONE:
    case HTTP_H1_READER_FAILED:
        break;
    }
    require(reader->state == HTTP_H1_READER_FAILED);
    *ret_event = HTTP_H1_FAILED;
    return 0;
}

bool http_h1_reader_accept(struct http_h1_reader *reader, size_t body_max)
{
    require(reader->state == HTTP_H1_READER_DECIDE);
    builder_finish(&reader->body);
    builder_init(&reader->body, body_max);
    if (reader->framing.chunked) {
        http_h1_chunked_init(&reader->chunked, body_max);
        set_state(reader, HTTP_H1_READER_CHUNKED);
        return true;
    }
    if (reader->framing.length > body_max) {
        (void)fail_body(reader);
        return false;
    }
    reader->body_left = reader->framing.length;
    set_state(reader, HTTP_H1_READER_LENGTH);
    return true;
}

bool http_h1_reader_has_body(const struct http_h1_reader *reader)
{
    return reader->framing.chunked || reader->framing.length > 0;
}

/* Empties a builder; gives its memory back when a request was unusually large. */
static void empty(struct builder *builder, size_t max)
{
    if (builder_bytes(builder).len > HEAD_KEPT_MAX) {
        builder_finish(builder);
        builder_init(builder, max);
    }
    builder_clear(builder);
}

void http_h1_reader_next(struct http_h1_reader *reader)
{
    require(reader->state == HTTP_H1_READER_DONE);
    http_h1_guard_init(&reader->guard);
    empty(&reader->head, reader->head_max);
    empty(&reader->path, HTTP_TARGET_MAX);
    builder_finish(&reader->body);
    builder_init(&reader->body, 0);
    reader->framing = (struct http_h1_framing){0};
    set_state(reader, HTTP_H1_READER_HEAD);
}
