/* What an answer of the hooks' receiver means. By mode:
 *
 *   vitrine  2xx: yes, unless the JSON body says {"allow":false}. 4xx: no. Anything else,
 *            and 408, 425 and 429, is not an answer.
 *   srs      200 or 201 with the body 0 or {"code":0}: yes. Anything else: no.
 *   nginx    2xx: yes. Anything else: no; a name to go on with in a 3xx is not followed.
 *
 * A JSON body may give a reason ({"reason":"…"}) in vitrine and srs, which the encoder
 * shows to whoever sits before it.
 *
 * Pure. */
#ifndef HOOK_ANSWER_H
#define HOOK_ANSWER_H

#include "server/hook/body.h"

enum {
    HOOK_ANSWER_MAX = 64 * 1024
}; /* bytes of a body that are read; answers are short */

enum hook_verdict {
    HOOK_UNANSWERED, /* nobody answered, or not in time, or said nothing of use */
    HOOK_ALLOWED,
    HOOK_REFUSED,
};

struct hook_answer {
    enum hook_verdict verdict;
    char reason[HOOK_TEXT_MAX]; /* REFUSED: printable ASCII, may be empty */
};

/* To on_publish. */
struct hook_answer hook_answer_read(enum hook_mode mode, long status,
                                    struct bytes body);
/* To anything else: it need not be told again. Where only publishers are known
 * (srs, nginx), any answer but 5xx is good enough, as it is for those servers. */
bool hook_answer_is_receipt(enum hook_mode mode, long status);

#endif
