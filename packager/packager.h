/* The packager's front door: one for each show. Packets and markers go in; immutable
 * snapshots of the renditions come out. It knows metadata and not products.
 *
 * Use, always on the show's thread:
 *   packager_begin()  a publisher's tracks are known: a new epoch
 *   packager_resume() instead, when packager_continues() says that the tracks are those
 *                     of the epoch that runs: it goes on, without a discontinuity
 *   packager_push()   each packet in arrival order
 *   packager_next()   after each begin, push, tick or end, until it says false:
 *     PACKAGER_PART_DUE   a part is complete but for its markers: answer with
 *                         packager_finish_part() before the next call. Only the
 *                         rendition that leads asks (the first pictures if there are
 *                         any, else the first sound), and others of its kind carry the
 *                         same; GAP parts carry none and do not ask
 *     PACKAGER_GAP        the rendition that carries markers goes on without media for
 *                         this while: what happens in it is told by other ways, and its
 *                         outcome by the next part, which says after_gap
 *     PACKAGER_UPDATED    packager_snapshot() of that rendition is new
 *     PACKAGER_FINDING    something that the host should hear; the newest of a kind
 *   packager_tick()   at packager_deadline_ms() at the latest
 *   packager_end()    the show is over: ENDLIST
 *
 * A publisher that is away: the owner calls nothing but packager_tick(). When no packet
 * has come for two parts of now_ms (EPOCH_CONNECTED_PATIENCE_MS of a publisher that is
 * still connected), GAP parts go on where the media would be, in all
 * renditions, one part behind (packager/schedule.h), until packets come again. Sound and
 * pictures that come too late for their place are refused; a sender that stays late is
 * moved behind what was made, with its next key frame. The next publisher's first
 * media time should be packager_newest_time() and a little more, or the wall clock's if
 * that is later, taken when its first packet is there and not before: the GAP parts go on
 * until then. A start of less than a second that breaks off leaves no trace.
 *
 * Ownership: create/destroy; snapshots are counted.
 * Threads:   one at a time; snapshots travel.
 * Time:      media times as in media/packet.h, never below 0; now_ms is monotonic and
 *            passed in, and the media goes as fast as it.
 * Errors:    ERR_MEDIA, a packet or track was refused and dropped; the packager goes on.
 * Limits:    PACKAGER_START_PACKETS while it measures; the window, in time. */
#ifndef PACKAGER_H
#define PACKAGER_H

#include "packager/hls/snapshot.h"
#include "packager/media/marker.h"
#include "packager/media/packet.h"
#include "packager/media/rendition_id.h"

struct err;
struct packager;

/* Packets of a track that wait: a segment of 10 s and more at 144 frames a second, the
 * most that is looked at before the first playlist. */
enum { PACKAGER_START_PACKETS = 4096 };

/* What is kept with the show and never changes in its life, restarts included. */
struct packager_constants {
    uint32_t part_target_ms;    /* PART-TARGET; 0: to be measured */
    uint32_t target_duration_s; /* EXT-X-TARGETDURATION; 0: to be measured */
    int64_t wall_anchor_ms;     /* wall clock at media time 0 */
};

enum { PACKAGER_LANGUAGE_MAX = 36, PACKAGER_NAME_MAX = 64 }; /* with the NUL */

/* One of a publisher's tracks. */
struct packager_track {
    struct track *track;
    char language[PACKAGER_LANGUAGE_MAX]; /* sound: RFC 5646, "de"; "": not told */
    char name[PACKAGER_NAME_MAX];         /* sound: for people; "": made */
};

struct packager_config {
    uint32_t part_ms;             /* hls.part, wanted */
    uint32_t segment_ms;          /* hls.segment, wanted */
    uint32_t window_ms;           /* hls.window */
    uint64_t first_msn;           /* of the next segment, >= 1 */
    uint64_t first_discontinuity; /* EXT-X-DISCONTINUITY-SEQUENCE of the next segment */
    struct packager_constants constants;
};

enum packager_event_type {
    PACKAGER_PART_DUE,
    PACKAGER_GAP,
    PACKAGER_UPDATED,
    PACKAGER_FINDING
};

enum packager_finding {
    PACKAGER_GOP_TOO_LONG,   /* value: measured key frame interval in ms */
    PACKAGER_FRAMES_MISSING, /* value: parts under 85 % so far */
    PACKAGER_HOLE,           /* value: ms of media missing, bridged with GAP parts */
    PACKAGER_REFUSED_PACKET, /* value: packets refused so far */
};

struct packager_event {
    enum packager_event_type type;
    unsigned rendition; /* media/rendition_id.h; TRACK_VIDEO, TRACK_AUDIO: the first */
    union {
        struct {
            int64_t start, end; /* 90 kHz, presentation axis of the part */
            bool independent;
            bool opens_segment;   /* a snapshot cue belongs here */
            bool after_gap;       /* and here: nothing was said in band meanwhile */
            bool carries_markers; /* false: finish with none */
        } part;                   /* of a gap: start, end and opens_segment */
        struct {
            enum packager_finding what;
            int64_t value;
        } finding;
    };
};

struct packager *packager_create(const struct packager_config *config);
void packager_destroy(struct packager *packager); /* NULL: nothing */

/* Starts an epoch; token as in segment_epoch. At least one track, RENDITIONS_PER_KIND of
 * each kind at most. The first of a kind is index 0 of its packets and its rendition, and
 * so on; the first pictures decide where all renditions are cut, so the others' key frames
 * should be at the same times. A track goes by another call, without it.
 *
 * A running epoch is ended first (its last parts come as events). The segments that follow
 * carry a discontinuity if there were any before. */
int packager_begin(struct packager *packager, const char *token,
                   const struct packager_track *tracks, size_t n_tracks, int64_t now_ms,
                   struct err *err);
/* An epoch runs and has these very tracks, or would have them: packager_resume() will do. */
bool packager_continues(const struct packager *packager,
                        const struct packager_track *tracks, size_t n_tracks);
/* Another publisher goes on with the epoch that runs: pictures from its first key frame
 * on, behind what was made. What was not shown yet is begun anew. */
void packager_resume(struct packager *packager, int64_t now_ms);
/* A packet came that will be pushed later: nothing is given up meanwhile. */
void packager_hear(struct packager *packager, int64_t now_ms);
/* Whether a publisher is there: then a silence is a line that stalls, more likely than
 * not, and is given more time. Nobody is at first. */
void packager_set_connected(struct packager *packager, bool connected);
/* Takes the packet's data reference, also on failure. */
int packager_push(struct packager *packager, struct packet *packet, int64_t now_ms,
                  struct err *err);
bool packager_next(struct packager *packager, struct packager_event *ret_event);
/* Boxes in order of time; references stay the caller's. */
void packager_finish_part(struct packager *packager, const struct marker *markers,
                          size_t n_markers);
/* All ranges that are known, oldest first; copied. They show from the next part on. */
void packager_set_ranges(struct packager *packager, const struct marker_range *ranges,
                         size_t n_ranges);
/* Time passes without packets: parts of missing media are made. */
void packager_tick(struct packager *packager, int64_t now_ms);
int64_t packager_deadline_ms(const struct packager *packager); /* INT64_MAX: none */
/* The publisher is gone for good: flushes, ENDLIST, no hints. packager_begin() may
 * follow: the playlists go on without ENDLIST. */
void packager_end(struct packager *packager, int64_t now_ms);

/* New reference; NULL until the first playlist may appear (and for a rendition that does
 * not exist). rendition: media/rendition_id.h. */
struct snapshot *packager_snapshot(const struct packager *packager, unsigned rendition);
/* The multivariant playlist as it is now; NULL while there is none. New reference. */
struct buf *packager_multivariant(const struct packager *packager);

/* Measured values once known (zeros before), to be kept with the show. */
struct packager_constants packager_get_constants(const struct packager *packager);
uint64_t packager_next_msn(const struct packager *packager);
uint64_t packager_next_discontinuity(const struct packager *packager);
/* 90 kHz: earliest presentation time that still can take a marker (start of the open
 * part of the rendition that carries them), and the newest time that came in. */
int64_t packager_open_time(const struct packager *packager);
int64_t packager_newest_time(const struct packager *packager);

#endif
