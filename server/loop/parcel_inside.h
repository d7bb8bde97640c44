/* What a parcel holds. Not for other rooms. */
#ifndef LOOP_PARCEL_INSIDE_H
#define LOOP_PARCEL_INSIDE_H

#include "server/loop/parcel.h"
#include "server/loop/peer.h"
#include "server/loop/wire.h"

struct loop_parcel {
    struct loop_wire wire;
    struct loop_peer peer;
};

#endif
