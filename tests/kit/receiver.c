#include "tests/kit/receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/monotime.h"
#include "core/require.h"

/* Reads up to the end of the body; false when the peer goes before. */
static bool read_request(int fd, struct receiver_request *ret_request)
{
    static const char length_name[] = "Content-Length: ";
    char all[2 * RECEIVER_TEXT_MAX];
    size_t len = 0, wanted = sizeof all - 1;
    char *body = NULL;
    while (len < wanted) {
        ssize_t n = recv(fd, all + len, sizeof all - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        all[len] = '\0';
        body = strstr(all, "\r\n\r\n");
        const char *length = strstr(all, length_name);
        if (body && length)
            wanted = (size_t)(body - all) + 4 +
                     strtoul(length + sizeof length_name - 1, NULL, 10);
        require(wanted < sizeof all);
    }
    require(body && (size_t)(body - all) < RECEIVER_TEXT_MAX);
    *body = '\0';
    require(strlen(body + 4) < RECEIVER_TEXT_MAX);
    memcpy(ret_request->head, all, strlen(all) + 1);
    memcpy(ret_request->body, body + 4, strlen(body + 4) + 1);
    return true;
}

/* The words of the answer; remembers the request. */
static int take(struct receiver *receiver, const struct receiver_request *request,
                char *answer, size_t size)
{
    (void)pthread_mutex_lock(&receiver->lock);
    if (receiver->n < RECEIVER_REQUESTS_MAX)
        receiver->requests[receiver->n++] = *request;
    bool moved = receiver->location[0];
    int len = snprintf(answer, size,
                       "HTTP/1.1 %d Said\r\nConnection: close\r\n%s%s%s%s%zu\r\n\r\n%s",
                       receiver->status, moved ? "Location: " : "", receiver->location,
                       moved ? "\r\n" : "",
                       receiver->status == 204 ? "X-Length: " : "Content-Length: ",
                       strlen(receiver->answer), receiver->answer);
    require(len > 0 && (size_t)len < size);
    (void)pthread_cond_broadcast(&receiver->changed);
    (void)pthread_mutex_unlock(&receiver->lock);
    return len;
}

static void serve(struct receiver *receiver, int fd)
{
    static struct receiver_request request; /* one thread, one request */
    char answer[128 + 2 * RECEIVER_ANSWER_MAX];
    if (!read_request(fd, &request))
        return;
    int len = take(receiver, &request, answer, sizeof answer);
    (void)send(fd, answer, (size_t)len, MSG_NOSIGNAL);
}

static void *run(void *ctx)
{
    struct receiver *receiver = ctx;
    for (;;) {
        int fd = accept(receiver->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        serve(receiver, fd);
        (void)close(fd);
    }
}

void receiver_open(struct receiver *receiver)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    *receiver = (struct receiver){.status = 204};
    receiver->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(receiver->fd >= 0);
    require(bind(receiver->fd, (const struct sockaddr *)&address, sizeof address) == 0);
    require(listen(receiver->fd, 64) == 0);
    require(getsockname(receiver->fd, (struct sockaddr *)&address, &len) == 0);
    (void)snprintf(receiver->url, sizeof receiver->url, "http://127.0.0.1:%u/hooks",
                   ntohs(address.sin_port));
    require(pthread_mutex_init(&receiver->lock, NULL) == 0);
    require(pthread_cond_init(&receiver->changed, NULL) == 0);
    require(pthread_create(&receiver->thread, NULL, run, receiver) == 0);
}

void receiver_close(struct receiver *receiver)
{
    (void)shutdown(receiver->fd, SHUT_RDWR); /* ends accept() */
    require(pthread_join(receiver->thread, NULL) == 0);
    (void)close(receiver->fd);
    (void)pthread_cond_destroy(&receiver->changed);
    (void)pthread_mutex_destroy(&receiver->lock);
}

static void say(struct receiver *receiver, int status, const char *body,
                const char *location)
{
    require(strlen(body) < RECEIVER_ANSWER_MAX &&
            strlen(location) < RECEIVER_ANSWER_MAX);
    (void)pthread_mutex_lock(&receiver->lock);
    receiver->status = status;
    (void)snprintf(receiver->answer, sizeof receiver->answer, "%s", body);
    (void)snprintf(receiver->location, sizeof receiver->location, "%s", location);
    (void)pthread_mutex_unlock(&receiver->lock);
}

void receiver_answer(struct receiver *receiver, int status, const char *body)
{
    say(receiver, status, body, "");
}

void receiver_redirect(struct receiver *receiver, int status, const char *location)
{
    say(receiver, status, "", location);
}

void receiver_forget(struct receiver *receiver)
{
    (void)pthread_mutex_lock(&receiver->lock);
    receiver->n = 0;
    (void)pthread_mutex_unlock(&receiver->lock);
}

/* With the lock held. */
static unsigned count(const struct receiver *receiver, const char *text,
                      const struct receiver_request **ret_last)
{
    unsigned n = 0;
    for (unsigned i = 0; i < receiver->n; i++) {
        if (!strstr(receiver->requests[i].body, text))
            continue;
        *ret_last = &receiver->requests[i];
        n++;
    }
    return n;
}

unsigned receiver_count(struct receiver *receiver, const char *text)
{
    const struct receiver_request *last;
    (void)pthread_mutex_lock(&receiver->lock);
    unsigned n = count(receiver, text, &last);
    (void)pthread_mutex_unlock(&receiver->lock);
    return n;
}

const struct receiver_request *receiver_await(struct receiver *receiver, unsigned n,
                                              const char *text)
{
    const struct receiver_request *last = NULL;
    int64_t until_ms = monotime_wall_ms() + RECEIVER_PATIENCE_MS;
    struct timespec until = {.tv_sec = until_ms / 1000,
                             .tv_nsec = until_ms % 1000 * 1000000};
    int failed = 0;
    (void)pthread_mutex_lock(&receiver->lock);
    while (count(receiver, text, &last) < n && !failed)
        failed = pthread_cond_timedwait(&receiver->changed, &receiver->lock, &until);
    (void)pthread_mutex_unlock(&receiver->lock);
    if (failed)
        fail_msg("%u requests with %s have not come", n, text);
    return last;
}
