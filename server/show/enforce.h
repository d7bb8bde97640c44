/* Holds a show's publishers to the terms on which they were let in (server/show/terms.h),
 * and whoever is on air to send what can be shown: one that does not is cut, and told why.
 *
 * The rate is looked at while a publisher is on air; one that stands by is not held
 * to it.
 *
 * Threads: the show's loop. */
#ifndef SHOW_ENFORCE_H
#define SHOW_ENFORCE_H

struct show;

/* As long as one that publishes may send no media at all. Encoders that connect again send
 * their headers again, which is most often what was missing. */
enum { SHOW_ENFORCE_MEDIA_MS = 20000 };

/* Each tick: whose time is over. */
void show_enforce_time(struct show *show);
/* Each tick: who has sent nothing that can be shown. */
void show_enforce_media(struct show *show);
/* Once a second, when the rate has been measured. */
void show_enforce_rate(struct show *show);

#endif
