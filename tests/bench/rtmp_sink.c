/* An RTMP server that takes every publisher and throws the media away: for trying
 * encoders by hand (--verbose prints events) and for measuring the ingest alone.
 *
 *   rtmp_sink [--port N] [--refuse SENTENCE] [--verbose] [--connections N]
 *
 * Listens on 127.0.0.1 only. Ends after N connections have gone (0: never), with a line of
 * what it cost. One thread. */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/monotime.h"
#include "server/rtmp/session.h"
#include "tests/bench/tool.h"

enum { PEERS_MAX = 4096, READ_MAX = 256 * 1024, POLL_MS = 500 };

struct peer {
    struct rtmp_session *session;
    unsigned number;
    uint64_t n_video, n_audio, n_other;
    uint32_t last_ms;
    bool refused;
};

struct sink {
    struct pollfd polls[PEERS_MAX + 1]; /* the first one listens */
    struct peer *peers[PEERS_MAX + 1];
    nfds_t n;
    const char *refusal;
    bool verbose;
    unsigned n_taken, n_gone;
    uint64_t stream_ms; /* media time of those gone */
};

static void print_event(const struct peer *peer, const struct rtmp_event *event)
{
    static const char *const names[] = {
        "publish", "metadata", "video-config", "video", "audio-config",
        "audio",   "color",    "end",          "data",  "unpublish",
    };
    printf("%u %s", peer->number, names[event->type]);
    if (event->type == RTMP_EVENT_PUBLISH)
        printf(" app=%s query=%s encoder=%s", event->publish.app, event->publish.query,
               event->publish.encoder);
    else if (event->type == RTMP_EVENT_METADATA)
        printf(" audio=%d video=%d %gx%g encoder=%s", event->metadata.has_audio,
               event->metadata.has_video, event->metadata.width, event->metadata.height,
               event->metadata.encoder);
    else if (event->type == RTMP_EVENT_DATA)
        printf(" %u %s", event->data.stamp_ms, event->data.name);
    else if (event->type >= RTMP_EVENT_VIDEO_CONFIG && event->type <= RTMP_EVENT_AUDIO)
        printf(" %u%+d codec=%d id=%u key=%d len=%zu", event->media.stamp_ms,
               event->media.cts_ms, event->media.codec, event->media.codec_id,
               event->media.key, buf_bytes(event->media.data).len);
    printf("\n");
}

static void take_event(struct sink *sink, struct peer *peer, struct rtmp_event *event)
{
    if (sink->verbose)
        print_event(peer, event);
    switch (event->type) {
    case RTMP_EVENT_PUBLISH:
        if (sink->refusal) {
            rtmp_session_refuse(peer->session, sink->refusal);
            peer->refused = true;
        } else {
            rtmp_session_accept(peer->session, monotime_ms());
        }
        break;
    case RTMP_EVENT_VIDEO:
        peer->n_video++;
        peer->last_ms = event->media.stamp_ms;
        break;
    case RTMP_EVENT_AUDIO:
        peer->n_audio++;
        peer->last_ms = event->media.stamp_ms;
        break;
    default:
        peer->n_other++;
    }
}

static bool send_output(int fd, struct peer *peer)
{
    struct buf *out = rtmp_session_take_output(peer->session);
    struct bytes rest = buf_bytes(out);
    bool sent = true;
    if (rest.len > 0) /* answers are small and fit the socket's buffer */
        sent = send(fd, rest.data, rest.len, MSG_NOSIGNAL) == (ssize_t)rest.len;
    buf_unref(out);
    return sent;
}

/* False when the peer is to go. */
static bool feed(struct sink *sink, int fd, struct peer *peer, struct bytes in)
{
    struct err err = {0};
    int error = rtmp_session_feed(peer->session, in, monotime_ms(), &err);
    struct rtmp_event event;
    while (rtmp_session_next(peer->session, &event)) {
        take_event(sink, peer, &event);
        rtmp_session_event_finish(&event);
    }
    bool sent = send_output(fd, peer);
    if (error)
        printf("%u failed: %s\n", peer->number, err.text);
    return !error && sent && !peer->refused;
}

static bool on_readable(struct sink *sink, nfds_t i)
{
    static uint8_t in[READ_MAX];
    ssize_t n = recv(sink->polls[i].fd, in, sizeof in, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    return n > 0 &&
           feed(sink, sink->polls[i].fd, sink->peers[i], bytes_make(in, (size_t)n));
}

static void on_gone(struct sink *sink, nfds_t i)
{
    struct peer *peer = sink->peers[i];
    struct rtmp_session_stats stats = rtmp_session_get_stats(peer->session);
    printf("%u gone: bytes=%llu messages=%llu unknown=%llu restarted=%llu video=%llu "
           "audio=%llu last_ms=%u\n",
           peer->number, (unsigned long long)stats.bytes_in,
           (unsigned long long)stats.n_messages, (unsigned long long)stats.n_unknown,
           (unsigned long long)stats.n_restarted, (unsigned long long)peer->n_video,
           (unsigned long long)peer->n_audio, peer->last_ms);
    sink->stream_ms += peer->last_ms;
    sink->n_gone++;
    (void)close(sink->polls[i].fd);
    rtmp_session_destroy(peer->session);
    alloc_free(peer);
    sink->n--;
    sink->polls[i] = sink->polls[sink->n];
    sink->peers[i] = sink->peers[sink->n];
}

static void on_connection(struct sink *sink)
{
    int fd = accept4(sink->polls[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    uint8_t random[1536];
    if (sink->n > PEERS_MAX || getrandom(random, sizeof random, 0) < 0) {
        (void)close(fd);
        return;
    }
    struct peer *peer = alloc_zero(sizeof *peer);
    peer->number = ++sink->n_taken;
    peer->session =
        rtmp_session_create(NULL, bytes_make(random, sizeof random), monotime_ms());
    sink->polls[sink->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    sink->peers[sink->n++] = peer;
}

static int listen_on(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    socklen_t len = sizeof address;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 512) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
        perror("rtmp_sink: listen");
        exit(1);
    }
    printf("listening rtmp=127.0.0.1:%u\n", ntohs(address.sin_port));
    return fd;
}

static void turn(struct sink *sink)
{
    if (poll(sink->polls, sink->n, POLL_MS) < 0)
        return;
    int64_t now_ms = monotime_ms();
    for (nfds_t i = sink->n - 1; i > 0; i--) {
        bool stays = true;
        if (sink->polls[i].revents)
            stays = on_readable(sink, i);
        else if (rtmp_session_deadline_ms(sink->peers[i]->session) <= now_ms)
            stays = feed(sink, sink->polls[i].fd, sink->peers[i], bytes_make(NULL, 0));
        if (!stays)
            on_gone(sink, i);
    }
    if (sink->polls[0].revents)
        on_connection(sink);
}

static void print_cost(const struct sink *sink)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return;
    int64_t us = tool_cpu_us();
    int64_t stream_s = (int64_t)(sink->stream_ms / 1000);
    printf("cpu_us=%lld stream_s=%lld cpu_us_per_stream_s=%lld max_rss_kb=%ld\n",
           (long long)us, (long long)stream_s,
           (long long)(stream_s > 0 ? us / stream_s : 0), usage.ru_maxrss);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"refuse", required_argument, NULL, 'r'},
        {"connections", required_argument, NULL, 'c'},
        {"verbose", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    static struct sink sink;
    unsigned long port = 0, connections = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            port = strtoul(optarg, NULL, 10);
        else if (option == 'r')
            sink.refusal = optarg;
        else if (option == 'c')
            connections = strtoul(optarg, NULL, 10);
        else if (option == 'v')
            sink.verbose = true;
        else
            return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    sink.polls[0] = (struct pollfd){.fd = listen_on((uint16_t)port), .events = POLLIN};
    sink.n = 1;
    while (connections == 0 || sink.n_gone < connections)
        turn(&sink);
    print_cost(&sink);
    return 0;
}
