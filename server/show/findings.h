/* What the coach finds, told on: to the log and to the hooks, when it comes, changes its
 * level, or goes (level "fine").
 *
 * Threads: the show's loop. */
#ifndef SHOW_FINDINGS_H
#define SHOW_FINDINGS_H

struct show;

/* All that has changed since it was last asked to; nothing without a publisher. */
void show_findings_tell(struct show *show);

#endif
