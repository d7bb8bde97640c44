/* What a parcel holds. Not for other rooms. */
#ifndef LOOP_PARCEL_INSIDE_H
#define LOOP_PARCEL_INSIDE_H

#include "server/loop/parcel.h"
#include "server/loop/peer.h"

struct loop_parcel {
    int fd;
    struct loop_peer peer;
};

#endif
