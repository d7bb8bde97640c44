/* Holds a show's publishers to the terms on which they were let in (server/show/terms.h):
 * one that breaks them is cut, and told why.
 *
 * The rate is looked at while a publisher is on air; one that stands by is not measured.
 *
 * Threads: the show's loop. */
#ifndef SHOW_ENFORCE_H
#define SHOW_ENFORCE_H

struct show;

/* Each tick: whose time is over. */
void show_enforce_time(struct show *show);
/* Once a second, when the rate has been measured. */
void show_enforce_rate(struct show *show);

#endif
