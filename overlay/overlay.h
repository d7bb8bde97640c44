/* The overlay's front door: one for each show. It knows cues, cards and products, not
 * segments: media times go in, rendered markers come out.
 *
 * It is a journal (every cue that aired, numbered by q in order of media time) and a
 * schedule (cues that wait for their time). What a viewer sees at a time t is a function
 * of the journal alone: the reducer of shop.cue.v1 (docs/CUES.md).
 *
 * Use, always on the show's thread:
 *   overlay_request()  a cue is wanted, now or later
 *   overlay_air()      a part is due: the markers of [start, end) come out, with a
 *                      snapshot of all cards in front where a segment opens
 *   overlay_pass()     a stretch of time goes by without media
 *   overlay_next()     what has to be kept and announced, until it says false
 *
 * A cue airs, that is gets its q and becomes part of the journal, when its time lies at
 * or before the newest media or its part is due, whichever comes first; until then it
 * can be cancelled. Everything scheduled before it airs with it, so q follows the media.
 *
 * Ownership: create/destroy; entries and markers carry references as said.
 * Threads:   one at a time.
 * Time:      90 kHz ticks on the show's media axis, int64_t; wall clock = wall_anchor_ms
 *            + time / 90.
 * Errors:    ERR_INVALID (the words name the field), ERR_NOT_FOUND (no such card),
 *            ERR_CONFLICT (not live), ERR_LIMIT.
 * Limits:    named below. */
#ifndef OVERLAY_H
#define OVERLAY_H

#include "core/bytes.h"

struct buf;
struct builder;
struct err;
struct overlay;
struct product;

enum {
    OVERLAY_TOKEN_MAX = 16, /* "s" of a cue, bytes */
    OVERLAY_CARD_MAX = 16,  /* "c" of a cue, bytes: [A-Za-z0-9_-] */
    OVERLAY_CUE_MAX =
        1000, /* bytes of a cue's JSON: fits one TS packet run, and IVS's 1 KB */
    OVERLAY_CARDS_MAX = 4, /* cards up at once: a snapshot stays under OVERLAY_CUE_MAX
                                  by dropping details of the oldest */
    OVERLAY_SCHEDULED_MAX = 256, /* cues that wait: a run sheet of a long show */
    OVERLAY_JOURNAL_MAX = 20000, /* cues of a show: one every 4 s for a whole day */
    OVERLAY_MARKERS_MAX = 32,    /* markers in one part; the rest waits for the next */
    OVERLAY_RANGES_MAX =
        8, /* DATERANGE tags in a playlist: it is fetched 3 times a second */
};

#define OVERLAY_OPEN INT64_MAX

enum overlay_kind { OVERLAY_SHOW, OVERLAY_UPD, OVERLAY_HIDE };

/* Where the show is; the caller reads it off the packager. Before the show has media,
 * both times are 0 and live is false. */
struct overlay_clock {
    bool live;
    int64_t open_time;   /* earliest time that a marker may still have */
    int64_t newest_time; /* newest media that came in: what the host sees "now" */
};

struct overlay_request {
    enum overlay_kind kind;
    const char *card;        /* NULL: for a show, the card that already carries this
                                product, else a new one is named c1, c2, … */
    struct product *product; /* show: needed; upd: may be NULL; borrowed */
    bool now;                /* at the newest media; else at time */
    int64_t time;
    int64_t for_ms; /* show: hide by itself after this much; 0: stays */
};

struct overlay_result {
    char card[OVERLAY_CARD_MAX + 1];
    uint32_t revision; /* of a scheduled cue: unless others of its card air before */
    uint32_t q;        /* 0: scheduled, has not aired */
    int64_t time;      /* media time it has or will have */
    int64_t late_ms;   /* how much later than asked for; 0 when in time */
};

/* One cue of the journal or the schedule, as it is kept. */
struct overlay_entry {
    uint64_t id;    /* unique in the show, in order of request */
    uint32_t q;     /* 0: has not aired */
    bool cancelled; /* was scheduled, will never air */
    enum overlay_kind kind;
    char card[OVERLAY_CARD_MAX + 1];
    uint32_t revision;
    int64_t time;
    struct product *product; /* show and upd; may be NULL; a reference when given out */
    int64_t expires_ms; /* "x": wall clock at which the card goes by itself; 0: none */
};

/* A complete emsg box (ID3 inside) at a time. */
struct overlay_marker {
    int64_t time;
    struct buf *box; /* reference, the caller's */
};

/* One EXT-X-DATERANGE: lines without line end; closed only when end is known. */
struct overlay_range {
    int64_t start;
    int64_t end;             /* OVERLAY_OPEN while the card is up */
    struct buf *line;        /* references, the caller's */
    struct buf *line_closed; /* with END-DATE; NULL while open */
};

/* token: "s" of the cues, new for every show. */
struct overlay *overlay_create(const char *token, int64_t wall_anchor_ms);
void overlay_destroy(struct overlay *overlay); /* NULL: nothing */
/* The anchor becomes known when the show gets its first media. */
void overlay_set_anchor(struct overlay *overlay, int64_t wall_anchor_ms);

/* Puts back what was kept, in order of id, before any request. Nothing is announced. The
 * anchor must be the one that was in force when it was kept. */
int overlay_load(struct overlay *overlay, const struct overlay_entry *entry,
                 struct err *err);

/* Without media (clock.live false): a request for now is ERR_CONFLICT in plain words. */
int overlay_request(struct overlay *overlay, const struct overlay_request *request,
                    struct overlay_clock clock, struct overlay_result *ret,
                    struct err *err);
/* Hides the card when it is up (now; without media: with the first that comes again) and
 * cancels what is scheduled for it. ERR_NOT_FOUND when there is neither. */
int overlay_remove(struct overlay *overlay, const char *card,
                   struct overlay_clock clock, struct overlay_result *ret,
                   struct err *err);
/* A product changed in something that is shown: scheduled cues get it as it is now, and
 * cards that carry it an upd, now, or a second after the card's last one. */
void overlay_product_changed(struct overlay *overlay, struct product *product,
                             struct overlay_clock clock);

/* Markers of the part [start, end), oldest first, at most OVERLAY_MARKERS_MAX. Cues that
 * came too late for the part they wanted have their time at start. With snapshot, the
 * first marker is the state at start. */
size_t overlay_air(struct overlay *overlay, int64_t start, int64_t end, bool snapshot,
                   struct overlay_marker ret[OVERLAY_MARKERS_MAX]);

/* The same while no media flows: cues air, their markers have no place. The part that
 * follows needs a snapshot. */
void overlay_pass(struct overlay *overlay, int64_t start, int64_t end);

/* Entries to store and to tell viewers about, each once after every change of it. */
bool overlay_next(struct overlay *overlay, struct overlay_entry *ret_entry);
void overlay_entry_finish(struct overlay_entry *entry); /* gives references back */

/* Ranges that matter to a playlist whose window begins at from: open ones however old,
 * and those that ended behind from. Oldest first. */
size_t overlay_ranges(const struct overlay *overlay, int64_t from,
                      struct overlay_range ret[OVERLAY_RANGES_MAX]);

/* ,"b":184,"cards":[{"c","r","m","p"},…]: fields of the state at a time, for /state. m:
 * media time in ms at which the card got this revision. */
void overlay_print_state(const struct overlay *overlay, int64_t time,
                         struct builder *out);
/* JSON array of the journal's cues with q > since (the cue as it is in band, plus "m":
 * media time in ms), at most 500, and of what is scheduled. */
void overlay_print_journal(const struct overlay *overlay, uint32_t since,
                           struct builder *out);
/* The cue's JSON as it is in band plus "m", for the event stream. */
void overlay_print_entry(const struct overlay *overlay,
                         const struct overlay_entry *entry, struct builder *out);
/* The product as cues tell it ("p"): for lists of products beside the cues. */
void overlay_print_product(struct product *product, struct builder *out);
/* The first cue of the journal with q > since, cancelled ones left out; false at the end.
 * product is borrowed: valid until the next call that changes the overlay. */
bool overlay_peek(const struct overlay *overlay, uint32_t since,
                  struct overlay_entry *ret_entry);
/* Changes with each cue that airs; 0 before the first. */
uint32_t overlay_last_q(const struct overlay *overlay);

#endif
