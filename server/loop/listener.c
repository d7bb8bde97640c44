#include "server/loop/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "server/loop/inside.h"
#include "server/loop/socket.h"

enum {
    /* Accepts in one turn, so that a flood of connections leaves time for the others. */
    ACCEPTS_PER_TURN = 64,
};

enum listener_state {
    LISTENER_OPEN,    /* accepts */
    LISTENER_CLOSING, /* libuv still holds the handle */
    LISTENER_CLOSED,  /* only the owner still holds it */
};

struct loop_listener {
    struct loop_handle handle;
    uv_poll_t poll;
    enum listener_state state;
    bool released; /* the owner has given it up */
    struct loop *loop;
    int fd;
    int reserve_fd; /* given up for a moment when no descriptor is left */
    void (*accepted)(void *ctx, int fd);
    void *ctx;
    struct log_limit refused; /* lines about refused connections */
};

static void on_closed(uv_handle_t *uv)
{
    struct loop_listener *listener = uv->data;
    listener->state = LISTENER_CLOSED;
    if (listener->released)
        alloc_free(listener);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void shut(struct loop_handle *handle)
{
    struct loop_listener *listener = container_of(handle, struct loop_listener, handle);
    listener->state = LISTENER_CLOSING;
    uv_close((uv_handle_t *)&listener->poll, on_closed);
    close_fd(&listener->fd);
    close_fd(&listener->reserve_fd);
}

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left. With the reserve the connection is taken and closed, so that the
 * client learns it at once and the loop does not spin on a socket it cannot empty. */
static void refuse_one(struct loop_listener *listener, int cause)
{
    unsigned n_dropped;
    if (log_limit_pass(&listener->refused, loop_now_ms(listener->loop), &n_dropped))
        log_warn(NULL, "connection refused: %s (%u more not logged)", strerror(cause),
                 n_dropped);
    close_fd(&listener->reserve_fd);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    close_fd(&fd);
    listener->reserve_fd = open_reserve();
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct loop_listener *listener = poll->data;
    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN && listener->state == LISTENER_OPEN; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            listener->accepted(listener->ctx, fd);
        else if (errno == EMFILE || errno == ENFILE)
            refuse_one(listener, errno);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

int loop_listener_adopt(struct loop *loop, int fd, void (*accepted)(void *ctx, int fd),
                        void *ctx, struct loop_listener **ret_listener, struct err *err)
{
    struct loop_listener *listener = alloc_zero(sizeof *listener);
    int failed = uv_poll_init(&loop->uv, &listener->poll, fd);
    if (failed < 0) {
        alloc_free(listener);
        (void)close(fd);
        return err_set(err, ERR_IO, "cannot poll a listening socket: %s",
                       uv_strerror(failed));
    }
    listener->loop = loop;
    listener->fd = fd;
    listener->reserve_fd = open_reserve();
    listener->accepted = accepted;
    listener->ctx = ctx;
    listener->poll.data = listener;
    listener->handle.shut = shut;
    (void)uv_poll_start(&listener->poll, UV_READABLE, on_readable);
    loop_handle_add(loop, &listener->handle);
    *ret_listener = listener;
    return 0;
}

int loop_listener_open(struct loop *loop, const char *address,
                       void (*accepted)(void *ctx, int fd), void *ctx,
                       struct loop_listener **ret_listener, struct err *err)
{
    int fd;
    int failed = loop_socket_open(address, true, &fd, err);
    return failed ? failed
                  : loop_listener_adopt(loop, fd, accepted, ctx, ret_listener, err);
}

int loop_listener_claim(const char *address, struct err *err)
{
    int fd;
    int failed = loop_socket_open(address, false, &fd, err);
    if (!failed)
        (void)close(fd);
    return failed;
}

uint16_t loop_listener_port(const struct loop_listener *listener)
{
    return loop_socket_port(listener->fd);
}

int loop_listener_copy(const struct loop_listener *listener)
{
    return loop_socket_copy(listener->fd);
}

void loop_listener_close(struct loop_listener *listener)
{
    if (!listener || listener->released)
        return;
    listener->released = true;
    if (listener->state == LISTENER_CLOSED) {
        alloc_free(listener);
    } else if (listener->state == LISTENER_OPEN) {
        list_remove(&listener->handle.link);
        shut(&listener->handle);
    }
}
