#include "server/loop/parcel.h"

#include "core/alloc.h"
#include "server/loop/parcel_inside.h"

struct loop_parcel *loop_parcel_create(int fd)
{
    struct loop_parcel *parcel = alloc_zero(sizeof *parcel);
    parcel->wire = loop_wire_make(fd);
    loop_peer_ask(&parcel->peer, fd);
    return parcel;
}

void loop_parcel_destroy(struct loop_parcel *parcel)
{
    if (!parcel)
        return;
    loop_wire_close(&parcel->wire);
    alloc_free(parcel);
}

const char *loop_parcel_peer(const struct loop_parcel *parcel)
{
    return parcel->peer.text;
}

const char *loop_parcel_host(const struct loop_parcel *parcel)
{
    return parcel->peer.host;
}
