/* The coach's rules: each looks at what is measured and says how bad it is, with the words
 * for the host. Pure. */
#ifndef SHOW_COACH_RULES_H
#define SHOW_COACH_RULES_H

#include "server/show/coach.h"

struct coach_look {
    const struct coach_facts *facts;
    const struct show_meter_reading *reading;
    int64_t now_ms;
    bool stands; /* the finding is there already: more is asked for to let it go */
};

struct coach_rule {
    /* COACH_FINE, and nothing is written, when the rule is kept. */
    enum coach_level (*look)(const struct coach_look *look, int64_t *ret_value,
                             char text[COACH_TEXT_MAX]);
    int64_t raise_ms; /* broken for so long before it is told */
    int64_t clear_ms; /* kept for so long before it is forgotten */
};

extern const struct coach_rule show_coach_rules[COACH_CODES];

#endif
