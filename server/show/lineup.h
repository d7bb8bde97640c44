/* The tracks of one publisher: which it sends, and which they will be from the next key
 * frame on. Each has a number of the publisher's; the lowest of a kind leads it: it moves
 * the timeline, and the pictures' lead decides where epochs begin.
 *
 * Ownership: init by zeros, finish. Threads: the show's loop.
 * Limits:    LINEUP_TRACKS_MAX of each kind. */
#ifndef SHOW_LINEUP_H
#define SHOW_LINEUP_H

#include "packager/media/follower.h"
#include "packager/media/packet.h"
#include "packager/media/rendition_id.h"
#include "packager/media/track.h"
#include "server/rtmp/session.h"

enum {
    LINEUP_TRACKS_MAX = RENDITIONS_PER_KIND,
    LINEUP_SLOTS_MAX = LINEUP_TRACKS_MAX * TRACK_KINDS,
};

struct lineup_slot {
    bool used;
    enum track_kind kind;
    uint8_t track_id;
    struct track *track;            /* what the running epoch has, or will have */
    struct track *changed;          /* takes effect at the next beginning */
    bool runs;                      /* has a rendition in the epoch that runs */
    bool ended;                     /* its rendition goes at the next beginning */
    unsigned index;                 /* of the rendition among those of its kind */
    struct follower clock;          /* unless it leads */
    struct track_color coded_color; /* what the pictures' own header says */
    struct rtmp_color told_color;   /* what the encoder says beside it */
    bool is_color_told;
};

struct lineup {
    bool runs; /* an epoch was begun: changes wait for the next one */
    struct lineup_slot slots[TRACK_KINDS][LINEUP_TRACKS_MAX];
};

void show_lineup_finish(struct lineup *lineup);

/* NULL: none with this number. */
struct lineup_slot *show_lineup_find(struct lineup *lineup, enum track_kind kind,
                                     uint8_t track_id);
/* The same, and one is made where there is a place. NULL: there is none. */
struct lineup_slot *show_lineup_claim(struct lineup *lineup, enum track_kind kind,
                                      uint8_t track_id);
/* Of the tracks that have a header and have not ended; NULL: there are none. */
struct lineup_slot *show_lineup_lead(const struct lineup *lineup, enum track_kind kind);
/* Leads the pictures or, where there are none, the sound. */
bool show_lineup_is_first(const struct lineup *lineup, const struct lineup_slot *slot);
/* How many could begin now. */
unsigned show_lineup_count(const struct lineup *lineup, enum track_kind kind);

/* The track that units belong to: the newest header's. NULL: none yet. */
struct track *show_lineup_newest(const struct lineup_slot *slot);
/* A header came: takes the track. Encoders repeat their headers: only one that differs
 * changes anything, and it waits for the next beginning, or for the key frame that
 * completes it. */
void show_lineup_header(struct lineup *lineup, struct lineup_slot *slot,
                        struct track *track);
/* Another colour is another track. */
void show_lineup_tell_color(struct lineup *lineup, struct lineup_slot *slot,
                            const struct rtmp_color *color);
/* What a unit tells of its track beyond the header. */
void show_lineup_refine(struct lineup *lineup, struct lineup_slot *slot,
                        const struct packet *unit);
/* The rendition goes at the next beginning; without one, at once. */
void show_lineup_end(struct lineup_slot *slot);

/* Whether a beginning would change anything of the epoch that runs. */
bool show_lineup_changes(const struct lineup *lineup);
/* An epoch begins: what waited takes effect. Gives the tracks that it has, pictures first,
 * each kind by the publisher's numbers, and numbers them. */
size_t show_lineup_begin(struct lineup *lineup,
                         struct lineup_slot *ret_slots[LINEUP_SLOTS_MAX]);

#endif
