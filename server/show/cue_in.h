/* Cues that an encoder sends inside its stream, as AMF0 data messages. All shapes that
 * senders are known to use come to one wish (overlay/cue/wish.h); docs/CUES.md has them.
 *
 * Reading is pure; taking is the show's. Nothing in a message is an error of the
 * connection: what is not understood is counted, told to the host, and left.
 *
 * Threads: the show's loop. Limits: as named. */
#ifndef SHOW_CUE_IN_H
#define SHOW_CUE_IN_H

#include "overlay/cue/wish.h"

struct rtmp_event;
struct show;

enum {
    CUE_IN_VALUES_MAX = 16 * 1024, /* bytes of a message; a cue has under 1,000 */
    /* What an encoder may ask for, refused ones included; what a show takes is less, see
     * server/show/budget.h. */
    CUE_IN_PER_SECOND = 10,
};

enum show_cue_in {
    CUE_IN_OTHER, /* captions, time codes, whatever else there is: not for us */
    CUE_IN_AD,    /* a break for advertisements (SCTE-35 and the like): left alone */
    CUE_IN_WISH,  /* a cue that can be asked for */
    CUE_IN_WRONG, /* meant as a cue, and none: err says why */
};

/* name and the AMF0 values behind it, as RTMP_EVENT_DATA gives them. ret_wish is written
 * with CUE_IN_WISH only. */
enum show_cue_in show_cue_in_read(const char *name, struct bytes values,
                                  struct cue_wish *ret_wish, struct err *err);

/* A RTMP_EVENT_DATA of the show's publisher: asks for the cue at the message's media time,
 * when the publisher's key may send cues. */
void show_cue_in_take(struct show *show, const struct rtmp_event *event);

#endif
