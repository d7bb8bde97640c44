/* How the publishers of one hub go when the process ends: each at its next key frame, so
 * that what was shown ends whole, and shows stay live for whoever comes next.
 *
 *   show_drain_begin()   who is on air goes at the next key frame of its leading track,
 *                        which is not taken any more, or with its next sound where there
 *                        are no pictures; who stands by or rehearses goes at once
 *   show_drain_is_over() nobody is left who is waited for
 *   show_drain_finish()  whoever is left goes now, and nobody comes in any more
 *   show_drain_hang_up() event streams end; playlists and parts are answered to the last
 *   show_drain_keep()    the loops have ended: where shows go on is kept
 *
 * Two ways: a stop tells encoders that the server goes away. At a hand-over the next
 * process has the same listening sockets, so encoders are only let go of, and come back
 * by themselves; who is still asking to publish is let in, because some encoders give up
 * for good when their first connection ends before they were.
 *
 * No show ends: each is away, and lingers anew when the next process begins.
 *
 * Threads: the loop's of the hub; show_drain_keep() when it has ended. */
#ifndef SHOW_DRAIN_H
#define SHOW_DRAIN_H

#include <stdbool.h>

struct show_hub;

enum {
    /* Key frames are 2 s apart with most encoders, and 4 s is what some platforms allow. */
    DRAIN_GOP_MAX_MS = 5000,
    /* Handshake and commands of a slow phone, at a hand-over. */
    DRAIN_ASK_MS = 1000,
};

void show_drain_begin(struct show_hub *hub, bool hands_over);
bool show_drain_is_over(const struct show_hub *hub);
void show_drain_finish(struct show_hub *hub);
void show_drain_hang_up(struct show_hub *hub);
void show_drain_keep(struct show_hub *hub);

/* Whoever asks may publish here. */
bool show_drain_lets_in(const struct show_hub *hub);

#endif
