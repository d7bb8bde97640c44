/* The fields of an HEVC sequence parameter set that packaging needs (ITU-T H.265
 * 7.3.2.2 and E.2.1). */
#ifndef MEDIA_HEVC_SPS_H
#define MEDIA_HEVC_SPS_H

#include "packager/media/track.h"

struct err;

/* Level 6.2 allows 35,651,584 samples, at most the root of eight times as many in a row
 * (A.4.1). */
enum { HEVC_SPS_SIDE_MAX = 16888 };

struct hevc_sps {
    uint16_t width, height;      /* inside the conformance window */
    uint32_t rate_num, rate_den; /* frames a second; zeros when it does not say */
    struct track_color color;
};

/* nal: the whole NAL unit with its header, emulation prevention still in. */
int media_hevc_sps_parse(struct bytes nal, struct hevc_sps *ret, struct err *err);

#endif
