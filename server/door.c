#include "server/door.h"

#include "core/alloc.h"
#include "core/list.h"
#include "core/log.h"
#include "server/entrance.h"
#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/loop/porch.h"
#include "server/loop/tls.h"
#include "server/show/hub.h"
#include "server/show/notices.h"
#include "server/show/publishers.h"

enum {
    DOOR_MS = 5000, /* a handshake is two round trips; a slow phone needs 2 s */
};

struct door {
    struct show_hub *hub;
    const char *name;
    struct entrance *entrance;
    struct loop_porch *porch;
    struct show_notices refusals; /* lines about who did not come in */
};

static void on_ready(void *ctx, struct loop_parcel *parcel)
{
    struct door *door = ctx;
    show_publishers_accept(door->hub, parcel);
}

static void on_refused(void *ctx, const struct loop_parcel *parcel, const char *why)
{
    struct door *door = ctx;
    const struct show_hub *hub = door->hub;
    unsigned n_more;
    counter_add(&hub->house->metrics->rtmp_handshakes_failed_total, 1);
    if (!show_notices_pass(&door->refusals, loop_parcel_host(parcel), why,
                           loop_now_ms(hub->loop), &n_more))
        return;
    log_warn(hub->house->log, "%s connection from %s closed: %s", door->name,
             loop_parcel_peer(parcel), why);
    if (n_more > 0)
        log_warn(hub->house->log,
                 "%s connections of %s closed: %u more since the last "
                 "such line",
                 door->name, loop_parcel_host(parcel), n_more);
}

static const struct loop_porch_handler porch_handler = {.ready = on_ready,
                                                        .refused = on_refused};

static void on_accepted(void *ctx, int fd)
{
    server_door_accept(ctx, fd);
}

int server_door_open(struct show_hub *hub, const struct entrance_place *place,
                     const struct door_options *options, struct door **ret_door,
                     struct err *err)
{
    struct loop_porch_options porch = {.proxy = options->proxy,
                                       .tls = options->tls,
                                       .per_host_max = options->per_address,
                                       .within_ms = DOOR_MS};
    struct door *door = alloc_zero(sizeof *door);
    door->hub = hub;
    door->name = place->name;
    door->porch = loop_porch_create(hub->loop, &porch, &porch_handler, door);
    int failed =
        server_entrance_open(hub->loop, place, on_accepted, door, &door->entrance, err);
    if (failed)
        server_door_destroy(door);
    else
        *ret_door = door;
    return failed;
}

const struct entrance *server_door_entrance(const struct door *door)
{
    return door->entrance;
}

void server_door_accept(struct door *door, int fd)
{
    loop_porch_accept(door->porch, fd);
}

struct renewal {
    struct loop_message message;
    struct door *door;
    struct loop_tls *tls;
};

static void run_renewal(struct loop_message *message, struct loop *loop)
{
    struct renewal *renewal = container_of(message, struct renewal, message);
    (void)loop;
    loop_porch_set_tls(renewal->door->porch, renewal->tls);
    alloc_free(renewal);
}

void server_door_renew(struct door *door, struct loop_tls *tls)
{
    struct renewal *renewal = alloc_zero(sizeof *renewal);
    renewal->message.run = run_renewal;
    renewal->door = door;
    renewal->tls = loop_tls_ref(tls);
    loop_post(door->hub->loop, &renewal->message);
}

void server_door_close(struct door *door)
{
    if (!door)
        return;
    server_entrance_close(door->entrance);
    door->entrance = NULL;
}

void server_door_destroy(struct door *door)
{
    if (!door)
        return;
    server_door_close(door);
    loop_porch_destroy(door->porch);
    alloc_free(door);
}
