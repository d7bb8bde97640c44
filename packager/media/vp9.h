/* VP9 as FLV and MP4 carry it ("VP Codec ISO Media File Format Binding"): the fields of the
 * VPCodecConfigurationRecord ("vpcC") and frames (VP9 bitstream specification 6.2). All
 * input is a peer's.
 *
 * Errors: ERR_MEDIA with words that the host can understand. */
#ifndef MEDIA_VP9_H
#define MEDIA_VP9_H

#include "core/bytes.h"
#include "packager/media/track.h"

struct err;

enum { VP9_CONFIG_MAX = 64 }; /* 8 bytes, or 12 with a box's version and flags */

struct vp9_config {
    struct track_vp9 fields;
    struct track_color color;
};

struct vp9_frame {
    bool key;
    uint16_t width, height; /* of a key frame */
};

/* Level 0, which encoders write for unknown, stays 0. */
int media_vp9_parse_config(struct bytes vpcc, struct vp9_config *ret, struct err *err);
/* The lowest level whose pictures may be so large. */
uint8_t media_vp9_level_of(uint16_t width, uint16_t height);
/* RFC 6381: "vp09.00.30.08", and with all of the optional fields when one has not its
 * default value. */
void media_vp9_codecs(const struct track_vp9 *fields, const struct track_color *color,
                      char *out, size_t out_size);

int media_vp9_read_frame(struct bytes frame, struct vp9_frame *ret, struct err *err);

#endif
