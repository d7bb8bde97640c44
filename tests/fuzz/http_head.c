/* HTTP/1.1 requests from bytes: fed whole, byte by byte and in pieces whose sizes the
 * input decides, the reader must tell the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/require.h"
#include "server/http/h1_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_MAX = 1024, BODY_MAX = 256 };

/* A running sum of everything the reader says: cheap to compare. */
struct story {
    uint64_t hash;
    unsigned n_events;
};

static void add(struct story *story, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        story->hash = (story->hash ^ text.data[i]) * 1099511628211U;
    story->hash = (story->hash ^ text.len) * 1099511628211U;
}

static void add_head(struct story *story, const struct http_request *request)
{
    require(request->path.len > 0);
    require(request->path.data[0] == '/' || request->method == HTTP_OPTIONS);
    add(story, request->path);
    add(story, request->query);
    story->hash += request->method;
    for (size_t i = 0; i < request->n_headers; i++) {
        require(request->headers[i].name.len > 0);
        add(story, request->headers[i].name);
        add(story, request->headers[i].value);
    }
    story->hash += http_request_takes_gzip(request);
}

/* Feeds pieces of 1 to step bytes, chosen by seed. */
static struct story tell(struct bytes in, size_t step, unsigned seed)
{
    static struct http_request request;
    struct story story = {.hash = 14695981039346656037U};
    struct http_h1_reader reader;
    http_h1_reader_init(&reader, HEAD_MAX);
    enum http_h1_event event = HTTP_H1_MORE;
    while (event != HTTP_H1_FAILED && (in.len > 0 || event == HTTP_H1_HEAD)) {
        seed = seed * 1103515245 + 12345;
        size_t len = step == SIZE_MAX ? in.len : 1 + (seed >> 16) % step;
        size_t used =
            http_h1_reader_feed(&reader, bytes_first(in, len), &request, &event);
        require(used > 0 || event != HTTP_H1_MORE || in.len == 0);
        in = bytes_from(in, used);
        if (event != HTTP_H1_MORE)
            story.n_events++;
        if (event == HTTP_H1_HEAD) {
            add_head(&story, &request);
            if (!http_h1_reader_accept(&reader, BODY_MAX))
                event = HTTP_H1_FAILED;
        }
        if (event == HTTP_H1_DONE) {
            add(&story, request.body);
            http_h1_reader_next(&reader);
        }
        if (event == HTTP_H1_FAILED)
            story.hash += (unsigned)reader.fault.status + in.len;
    }
    http_h1_reader_finish(&reader);
    return story;
}

static void require_same(struct story a, struct story b)
{
    require(a.n_events == b.n_events);
    require(a.hash == b.hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_make(data, size);
    struct story whole = tell(in, SIZE_MAX, 0);
    unsigned seed = size > 0 ? data[size - 1] * 256U + data[0] : 0;
    require_same(whole, tell(in, 1, 0));
    require_same(whole, tell(in, 40, seed));
    return 0;
}
