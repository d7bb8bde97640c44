/* From one publisher's messages to the packager's packets: which tracks there are, when
 * to begin, when the encoder changed, and what time each access unit has.
 *
 * It waits INGEST_WAIT_MS of the publisher's media for the other track, because nothing
 * is lost by it: the first playlist comes with the second key frame. A new sequence
 * header takes effect at the next key frame, with a new epoch; a repeated one is ignored.
 * The tracks of the epoch that runs, also another publisher's, go on in it.
 *
 * Ownership: create/destroy; the packager is borrowed.
 * Threads:   the show's loop.
 * Errors:    ERR_MEDIA with words for the host; the message is dropped, all goes on.
 * Limits:    INGEST_AHEAD_MAX_MS: what comes faster than time is refused further ahead, up
 *   to the next key frame in time, or the show's axis would be anywhere.
 *   INGEST_WAITING_MAX packets while it waits, and it waits no longer than
 *   INGEST_WAITING_BYTES_MAX take to come. */
#ifndef SHOW_INGEST_H
#define SHOW_INGEST_H

#include "packager/media/timeline.h"
#include "packager/packager.h"
#include "server/rtmp/session.h"

enum {
    INGEST_AHEAD_MAX_MS =
        60000,            /* what an encoder may have kept while its line was away */
    INGEST_WAIT_MS = 500, /* of media: encoders send both headers at once */
    INGEST_WAITING_MAX = 400,  /* packets: one second of 60 fps and 48 kHz, with room */
    INGEST_HEADLESS_MAX = 100, /* units whose header may still be on its way: 2 s */
    INGEST_WAITING_BYTES_MAX = 16 * 1024 * 1024, /* a second of 100 Mb/s, with room */
};

struct show_ingest;

/* base_ms: where on the show's axis this publisher begins. A packager of NULL is for who
 * only wants to know the tracks, and gives no media. */
struct show_ingest *show_ingest_create(struct packager *packager, int64_t base_ms);
void show_ingest_destroy(struct show_ingest *ingest); /* NULL: nothing */
/* While no media has come; nothing after. */
void show_ingest_rebase(struct show_ingest *ingest, int64_t base_ms);
bool show_ingest_has_media(const struct show_ingest *ingest);
/* How many units so far could be read with the header of their track. Whoever sends others
 * only is as good as gone. */
uint64_t show_ingest_units(const struct show_ingest *ingest);

/* A METADATA, *_CONFIG, VIDEO or AUDIO event; pushes what comes of it to the packager,
 * whose events are to be pulled after the call. */
int show_ingest_event(struct show_ingest *ingest, const struct rtmp_event *event,
                      int64_t now_ms, struct err *err);
/* Where a stamp of the publisher's messages lies on the show's axis; negative: no media
 * has come that could tell. */
int64_t show_ingest_locate_ms(const struct show_ingest *ingest, uint32_t stamp_ms);
/* The tracks as they are now; NULL: none. Borrowed. */
struct track *show_ingest_track(const struct show_ingest *ingest, enum track_kind kind);
/* A VIDEO or AUDIO event is of the track that leads its kind; without any header, of the
 * first one. */
bool show_ingest_is_led_by(const struct show_ingest *ingest,
                           const struct rtmp_event *event);
/* How often stamps had to be put right. */
struct timeline_stats show_ingest_timeline(const struct show_ingest *ingest);

#endif
