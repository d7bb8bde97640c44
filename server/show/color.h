/* The colours of a show's pictures, from what the encoder tells beside them (colorInfo of
 * Enhanced RTMP) and from what it wrote into them. Pure. */
#ifndef SHOW_COLOR_H
#define SHOW_COLOR_H

#include "packager/media/track.h"
#include "server/rtmp/session.h"

/* What is told goes before what is coded; what is not told is as coded. */
struct track_color show_color_merge(const struct rtmp_color *told,
                                    const struct track_color *coded);

#endif
