/* One access unit on the show's media axis: a small value around a counted payload.
 * H.264 and HEVC come as length-prefixed NAL units (as in FLV and MP4), AV1 as a temporal
 * unit without its delimiter, AAC raw without ADTS.
 *
 * Ownership: data carries one reference; media_packet_finish() gives it back. Functions
 *   that take a packet by pointer leave it to the caller, unless they say "takes".
 * Time: dts and pts in the track's timescale on the show's axis, compared exactly. */
#ifndef MEDIA_PACKET_H
#define MEDIA_PACKET_H

#include "core/bytes.h"
#include "packager/media/track.h"

struct buf;

struct packet {
    enum track_kind kind;
    uint8_t index;      /* which of the tracks of its kind; media/rendition_id.h */
    int64_t dts;        /* strictly increasing within a track */
    int64_t pts;        /* may lie below dts by up to the encoder's offset */
    bool key;           /* video: a decoder may start here; audio: always */
    uint32_t n_samples; /* audio: how many are in it; 0: as many as the track says */
    struct buf *data;
};

void media_packet_finish(struct packet *packet); /* also of a zeroed one */

/* a in ticks of from, as ticks of to, rounded to nearest, halves away from zero. Exact
 * for times of centuries at the timescales in use. */
int64_t media_packet_rescale(int64_t a, uint32_t from, uint32_t to);

#endif
