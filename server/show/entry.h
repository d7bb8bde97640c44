/* How a publish is let in: it is decided, which may need somebody who is asked or a move to
 * another loop, and then a show takes it, or it is refused.
 *
 * Threads: the loop's of the publisher. */
#ifndef SHOW_ENTRY_H
#define SHOW_ENTRY_H

#include <stdbool.h>

struct rtmp_publish;
struct show_publisher;

/* The session asks for it. Takes the texts of the request when it is not answered at once. */
void show_entry_ask(struct show_publisher *publisher, struct rtmp_publish *request);
/* Whoever was asked has said yes, or the loop is the right one now: the request that was
 * kept is decided once more. */
void show_entry_go_on(struct show_publisher *publisher, bool asked);
/* With NetStream.Publish.BadName and the sentence (ASCII); the connection closes. */
void show_entry_refuse(struct show_publisher *publisher, const char *sentence);

#endif
