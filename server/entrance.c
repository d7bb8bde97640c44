#include "server/entrance.h"

#include <unistd.h>

#include "core/alloc.h"
#include "core/err.h"
#include "server/loop/listener.h"
#include "server/sockets.h"

struct entrance {
    const char *name;
    unsigned n_listeners;
    struct loop_listener *listeners[SOCKETS_PER_LANE_MAX];
};

/* Takes the sockets, also on failure. */
static int adopt(struct entrance *entrance, struct loop *loop, const int *fds,
                 unsigned n_fds, void (*accepted)(void *ctx, int fd), void *ctx,
                 struct err *err)
{
    int failed = 0;
    for (unsigned i = 0; i < n_fds; i++) {
        struct loop_listener **next = &entrance->listeners[entrance->n_listeners];
        if (failed) {
            (void)close(fds[i]);
            continue;
        }
        failed = loop_listener_adopt(loop, fds[i], accepted, ctx, next, err);
        if (!failed)
            entrance->n_listeners++;
    }
    return failed;
}

int server_entrance_open(struct loop *loop, const struct entrance_place *place,
                         void (*accepted)(void *ctx, int fd), void *ctx,
                         struct entrance **ret_entrance, struct err *err)
{
    int fds[SOCKETS_PER_LANE_MAX];
    struct entrance *entrance = alloc_zero(sizeof *entrance);
    entrance->name = place->name;
    unsigned n_fds = server_sockets_take(place->inherited, place->name, place->lane,
                                         place->n_lanes, fds);
    int failed = adopt(entrance, loop, fds, n_fds, accepted, ctx, err);
    if (!failed && n_fds == 0) {
        failed = loop_listener_open(loop, place->address, accepted, ctx,
                                    &entrance->listeners[0], err);
        entrance->n_listeners = failed ? 0 : 1;
    }
    if (failed)
        server_entrance_close(entrance);
    else
        *ret_entrance = entrance;
    return failed;
}

uint16_t server_entrance_port(const struct entrance *entrance)
{
    return loop_listener_port(entrance->listeners[0]);
}

void server_entrance_keep(const struct entrance *entrance, struct sockets *sockets)
{
    for (unsigned i = 0; i < entrance->n_listeners; i++)
        server_sockets_add(sockets, entrance->name,
                           loop_listener_copy(entrance->listeners[i]));
}

void server_entrance_close(struct entrance *entrance)
{
    if (!entrance)
        return;
    for (unsigned i = 0; i < entrance->n_listeners; i++)
        loop_listener_close(entrance->listeners[i]);
    alloc_free(entrance);
}
