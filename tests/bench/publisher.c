#include "tests/bench/publisher.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "tests/bench/flv_file.h"
#include "tests/bench/rtmp_client.h"

enum {
    READ_SIZE = 64 * 1024,
    BATCH = 16, /* tags a system call */
    VIDEO = 9,
};

static int64_t wall_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Sends the client's own output. 0, 1 when some is left, or -ERR_IO. */
static int flush_client(struct publisher *publisher, struct err *err)
{
    for (;;) {
        if (!publisher->out)
            publisher->out = rtmp_client_take_output(publisher->client);
        if (!publisher->out)
            return 0;
        struct bytes rest = bytes_from(buf_bytes(publisher->out), publisher->out_sent);
        ssize_t n = send(publisher->fd, rest.data, rest.len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == ENOTCONN))
            return 1;
        if (n < 0)
            return err_set(err, ERR_IO, "send: %s", strerror(errno));
        publisher->out_sent += (size_t)n;
        publisher->n_bytes += (uint64_t)n;
        if ((size_t)n < rest.len)
            return 1;
        buf_unref(publisher->out);
        publisher->out = NULL;
        publisher->out_sent = 0;
    }
}

int publisher_connect(struct publisher *publisher,
                      const struct publisher_target *target, int64_t now_us,
                      struct err *err)
{
    require(publisher->state == PUBLISHER_OFF);
    uint8_t random[1536];
    if (getrandom(random, sizeof random, 0) < 0)
        return err_set(err, ERR_IO, "no random bytes");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        return err_set(err, ERR_IO, "socket: %s", strerror(errno));
    struct rtmp_client_config config = {
        .app = target->app,
        .tc_url = target->tc_url,
        .key = publisher->key,
        .chunk_size = target->chunk_size,
    };
    publisher->fd = fd;
    publisher->client = rtmp_client_create(&config, bytes_make(random, sizeof random));
    publisher->connect_us = now_us;
    publisher->state = PUBLISHER_STARTING;
    const struct sockaddr *address = (const struct sockaddr *)&target->address;
    if (connect(fd, address, sizeof target->address) < 0 && errno != EINPROGRESS)
        return err_set(err, ERR_IO, "connect: %s", strerror(errno));
    return 0;
}

void publisher_close(struct publisher *publisher)
{
    if (publisher->state == PUBLISHER_OFF)
        return;
    (void)close(publisher->fd);
    rtmp_client_destroy(publisher->client);
    buf_unref(publisher->out);
    publisher->client = NULL;
    publisher->out = NULL;
    publisher->out_sent = 0;
    publisher->state = PUBLISHER_OFF;
}

int publisher_readable(struct publisher *publisher, struct err *err)
{
    static uint8_t in[READ_SIZE];
    ssize_t n = recv(publisher->fd, in, sizeof in, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return err_set(err, ERR_CLOSED, "the server closed: %s %s",
                       n < 0 ? strerror(errno) : "",
                       rtmp_client_status(publisher->client));
    int error = rtmp_client_feed(publisher->client, bytes_make(in, (size_t)n), err);
    if (error)
        return error;
    enum rtmp_client_state state = rtmp_client_get_state(publisher->client);
    if (state == RTMP_CLIENT_REFUSED)
        return err_set(err, ERR_CLOSED, "refused: %.200s",
                       rtmp_client_status(publisher->client));
    if (publisher->state == PUBLISHER_STARTING && state == RTMP_CLIENT_PUBLISHING) {
        publisher->state = PUBLISHER_LIVE;
        publisher->tag = 0;
        publisher->round = 0;
        publisher->tag_sent = 0;
        return 1;
    }
    return flush_client(publisher, err) < 0 ? -ERR_IO : 0;
}

static void skip_once(const struct flv_file *file, size_t *tag, uint32_t *round)
{
    for (;;) {
        if (*tag == file->n_tags) {
            *tag = 0;
            (*round)++;
        }
        if (*round == 0 || !file->tags[*tag].once)
            return;
        (*tag)++;
    }
}

static uint32_t stamp_of(const struct flv_file *file, size_t tag, uint32_t round)
{
    return file->tags[tag].stamp_ms + round * file->length_ms;
}

int64_t publisher_due_us(const struct publisher *publisher, const struct flv_file *file)
{
    return publisher->base_us +
           (int64_t)stamp_of(file, publisher->tag, publisher->round) * 1000;
}

/* Tags that go out together. Their headers differ from the file's in the stamp alone. */
struct batch {
    uint8_t headers[BATCH][RTMP_CLIENT_HEADER];
    struct iovec parts[2 * BATCH];
    int n_parts;
};

static void batch_put(struct batch *batch, struct bytes piece)
{
    if (piece.len == 0)
        return;
    batch->parts[batch->n_parts++] = (struct iovec){
        .iov_base = (void *)(uintptr_t)piece.data,
        .iov_len = piece.len,
    };
}

static void batch_add(struct batch *batch, size_t i, const struct flv_tag *tag,
                      uint32_t stamp_ms, size_t sent)
{
    uint8_t *header = batch->headers[i];
    memcpy(header, tag->chunks.data, RTMP_CLIENT_HEADER);
    for (unsigned k = 0; k < 3; k++)
        header[RTMP_CLIENT_STAMP_AT + k] = (uint8_t)(stamp_ms >> (16 - 8 * k));
    batch_put(batch, bytes_from(bytes_make(header, RTMP_CLIENT_HEADER), sent));
    batch_put(batch, bytes_from(tag->chunks, sent > RTMP_CLIENT_HEADER
                                                 ? sent
                                                 : (size_t)RTMP_CLIENT_HEADER));
}

/* Fills a batch with what is due; returns its size in bytes. */
static size_t fill_batch(const struct publisher *publisher, const struct flv_file *file,
                         int64_t now_us, struct batch *batch)
{
    size_t tag = publisher->tag, total = 0, sent = publisher->tag_sent;
    uint32_t round = publisher->round;
    batch->n_parts = 0;
    for (size_t i = 0; i < BATCH; i++) {
        uint32_t stamp_ms = stamp_of(file, tag, round);
        if (publisher->base_us + (int64_t)stamp_ms * 1000 > now_us)
            break;
        batch_add(batch, i, &file->tags[tag], stamp_ms, sent);
        total += file->tags[tag].chunks.len - sent;
        sent = 0;
        tag++;
        skip_once(file, &tag, &round);
    }
    return total;
}

static void print_mark(const struct publisher *publisher, const struct flv_tag *tag,
                       uint32_t stamp_ms)
{
    printf("mark publisher=%u stamp_ms=%u key=%d wall_us=%lld\n", publisher->number,
           stamp_ms, tag->key, (long long)publisher->written_us);
}

/* Moves on by n bytes that the socket took. */
static void advance(struct publisher *publisher, const struct publisher_target *target,
                    const struct flv_file *file, int64_t now_us, size_t n)
{
    publisher->n_bytes += n;
    while (n > 0) {
        const struct flv_tag *tag = &file->tags[publisher->tag];
        size_t left = tag->chunks.len - publisher->tag_sent;
        if (n < left) {
            publisher->tag_sent += n;
            return;
        }
        n -= left;
        int64_t late_us = now_us - publisher_due_us(publisher, file);
        if (late_us > publisher->late_us)
            publisher->late_us = late_us;
        if (target->marks && tag->type == VIDEO && !tag->once)
            print_mark(publisher, tag,
                       stamp_of(file, publisher->tag, publisher->round));
        publisher->n_tags++;
        publisher->tag_sent = 0;
        publisher->tag++;
        skip_once(file, &publisher->tag, &publisher->round);
    }
}

int publisher_send(struct publisher *publisher, const struct publisher_target *target,
                   const struct flv_file *file, int64_t now_us, struct err *err)
{
    int left = flush_client(publisher, err);
    if (left != 0 || publisher->state != PUBLISHER_LIVE)
        return left;
    struct batch batch;
    size_t total;
    while ((total = fill_batch(publisher, file, now_us, &batch)) > 0) {
        struct msghdr message = {
            .msg_iov = batch.parts,
            .msg_iovlen = (size_t)batch.n_parts,
        };
        if (target
                ->marks) /* before: over loopback the peer may be done when it returns */
            publisher->written_us = wall_us();
        ssize_t n = sendmsg(publisher->fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return 1;
        if (n < 0)
            return err_set(err, ERR_IO, "send: %s", strerror(errno));
        advance(publisher, target, file, now_us, (size_t)n);
        if ((size_t)n < total)
            return 1;
    }
    return 0;
}

void publisher_stop(struct publisher *publisher)
{
    if (publisher->state != PUBLISHER_LIVE || publisher->tag_sent > 0)
        return;
    rtmp_client_stop(publisher->client);
    (void)flush_client(publisher, NULL);
}
