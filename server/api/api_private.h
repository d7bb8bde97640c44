/* The inside of struct api, for this room. */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include "server/api/call.h"
#include "server/api/memory.h"
#include "server/show/hub.h"

struct api {
    struct show_house *house;
    struct api_place places[SHOW_HUBS_MAX];
    struct api_memory *memories[SHOW_HUBS_MAX]; /* of the hub of the same index */
};

#endif
