/* What known encoders say from C0 to the end of a short show, quirks included. */
#ifndef TESTS_RTMP_DIALOGUES_H
#define TESTS_RTMP_DIALOGUES_H

#include "tests/unit/server/rtmp/script.h"

struct dialogue {
    const char *name;
    void (*write)(struct script *script);
};

extern const struct dialogue dialogues[];
extern const size_t n_dialogues;

const struct dialogue *dialogue_find(const char *name);

#endif
