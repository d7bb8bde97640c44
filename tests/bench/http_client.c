#include "tests/bench/http_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/parse.h"

enum { REQUEST_MAX = 2048, DROPPED_AT_ONCE = 1024 * 1024 };

static int64_t us_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

int64_t http_client_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return us_of(&now);
}

bool http_client_address(const char *text, struct sockaddr_in *ret_address)
{
    char host[64];
    unsigned port;
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET};
    if (sscanf(text, "%63[0-9.]:%u", host, &port) != 2 || port > UINT16_MAX)
        return false;
    ret_address->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &ret_address->sin_addr) == 1;
}

int http_client_connect(struct http_client *client, const struct sockaddr_in *address,
                        bool keeps, struct err *err)
{
    *client = (struct http_client){.fd = -1};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (client->fd < 0 ||
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
        setsockopt(client->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
        return err_set(err, ERR_IO, "socket: %s", strerror(errno));
    /* Loopback connects at once; what is asked later never waits. */
    const struct sockaddr *to = (const struct sockaddr *)address;
    if (connect(client->fd, to, sizeof *address) < 0)
        return err_set(err, ERR_IO, "connect: %s", strerror(errno));
    client->kept = keeps ? alloc_array(HTTP_CLIENT_KEPT, 1) : NULL;
    client->state = HTTP_CLIENT_IDLE;
    return 0;
}

void http_client_close(struct http_client *client)
{
    if (client->state == HTTP_CLIENT_OFF)
        return;
    (void)close(client->fd);
    alloc_free(client->kept);
    client->kept = NULL;
    client->state = HTTP_CLIENT_OFF;
}

int http_client_get(struct http_client *client, const char *path, const char *more,
                    struct err *err)
{
    char request[REQUEST_MAX];
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", path, more);
    if (len < 0 || (size_t)len >= sizeof request)
        return err_set(err, ERR_LIMIT, "the path is too long");
    client->state = HTTP_CLIENT_HEADERS;
    client->head_len = client->kept_len = 0;
    client->body = bytes_make(NULL, 0);
    client->first_us = 0;
    client->asked_us = http_client_now_us();
    if (send(client->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
        return err_set(err, ERR_IO, "send: %s", strerror(errno));
    return 0;
}

/* The kernel's stamp of a message, or now. */
static int64_t stamp_of(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(c), sizeof time);
        return us_of(&time);
    }
    return http_client_now_us();
}

static ssize_t read_head(struct http_client *client)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(struct timespec)) * 2];
    } control;
    struct iovec into = {.iov_base = client->head + client->head_len,
                         .iov_len = sizeof client->head - 1 - client->head_len};
    struct msghdr message = {.msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t n = recvmsg(client->fd, &message, MSG_DONTWAIT);
    if (n > 0 && client->first_us == 0)
        client->first_us = stamp_of(&message);
    return n;
}

static void keep(struct http_client *client, const void *data, size_t len)
{
    size_t room = client->kept ? HTTP_CLIENT_KEPT - client->kept_len : 0;
    if (len > room)
        len = room;
    if (len == 0)
        return;
    memcpy(client->kept + client->kept_len, data, len);
    client->kept_len += len;
}

static int parse_head(struct http_client *client, const char *end, struct err *err)
{
    uint64_t length;
    if (sscanf(client->head, "HTTP/1.1 %d", &client->status) != 1)
        return err_set(err, ERR_PROTO, "no HTTP answer: %.40s", client->head);
    const char *field = strcasestr(client->head, "\r\nContent-Length:");
    if (!field || field > end)
        return err_set(err, ERR_PROTO, "an answer without Content-Length");
    field += strlen("\r\nContent-Length:");
    field += strspn(field, " ");
    if (!parse_u64(bytes_make(field, strcspn(field, "\r ")), &length))
        return err_set(err, ERR_PROTO, "bad Content-Length");
    client->n_bytes = length;
    client->body_left = length;
    return 0;
}

/* What came behind the headers is the body's beginning. */
static int on_head(struct http_client *client, size_t n, struct err *err)
{
    client->head_len += n;
    client->head[client->head_len] = '\0';
    const char *end = strstr(client->head, "\r\n\r\n");
    if (!end && client->head_len == sizeof client->head - 1)
        return err_set(err, ERR_PROTO, "headers too long");
    if (!end)
        return 0;
    int failed = parse_head(client, end, err);
    if (failed)
        return failed;
    const char *body = end + 4;
    size_t len = client->head_len - (size_t)(body - client->head);
    if (len > client->body_left)
        return err_set(err, ERR_PROTO, "more bytes than announced");
    keep(client, body, len);
    client->body_left -= len;
    client->state = HTTP_CLIENT_BODY;
    return 0;
}

static ssize_t read_body(struct http_client *client)
{
    if (!client->kept) {
        size_t wanted = client->body_left;
        if (wanted > DROPPED_AT_ONCE)
            wanted = DROPPED_AT_ONCE;
        return recv(client->fd, NULL, wanted, MSG_DONTWAIT | MSG_TRUNC);
    }
    static uint8_t in[64 * 1024];
    size_t wanted = client->body_left < sizeof in ? client->body_left : sizeof in;
    ssize_t n = recv(client->fd, in, wanted, MSG_DONTWAIT);
    if (n > 0)
        keep(client, in, (size_t)n);
    return n;
}

int http_client_readable(struct http_client *client, struct err *err)
{
    if (client->state != HTTP_CLIENT_HEADERS && client->state != HTTP_CLIENT_BODY)
        return err_set(err, ERR_CLOSED, "the server closed");
    for (;;) {
        if (client->state == HTTP_CLIENT_BODY && client->body_left == 0) {
            client->state = HTTP_CLIENT_IDLE;
            client->body = bytes_make(client->kept, client->kept_len);
            return 1;
        }
        bool in_head = client->state == HTTP_CLIENT_HEADERS;
        ssize_t n = in_head ? read_head(client) : read_body(client);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (n <= 0)
            return err_set(err, ERR_CLOSED, "the server closed: %s",
                           n < 0 ? strerror(errno) : "end");
        int failed = in_head ? on_head(client, (size_t)n, err) : 0;
        if (failed)
            return failed;
        if (!in_head)
            client->body_left -= (size_t)n;
    }
}
