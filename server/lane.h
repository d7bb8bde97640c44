/* One loop with everything that runs on it: its thread, its hub, its HTTP connections and
 * its listeners.
 *
 * Ownership: create/destroy; start makes the thread, join waits for it.
 * Threads:   made and destroyed on the main thread. The steps of the end (server/drain.h)
 *   are asked for there, each once and in their order, and done on the loop. */
#ifndef LANE_H
#define LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "server/entrance.h"
#include "server/http/h1_conn.h"
#include "server/loop/loop.h"
#include "server/show/hub.h"

struct api;
struct conf;
struct door;
struct entrance;
struct err;
struct http_router;
struct loop_tls;

struct lane {
    struct loop *loop;
    struct show_hub *hub;
    struct http_router *router;
    struct http_server *http;
    struct http_router *admin_router; /* of the first lane only */
    struct http_server *admin;
    struct door *rtmp, *rtmps; /* rtmps NULL: off */
    struct entrance *http_entrance, *admin_entrance;
    struct loop_timer *counting; /* brings HTTP's figures into the metrics */
    struct http_stats counted;
    struct loop_timer *draining; /* looks whether the step is done */
    int64_t drained_by_ms;
    bool hands_over;
    bool running;
    pthread_t thread;
    /* private */
    atomic_bool is_done; /* with the step that was asked for */
    struct loop_message sending, finishing, stopping; /* the steps */
};

enum {
    LANE_DRAIN_MS = 5000,       /* a held reload and a slow segment are done by then */
    LANE_DRAIN_SHORT_MS = 2000, /* the same where the next process is waited for */
};

/* limits: of HTTP for viewers and the API; copied. */
struct lane *server_lane_create(struct show_house *house,
                                const struct http_limits *limits, unsigned index);
void server_lane_add_routes(struct lane *lane, struct api *api);
/* Where a lane listens. */
struct lane_places {
    struct entrance_place rtmp, http;
    struct entrance_place rtmps; /* without an address: off */
    struct entrance_place admin; /* without an address: on another lane */
    bool rtmp_proxy;             /* publishers' connections begin with a PROXY header */
    unsigned rtmp_per_address;   /* of their handshakes; 0: any number */
    struct loop_tls *tls;        /* of RTMPS; a reference is taken */
};
int server_lane_listen(struct lane *lane, const struct lane_places *places,
                       struct err *err);
/* Adds copies of all sockets on which it listens. */
void server_lane_keep(const struct lane *lane, struct sockets *sockets);
int server_lane_start(struct lane *lane, struct err *err);
/* Nobody comes in to publish any more, and publishers go; done when they have gone. */
void server_lane_send_away(struct lane *lane, bool hands_over);
/* Who is left goes too; done at once. */
void server_lane_finish_sending(struct lane *lane);
/* No new viewers; done when those that are there have their answers. */
void server_lane_stop_serving(struct lane *lane);
/* The step that was asked for last is done. */
bool server_lane_is_done(struct lane *lane);
/* Ends the loop, at once if it still runs, and waits for its thread. */
void server_lane_join(struct lane *lane);
/* Closes what is left of HTTP, before the hub goes; NULL: nothing. */
void server_lane_stop_http(struct lane *lane);
void server_lane_destroy(struct lane *lane); /* but the hub; NULL: nothing */

#endif
