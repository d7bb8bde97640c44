/* A publish that waits for its answer: the texts of the request, kept meanwhile.
 *
 * Threads: one at a time. */
#ifndef SHOW_REQUEST_H
#define SHOW_REQUEST_H

struct rtmp_publish;

/* Takes the texts of request; nothing when they are there already, otherwise *kept is
 * NULL. */
void show_request_keep(struct rtmp_publish **kept, struct rtmp_publish *request);
void show_request_free(struct rtmp_publish *kept); /* NULL: nothing */

#endif
