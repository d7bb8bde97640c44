#include "tests/kit/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/alloc.h"
#include "core/require.h"

enum { CLIENT_IN_MAX = 64 << 20, CLIENT_READ = 65536, CLIENT_VALUE_MAX = 1024 };

void client_open(struct client *client, struct house *house, unsigned lane)
{
    client->fd = house_dial_http(house, lane);
    builder_init(&client->in, CLIENT_IN_MAX);
}

void client_close(struct client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd);
    client->fd = -1;
    builder_finish(&client->in);
}

void client_send(struct client *client, const char *request, const char *headers,
                 const char *body)
{
    struct builder out;
    builder_init(&out, CLIENT_IN_MAX);
    builder_printf(&out, "%s HTTP/1.1\r\n", request);
    if (!headers || !strstr(headers, "Host:"))
        builder_text(&out, "Host: shop.test:8080\r\n");
    builder_text(&out, headers ? headers : "");
    if (body)
        builder_printf(&out, "Content-Length: %zu\r\n", strlen(body));
    builder_text(&out, "\r\n");
    builder_text(&out, body ? body : "");
    struct bytes rest = builder_bytes(&out);
    while (rest.len > 0) {
        ssize_t n = send(client->fd, rest.data, rest.len, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* the server has closed: the answer tells why */
        rest = bytes_from(rest, (size_t)n);
    }
    builder_finish(&out);
}

/* More bytes; false at the end. */
static bool read_more(struct client *client)
{
    static _Thread_local uint8_t buffer[CLIENT_READ];
    ssize_t n = recv(client->fd, buffer, sizeof buffer, 0);
    if (n < 0)
        fail_msg("no answer came");
    builder_put(&client->in, bytes_make(buffer, n > 0 ? (size_t)n : 0));
    return n > 0;
}

/* Takes len bytes off the front, as text. */
static char *take(struct client *client, size_t len)
{
    struct bytes in = builder_bytes(&client->in);
    char *text = alloc_zero(len + 1);
    memcpy(text, in.data, len);
    struct builder rest;
    builder_init(&rest, CLIENT_IN_MAX);
    builder_put(&rest, bytes_from(in, len));
    builder_finish(&client->in);
    client->in = rest;
    return text;
}

/* Where the text ends in what has come; 0: not yet. */
static size_t find(const struct client *client, const char *text)
{
    struct bytes in = builder_bytes(&client->in);
    const uint8_t *at = in.len > 0 ? memmem(in.data, in.len, text, strlen(text)) : NULL;
    return at ? (size_t)(at - in.data) + strlen(text) : 0;
}

struct answer client_receive_head(struct client *client)
{
    struct answer answer = {0};
    size_t len;
    while ((len = find(client, "\r\n\r\n")) == 0)
        if (!read_more(client))
            return answer;
    answer.head = take(client, len);
    answer.status = atoi(answer.head + strlen("HTTP/1.1 "));
    return answer;
}

struct answer client_receive(struct client *client)
{
    struct answer answer = client_receive_head(client);
    if (answer.status == 0)
        return answer;
    const char *length = client_header(&answer, "Content-Length");
    size_t len = length && answer.status != 304 ? strtoul(length, NULL, 10) : 0;
    while (builder_bytes(&client->in).len < len)
        if (!read_more(client))
            fail_msg("the answer was cut off");
    answer.body = take(client, len);
    answer.len = len;
    return answer;
}

char *client_receive_event(struct client *client)
{
    size_t len;
    while ((len = find(client, "\n\n")) == 0)
        if (!read_more(client))
            return NULL;
    return take(client, len);
}

bool client_is_quiet(struct client *client)
{
    struct pollfd look = {.fd = client->fd, .events = POLLIN};
    return builder_bytes(&client->in).len == 0 && poll(&look, 1, 0) == 0;
}

struct answer client_ask(struct house *house, unsigned lane, const char *request,
                         const char *headers, const char *body)
{
    struct client client;
    client_open(&client, house, lane);
    client_send(&client, request, headers, body);
    struct answer answer = client_receive(&client);
    client_close(&client);
    return answer;
}

struct answer client_call(struct house *house, unsigned lane, const char *request,
                          const char *body)
{
    return client_ask(house, lane, request, "Authorization: Bearer " HOUSE_TOKEN "\r\n",
                      body);
}

void client_free(struct answer *answer)
{
    alloc_free(answer->head);
    alloc_free(answer->body);
    *answer = (struct answer){0};
}

static const char *keep(const char *from, const char *end)
{
    static _Thread_local char value[CLIENT_VALUE_MAX];
    size_t len = (size_t)(end - from);
    require(len < sizeof value);
    memcpy(value, from, len);
    value[len] = '\0';
    return value;
}

const char *client_header(const struct answer *answer, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(answer->head, "\r\n"); line;
         line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2;
        if (strncasecmp(at, name, len) == 0 && at[len] == ':')
            return keep(at + len + 2, strstr(at, "\r\n"));
    }
    return NULL;
}

const char *client_field(const struct answer *answer, const char *name)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "\"%s\":", name);
    const char *at = answer->body ? strstr(answer->body, wanted) : NULL;
    if (!at)
        return NULL;
    at += strlen(wanted);
    if (*at == '"')
        return keep(at + 1, strchr(at + 1, '"'));
    return keep(at, at + strcspn(at, ",}\n"));
}

static void assert_value(const struct answer *answer, const char *name,
                         const char *found, const char *value)
{
    if (!found || strcmp(found, value) != 0)
        fail_msg("%s: wanted %s in %s%s", name, value, answer->head, answer->body);
}

void client_assert_header(const struct answer *answer, const char *name,
                          const char *value)
{
    assert_value(answer, name, client_header(answer, name), value);
}

void client_assert_field(const struct answer *answer, const char *name,
                         const char *value)
{
    assert_value(answer, name, client_field(answer, name), value);
}

void client_assert_problem(struct answer answer, int status, const char *words)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", status);
    if (answer.status != status || (words && !strstr(answer.body, words)))
        fail_msg("wanted %d %s, got %s%s", status, words ? words : "", answer.head,
                 answer.body);
    client_assert_header(&answer, "Content-Type", "application/problem+json");
    client_assert_header(&answer, "Cache-Control", "no-store");
    client_assert_field(&answer, "type", "about:blank");
    client_assert_field(&answer, "status", text);
    assert_non_null(client_field(&answer, "title"));
    assert_non_null(client_field(&answer, "detail"));
    client_free(&answer);
}

void client_expect(struct house *house, unsigned lane, const char *request,
                   const char *body, int status)
{
    struct answer answer = client_call(house, lane, request, body);
    if (answer.status != status)
        fail_msg("%s: wanted %d, got %s%s", request, status, answer.head, answer.body);
    client_free(&answer);
}
