/* What a session answered, as text: a line for the handshake and one for each message,
 * with all that stands in it. Anything that is not as a reply must be (a header without
 * its fields, a second chunk) is a failure. */
#ifndef TESTS_RTMP_ANSWERS_H
#define TESTS_RTMP_ANSWERS_H

#include "core/builder.h"

/* c1: what the client sent, to know whether it is echoed. */
void answers_print(struct bytes answers, struct bytes c1, struct builder *out);

#endif
