/* Holds a show's publishers to the terms on which they were let in (server/show/terms.h),
 * and whoever is on air to send what can be shown: one that does not is cut, and told why.
 *
 * The one that stands by is held to its terms like the one on air, and what somebody was
 * ahead by when it left is known when it comes back.
 *
 * Threads: the show's loop. */
#ifndef SHOW_ENFORCE_H
#define SHOW_ENFORCE_H

#include <stdint.h>

/* As long as one that publishes may send no media at all. Encoders that connect again send
 * their headers again, which is most often what was missing. */
enum { SHOW_ENFORCE_MEDIA_MS = 20000 };

struct rtmp_event;
struct show;
struct show_publisher;

/* The show has the publisher, on air or not. */
void show_enforce_begin(struct show *show, struct show_publisher *publisher);
/* Something came from it. */
void show_enforce_take(struct show_publisher *publisher,
                       const struct rtmp_event *event);
/* The show lets go of it. */
void show_enforce_leave(struct show *show, struct show_publisher *publisher);
/* Each tick. */
void show_enforce_tick(struct show *show, int64_t now_ms);

#endif
