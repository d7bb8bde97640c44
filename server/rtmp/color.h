/* colorInfo of Enhanced RTMP v2 ("Metadata Frame"): what a video metadata packet says
 * about colours and high dynamic range. Pure. */
#ifndef RTMP_COLOR_H
#define RTMP_COLOR_H

#include "core/bytes.h"

struct rtmp_color;

/* amf0: a packet's payload. False when it says nothing about colours. A colorInfo without
 * content takes back what was said before: nothing is known then. Numbers out of their
 * range are left away, a mastering display with all that belongs to it. */
bool rtmp_color_read(struct bytes amf0, struct rtmp_color *ret_color);

#endif
