/* The fields of an H.264 sequence parameter set that packaging needs (ITU-T H.264
 * 7.3.2.1.1 and E.1.1). */
#ifndef MEDIA_H264_SPS_H
#define MEDIA_H264_SPS_H

#include "core/bytes.h"

struct err;

/* Level 6.2 allows pictures of 139,264 macroblocks, at most 1,055 of them in a row
 * (A.3.1: the square root of eight times as many). */
enum { H264_SPS_MACROBLOCKS_MAX = 1055 };

struct h264_sps {
    uint16_t width, height;      /* after cropping */
    uint32_t rate_num, rate_den; /* frames a second; zeros when it does not say */
};

/* nal: the whole NAL unit with its header, emulation prevention still in. */
int media_h264_sps_parse(struct bytes nal, struct h264_sps *ret, struct err *err);

#endif
