/* Work for the loop that owns a show, asked for on another loop: there and back by
 * mailbox. Embedded in whatever carries the question and the answer.
 *
 * Ownership: the asker's until answered() is called, which may free it.
 * Threads:   work() runs on the owner's loop and ends, at once or later, with
 *   show_call_answer(); answered() runs on the asker's loop. Between the two nobody else
 *   touches it. When both are one loop, both run at once. */
#ifndef SHOW_CALL_H
#define SHOW_CALL_H

#include "server/loop/loop.h"

struct show_hub;

struct show_call {
    struct loop_message message; /* private */
    struct show_hub *asker, *owner;
    void (*work)(struct show_call *call);
    void (*answered)(struct show_call *call);
};

void show_call_start(struct show_call *call, struct show_hub *asker,
                     struct show_hub *owner);
void show_call_answer(struct show_call *call);

#endif
