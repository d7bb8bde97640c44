/* The text of a multivariant playlist: one variant for each rendition of pictures, and
 * one group with all sound. Without pictures the first sound is the variant. Pure. */
#ifndef HLS_MULTIVARIANT_H
#define HLS_MULTIVARIANT_H

#include "packager/media/rendition_id.h"

struct buf;

struct multivariant_video {
    const struct track *track;
    unsigned rendition;
    uint64_t bandwidth, average_bandwidth; /* with the sound */
    uint32_t milli_fps; /* FRAME-RATE with three decimals; 0: unknown */
};

struct multivariant_audio {
    const struct track *track;
    unsigned rendition;
    uint64_t bandwidth, average_bandwidth; /* used where it is the variant */
    const char *language;                  /* RFC 5646, or "" */
    const char *name;                      /* for people, or "" */
};

struct multivariant {
    size_t n_videos, n_audios; /* not both 0 */
    struct multivariant_video videos[RENDITIONS_PER_KIND];
    struct multivariant_audio audios[RENDITIONS_PER_KIND];
    bool independent_segments; /* all segments start with a key frame */
};

struct buf *hls_multivariant_render(const struct multivariant *multivariant);

#endif
