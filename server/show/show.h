/* The live show: where ingest, packager and overlay meet. It takes a publisher's media,
 * answers the packager's parts with the overlay's markers, and hands views and events to
 * all loops.
 *
 * States: draft, ready, live, ended (server/show/view.h); live is when the first playlist
 *   is there. A publisher that goes, in whatever way, leaves the show live and away: its
 *   playlists go on with gaps, its cues and viewers with it. It ends when nobody comes in
 *   show.linger, or the host says so. One that comes later makes it live again, with its
 *   playlists' numbers going on. A show that was live when the process died lingers anew.
 *
 * Ownership: the hub's, as long as the show is known.
 * Threads:   the loop where it lives.
 * Time:      loop_now_ms() of that loop. */
#ifndef SHOW_H
#define SHOW_H

#include "overlay/overlay.h"
#include "server/show/admission.h"
#include "server/show/budget.h"
#include "server/show/debts.h"
#include "server/show/guests.h"
#include "server/show/health.h"
#include "server/show/hub.h"
#include "server/show/key_use.h"
#include "server/show/rivals.h"
#include "server/show/spare.h"
#include "server/show/standby.h"
#include "server/show/terms.h"

struct rtmp_event;
struct show_ingest;
struct show_publisher;

struct show {
    /* private to the room */
    struct show_hub *hub;
    struct show_record *record;
    struct log *log;
    struct overlay *overlay;
    struct packager *packager;        /* NULL before the first publisher */
    struct show_ingest *ingest;       /* while a publisher is attached */
    struct show_publisher *publisher; /* whose media is taken; NULL: nobody's */
    struct show_standby standby;
    struct buf *publisher_text; /* JSON as last printed; NULL: no publisher then */
    struct buf *backup_text;    /* of the one that stands by; NULL: nobody */
    struct buf *health_text;
    struct show_figures *figures; /* as last sampled; NULL: no publisher then */
    char encoder[65];
    int64_t connected_ms;    /* wall clock */
    int64_t live_since_ms;   /* wall clock; 0: not live */
    int64_t away_since_ms;   /* wall clock; 0: media flows, or the show is not live */
    int64_t away_at_ms;      /* the same moment, monotonic */
    int64_t attached_at_ms;  /* when the publisher came on air, monotonic */
    int64_t media_at_ms;     /* when the publisher's last media came, monotonic */
    struct loop_timer *pace; /* the packager's deadline */
    int64_t pace_at_ms;      /* when it runs; INT64_MAX: not */
    /* when an ended show's media is let go; INT64_MAX: not ended */
    int64_t released_at_ms;
    struct show_health health;
    struct show_spare spare;
    struct show_budget budget; /* of cues */
    struct show_rivals rivals;
    struct show_key_use key_use;
    struct show_debts debts;          /* of publishers that are gone */
    struct show_budget cue_in_budget; /* of cues that the publisher sends */
    struct log_limit cue_in_log;
    struct show_tally *tally;
    struct packager_constants constants; /* as they were kept */
    uint64_t kept_msn;                   /* numbers below are reserved in the store */
    uint64_t kept_discontinuity;         /* where a restart goes on */
    uint64_t segments_seen[RENDITIONS_MAX];
    int64_t viewers_told;
    int64_t shared_ms;       /* when the loops got the newest view */
    int64_t closed_until_ms; /* keys are refused before */
    unsigned n_publishers;   /* since it went live, or for the first one */
    uint8_t rehearsed_key[AUTH_HASH_SIZE]; /* its encoder's ?test=1 counts no more */
    bool rehearses; /* a shadow, see server/show/rehearsal.h: nothing of it is kept */
    bool waits_for_key; /* the publisher comes from a rehearsal, mid-stream */
    bool was_live;
    bool has_view;
};

struct show *show_create(struct show_hub *hub, struct show_record *record);
void show_destroy(struct show *show); /* cuts its publisher; NULL: nothing */
void show_set_record(struct show *show, struct show_record *record);

/* Media flows: the show is neither off the air nor away. */
bool show_has_media(const struct show *show);

/* A publisher begins. The one before with its part, if any, is cut, and the media goes on
 * behind its; a backup stands by (server/show/standby.h). */
void show_attach(struct show *show, struct show_publisher *publisher);
/* Whose place a publisher with this role would take; NULL: nobody's. */
struct show_publisher *show_incumbent(const struct show *show, enum show_role role);
/* Lets go of its publishers without a word, and ends: they go on elsewhere. */
void show_release(struct show *show);
/* The publisher attached is gone; why is for the log. */
void show_detach(struct show *show, struct show_publisher *publisher, const char *why);
/* Bytes came on the connection of a publisher that is attached: how the line behaves. */
void show_arrival(struct show *show, const struct show_publisher *publisher,
                  size_t len);
/* Of any publisher that is attached. */
void show_media(struct show *show, struct show_publisher *publisher,
                const struct rtmp_event *event);
void show_tick(struct show *show, int64_t now_ms);
/* Off the air, by the host or because the server stops: ENDLIST. */
void show_end(struct show *show, const char *why);

/* The same by the host's wish: its keys are refused for a while, because encoders come
 * back by themselves. */
void show_close(struct show *show);
bool show_is_closed(const struct show *show);

enum show_state show_get_state(const struct show *show);
/* The newest media, in 90 kHz on the show's axis. A show on air that has none, because the
 * process is new, stands where the clock is: there its media will go on. */
int64_t show_get_edge_time(const struct show *show);
/* The same for cues. */
struct overlay_clock show_get_clock(const struct show *show);
int64_t show_get_anchor_ms(const struct show *show);

#endif
