/* What an answer of the hooks' receiver means. By mode:
 *
 *   vitrine  2xx: yes, unless the JSON body says {"allow":false}. 4xx: no. Anything else,
 *            and 408, 425 and 429, is not an answer.
 *   srs      200 or 201 with the body 0 or {"code":0}: yes. Anything else: no.
 *   nginx    2xx: yes. 3xx with a name in Location: yes, into that stream. Anything else:
 *            no, a Location with a scheme too: nothing is relayed.
 *
 * In vitrine and srs a JSON body may give a no its reason, {"reason":"…"}, which the
 * encoder shows to whoever sits before it, and a yes its terms: "stream", the public id of
 * the show that takes the publish; "max_kbps", from 1 to HOOK_KBPS_MAX; "expires", an
 * RFC 3339 time or whole seconds since 1970. Absent and null are the same. Other fields
 * are skipped; one of these that cannot be understood makes the whole no answer, because
 * a yes on other terms than those that were meant may be worse than none. So does a body
 * that begins as an object and is no JSON.
 *
 * Pure. */
#ifndef HOOK_ANSWER_H
#define HOOK_ANSWER_H

#include "server/hook/body.h"

enum {
    HOOK_ANSWER_MAX = 64 * 1024, /* bytes of a body that are read; answers are short */
    HOOK_LOCATION_MAX = 128,     /* of that header, with the NUL: a name is shorter */
    HOOK_KBPS_MAX = 1000000, /* more is in bits, not kilobits, and no limit at all */
};

enum hook_verdict {
    HOOK_UNANSWERED, /* nobody answered, or not in time, or said nothing of use */
    HOOK_ALLOWED,
    HOOK_REFUSED,
};

/* What a yes is bound to. */
struct hook_terms {
    char stream[HOOK_SHOW_MAX]; /* as it was written; empty: the key's own show */
    uint32_t max_kbps;          /* 0: as much as the publisher likes */
    int64_t expires_ms;         /* wall clock; 0: never */
};

struct hook_answer {
    enum hook_verdict verdict;
    char reason[HOOK_TEXT_MAX]; /* REFUSED: printable ASCII, may be empty */
    struct hook_terms terms;    /* ALLOWED */
    const char *fault; /* for the log, without anything of the answer; or NULL */
};

struct hook_reply {
    long status;
    struct bytes body;
    const char *location; /* the header, as it stands; empty or NULL: none */
};

/* To on_publish. */
struct hook_answer hook_answer_read(enum hook_mode mode,
                                    const struct hook_reply *reply);
/* To anything else: it need not be told again. Where only publishers are known
 * (srs, nginx), any answer but 5xx is good enough, as it is for those servers. */
bool hook_answer_is_receipt(enum hook_mode mode, long status);

#endif
