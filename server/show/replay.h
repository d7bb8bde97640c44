/* What a publisher has said that somebody who listens from now on must hear first: its
 * metadata and the sequence headers of the tracks that have not ended, and, while it
 * stands by, its media from the last key frame on.
 *
 * Ownership: the publisher's, so that it goes where the publisher goes.
 * Threads:   the loop's that has the publisher. Time: monotonic, passed in.
 * Limits:    as named; media past them is forgotten until the next key frame. */
#ifndef SHOW_REPLAY_H
#define SHOW_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct rtmp_event;
struct show_replay;

enum {
    REPLAY_HEADERS_MAX = 24,   /* metadata, and headers and colours of eight tracks */
    REPLAY_PACKETS_MAX = 2048, /* 10 s of 60 fps and 48 kHz: key frames come sooner */
    REPLAY_BYTES_MAX = 16 * 1024 * 1024, /* 10 s of 12 Mb/s */
    REPLAY_PICTURES_MS = 5000, /* without one there are none, whatever was announced */
};

struct show_replay *show_replay_create(void);
void show_replay_destroy(struct show_replay *replay); /* NULL: nothing */

/* An event that came; takes references. keeps_media: also of pictures and sound. */
void show_replay_take(struct show_replay *replay, const struct rtmp_event *event,
                      bool keeps_media, int64_t now_ms);
bool show_replay_has_headers(const struct show_replay *replay);
/* A picture or sound whose track has a header: it can be shown. */
bool show_replay_has_header_of(const struct show_replay *replay,
                               const struct rtmp_event *event);
void show_replay_forget_media(struct show_replay *replay);
/* When the key frame that the kept media begins with came; INT64_MAX: none is kept. */
int64_t show_replay_key_ms(const struct show_replay *replay);
/* Media can begin with this event, which was taken last: a picture that stands by itself,
 * or sound where there are no pictures; of several tracks the first one's. */
bool show_replay_begins_with(const struct show_replay *replay,
                             const struct rtmp_event *event);
/* Gives out all that is kept, in the order in which it came, headers first. */
void show_replay_play(const struct show_replay *replay,
                      void (*hear)(void *ctx, const struct rtmp_event *event),
                      void *ctx);

#endif
