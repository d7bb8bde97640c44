/* What the loops see of a show: its views, made anew and handed to all of them when
 * something has changed, and the texts in them, which are printed on the show's loop
 * because its publisher is there.
 *
 * Threads: the show's loop. */
#ifndef SHOW_SHARE_H
#define SHOW_SHARE_H

struct show;

/* A new view with the texts as they were: what they tell changes once a second at most. */
void show_share_media(struct show *show);
/* Prints the texts for the views to come. */
void show_share_texts(struct show *show);
/* Both, and with the second one the event that tells pages of the show's state. */
void show_share_all(struct show *show);
void show_share_state(struct show *show);
/* The same when there are more or fewer viewers, which is all the time: once a second at
 * most. */
void show_share_viewers(struct show *show);
/* Makes the first view when there was none, so that viewers of a show that has not begun
 * are counted. */
void show_share_ensure(struct show *show);

#endif
