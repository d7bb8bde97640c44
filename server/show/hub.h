/* One loop's meeting point: the newest directory, a shelf for each show, the shows that
 * live on this loop, and its publishers' connections. And the house: what all hubs share.
 *
 * A show lives on the loop that its id hashes to. Its owner makes views and events and
 * hands them to all hubs; a hub answers reads from its directory and shelves.
 *
 * Ownership: the house is made first and outlives the hubs; hubs are made before the
 *   loops run and destroyed after.
 * Threads:   a hub belongs to its loop; the house is immutable once the loops run. */
#ifndef SHOW_HUB_H
#define SHOW_HUB_H

#include "core/list.h"
#include "server/auth/api_token.h"
#include "server/metrics/metrics.h"
#include "server/rtmp/session.h"
#include "server/show/directory.h"
#include "server/show/notices.h"
#include "server/show/shelf.h"

struct loop_listener;
struct loop_timer;
struct map;
struct show;
struct show_addresses;
struct show_admission;
struct show_hub;
struct show_hooks;
struct show_registry;

enum { SHOW_HUBS_MAX = 256 };

/* Whoever is asked before a publish is accepted; ask NULL: nobody. Called on the show's
 * loop, must not block, and answers later by show_publishers_answer() on that loop. */
struct show_gate {
    void (*ask)(void *ctx, struct show_hub *hub,
                const struct show_admission *admission);
    void *ctx;
};

/* How far the end of the process has come, see server/show/drain.h. */
enum show_hub_state {
    HUB_SERVES,
    HUB_DRAINS,  /* publishers go, each at its next key frame; viewers are served */
    HUB_DRAINED, /* none is left and none comes any more; viewers are served */
    HUB_STOPS,   /* event streams have ended too */
};

struct show_house {
    unsigned n_hubs;
    struct show_hub *hubs[SHOW_HUBS_MAX];
    struct show_registry *registry; /* on hub 0 */
    struct store *store;
    struct metrics *metrics;
    struct auth_keys keys;
    uint32_t part_ms, segment_ms, window_ms;
    uint32_t linger_ms;
    struct rtmp_limits rtmp_limits;
    struct show_addresses *addresses;
    uint16_t rtmp_port, http_port;
    uint16_t rtmps_port; /* 0: RTMPS is off */
    struct show_gate gate;
    struct show_hooks *hooks; /* NULL: nobody is told */
    const char *public_host;  /* without port; NULL or empty: from the request */
    const struct log *log;
};

struct show_hub {
    struct show_house *house;
    struct loop *loop;
    unsigned index;
    struct show_directory *directory;
    bool loaded;            /* directory is what the store had, or newer */
    struct map *shelves;    /* show id: struct show_shelf */
    struct map *shows;      /* show id: struct show, those that live here */
    struct list publishers; /* show_publisher.link */
    unsigned n_publishers;
    struct list guests; /* of shows that live here; see server/show/guests.h */
    /* Lines about publishers that are refused, with a key of ours and without, and about
     * connections that break. */
    struct show_notices refusals, strangers, breaks;
    struct loop_timer *tick;
    enum show_hub_state state;
    bool hands_over;           /* while it does not serve: the next process goes on */
    int64_t draining_since_ms; /* monotonic */
};

struct show_hub *show_hub_create(struct show_house *house, struct loop *loop,
                                 unsigned index);
void show_hub_destroy(struct show_hub *hub); /* NULL: nothing */

/* Where a show lives; its rehearsal too. */
struct show_hub *show_hub_owner(const struct show_house *house, struct bytes id);
struct show_shelf *show_hub_shelf(const struct show_hub *hub,
                                  struct bytes id); /* or NULL */
/* Those that live here; a rehearsal is made when it is first asked for. Or NULL. */
struct show *show_hub_show(struct show_hub *hub, struct bytes id);

/* On the hub's loop, or before it runs: takes the reference, makes and removes shelves
 * and shows, tells shows of products that changed. */
void show_hub_set_directory(struct show_hub *hub, struct show_directory *directory);
/* Before the loops run: shows that were live when the process before ended have a view, so
 * that whoever asks first hears of it. */
void show_hub_share_lingering(struct show_hub *hub);
/* From hub 0: hands the directory to all hubs. The reference stays the caller's. */
void show_hub_share_directory(struct show_hub *hub, struct show_directory *directory);
/* From the owner: a new view (reference taken), an event, or both to every hub's shelf. */
void show_hub_share_view(struct show_hub *hub, const char *id, struct show_view *view,
                         struct buf *event);
#endif
