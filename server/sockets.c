#include "server/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/bytes.h"
#include "core/err.h"
#include "core/log.h"
#include "core/parse.h"
#include "core/require.h"
#include "server/loop/socket.h"

enum {
    SOCKETS_FIRST = 3, /* SD_LISTEN_FDS_START */
    SOCKETS_TEXT_MAX = SOCKETS_MAX * SOCKETS_NAME_MAX,
};

struct named_socket {
    char name[SOCKETS_NAME_MAX]; /* "": none of ours */
    int fd;
    bool taken;
};

static void append(struct sockets *sockets, struct bytes name, int fd)
{
    struct named_socket one = {.fd = fd};
    if (name.len < sizeof one.name && name.len > 0)
        memcpy(one.name, name.data, name.len);
    sockets->list =
        alloc_resize(sockets->list, (sockets->n + 1) * sizeof *sockets->list);
    sockets->list[sockets->n++] = one;
}

static bool read_number(const char *name, uint64_t *ret)
{
    const char *text = getenv(name);
    return text && parse_u64(bytes_text(text), ret);
}

static void receive_one(struct sockets *sockets, int fd, struct bytes name)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return;
    if (loop_socket_is_listening(fd)) {
        append(sockets, name, fd);
        return;
    }
    log_warn(NULL, "descriptor %d came with the start and is no listening TCP socket",
             fd);
    (void)close(fd);
}

void server_sockets_receive(struct sockets *sockets)
{
    uint64_t pid = 0;
    uint64_t n = 0;
    const char *text = getenv("LISTEN_FDNAMES");
    struct bytes names = bytes_text(text ? text : "");
    bool ours = read_number("LISTEN_PID", &pid) && pid == (uint64_t)getpid() &&
                read_number("LISTEN_FDS", &n);
    if (n > SOCKETS_MAX) {
        log_warn(NULL, "more than %d sockets came with the start: the rest is left",
                 SOCKETS_MAX);
        n = SOCKETS_MAX;
    }
    for (uint64_t i = 0; ours && i < n; i++) {
        struct bytes name = bytes_make(NULL, 0);
        (void)bytes_cut(&names, ':', &name);
        receive_one(sockets, SOCKETS_FIRST + (int)i, name);
    }
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
}

/* ---- where they belong ---- */

static const struct socket_place *find_place(const struct named_socket *one,
                                             const struct socket_place *places,
                                             unsigned n_places)
{
    for (unsigned i = 0; i < n_places; i++)
        if (strcmp(places[i].name, one->name) == 0)
            return &places[i];
    for (unsigned i = 0; i < n_places; i++) {
        const char *port = places[i].address ? strrchr(places[i].address, ':') : NULL;
        if (port && strcmp(port, ":0") != 0 &&
            loop_socket_is_at(one->fd, places[i].address))
            return &places[i];
    }
    return NULL;
}

/* False: it has none. */
static bool put_in_place(struct named_socket *one, const struct socket_place *place)
{
    if (place && place->address && loop_socket_is_at(one->fd, place->address)) {
        (void)snprintf(one->name, sizeof one->name, "%s", place->name);
        return true;
    }
    unsigned port = loop_socket_port(one->fd);
    if (!place)
        log_warn(NULL,
                 "a socket on port %u came with the start, and nothing is "
                 "configured to listen there: closed",
                 port);
    else if (!place->address)
        log_info(NULL, "the socket of %s on port %u is closed: it is off now",
                 place->name, port);
    else
        log_info(NULL, "the socket of %s on port %u is closed: it listens on %s now",
                 place->name, port, place->address);
    (void)close(one->fd);
    return false;
}

void server_sockets_place(struct sockets *sockets, const struct socket_place *places,
                          unsigned n_places)
{
    unsigned n = 0;
    for (unsigned i = 0; i < sockets->n; i++) {
        struct named_socket one = sockets->list[i];
        if (put_in_place(&one, find_place(&one, places, n_places)))
            sockets->list[n++] = one;
    }
    sockets->n = n;
}

static bool has_name(const struct named_socket *one, const char *name)
{
    return strcmp(one->name, name) == 0;
}

bool server_sockets_has(const struct sockets *sockets, const char *name)
{
    for (unsigned i = 0; i < sockets->n; i++)
        if (has_name(&sockets->list[i], name))
            return true;
    return false;
}

/* The nth of a name, NULL when there are fewer. */
static struct named_socket *nth_of(const struct sockets *sockets, const char *name,
                                   unsigned nth)
{
    for (unsigned i = 0; i < sockets->n; i++)
        if (has_name(&sockets->list[i], name) && nth-- == 0)
            return &sockets->list[i];
    return NULL;
}

unsigned server_sockets_take(struct sockets *sockets, const char *name, unsigned lane,
                             unsigned n_lanes, int ret_fds[SOCKETS_PER_LANE_MAX])
{
    unsigned n = 0;
    struct named_socket *one;
    require(n_lanes > 0);
    for (unsigned i = lane; (one = nth_of(sockets, name, i)); i += n_lanes) {
        if (n == SOCKETS_PER_LANE_MAX)
            return n;
        one->taken = true;
        ret_fds[n++] = one->fd;
    }
    one = nth_of(sockets, name, 0);
    if (n > 0 || !one || loop_socket_is_shared(one->fd))
        return n;
    int copy = loop_socket_copy(one->fd);
    if (copy >= 0)
        ret_fds[n++] = copy;
    return n;
}

/* ---- to the next process ---- */

void server_sockets_add(struct sockets *sockets, const char *name, int fd)
{
    bool known = false;
    for (unsigned i = 0; i < sockets->n && !known; i++)
        known = has_name(&sockets->list[i], name) &&
                loop_socket_is_same(sockets->list[i].fd, fd);
    if (fd >= 0 && (known || sockets->n == SOCKETS_MAX))
        (void)close(fd);
    else if (fd >= 0)
        append(sockets, bytes_text(name), fd);
}

static int fail(struct err *err)
{
    return err_set(err, ERR_IO, "cannot hand the listening sockets on: %s",
                   strerror(errno));
}

/* Out of the way of their places first, since they may stand in each other's. */
static int move(struct sockets *sockets, struct err *err)
{
    int end = SOCKETS_FIRST + (int)sockets->n;
    for (unsigned i = 0; i < sockets->n; i++) {
        int fd = fcntl(sockets->list[i].fd, F_DUPFD_CLOEXEC, end);
        if (fd < 0)
            return fail(err);
        (void)close(sockets->list[i].fd);
        sockets->list[i].fd = fd;
    }
    for (unsigned i = 0; i < sockets->n; i++) {
        int fd = dup2(sockets->list[i].fd, SOCKETS_FIRST + (int)i);
        if (fd < 0)
            return fail(err);
        (void)close(sockets->list[i].fd);
        sockets->list[i].fd = fd;
    }
    return 0;
}

static int announce(const struct sockets *sockets, struct err *err)
{
    char n[16], pid[16];
    struct builder names;
    builder_init(&names, SOCKETS_TEXT_MAX);
    for (unsigned i = 0; i < sockets->n; i++)
        builder_printf(&names, "%s%s", i > 0 ? ":" : "", sockets->list[i].name);
    char *text = bytes_to_text(builder_bytes(&names));
    builder_finish(&names);
    (void)snprintf(n, sizeof n, "%u", sockets->n);
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    int failed = setenv("LISTEN_FDS", n, 1) < 0 || setenv("LISTEN_PID", pid, 1) < 0 ||
                 setenv("LISTEN_FDNAMES", text, 1) < 0;
    alloc_free(text);
    return failed ? fail(err) : 0;
}

int server_sockets_hand_on(struct sockets *sockets, int *ret_n, struct err *err)
{
    int failed = move(sockets, err);
    if (!failed)
        failed = announce(sockets, err);
    if (!failed)
        *ret_n = (int)sockets->n;
    return failed;
}

void server_sockets_close(struct sockets *sockets)
{
    for (unsigned i = 0; i < sockets->n; i++)
        if (!sockets->list[i].taken)
            (void)close(sockets->list[i].fd);
    alloc_free(sockets->list);
    *sockets = (struct sockets){0};
}
