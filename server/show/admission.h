/* May this publish go on? All rules in one place: the key, the show's state and policy,
 * what the publisher wants to be. It decides and changes nothing; the publisher acts.
 *
 * It is asked on the loop where the connection arrived, which may answer MOVE; then on the
 * show's loop, which may answer ASK: somebody outside has to be heard, and everything else
 * speaks for the publisher. When that one has agreed it is decided once more with asked
 * set, because the world may have changed meanwhile. The yes may be for another show than
 * the key's: then the key's show says all that is to say about its key, and the other one,
 * on its own loop, the rest.
 *
 * Ownership: the struct is the caller's; show and owner in it are borrowed.
 * Threads:   the loop's of the hub that is given.
 * Limits:    a sentence is ASCII of at most ADMISSION_SENTENCE_MAX bytes: more does not
 *   fit into what encoders show. */
#ifndef SHOW_ADMISSION_H
#define SHOW_ADMISSION_H

#include "core/bytes.h"
#include "server/auth/stream_key.h"
#include "server/hook/answer.h"
#include "server/show/key_rules.h"
#include "server/show/record.h"

struct rtmp_publish;
struct show;
struct show_hub;

enum {
    ADMISSION_SENTENCE_MAX = 200,
    ADMISSION_SESSION_LEN = 16, /* letters: never the same twice */
    ADMISSION_ENCODER_MAX = 65, /* as it calls itself, with the NUL */
    ADMISSION_KEY_ID_MAX = SHOW_KEY_NAME_MAX,
    ADMISSION_ADDRESS_MAX = 64, /* as server/loop prints them, with the NUL */
    /* For whoever is asked: phones give up 3 s after they asked to connect. */
    ADMISSION_WAIT_MS = 2500,
};

enum show_verdict {
    SHOW_VERDICT_ACCEPT, /* admission.show takes it */
    SHOW_VERDICT_REFUSE, /* admission.sentence says why */
    SHOW_VERDICT_MOVE,   /* decide again on the loop of admission.owner */
    SHOW_VERDICT_ASK,    /* wait for show_publishers_answer() */
    SHOW_VERDICT_CLAIM,  /* the same, after show_keys_claim() */
};

/* What a publisher is to its show. */
enum show_role {
    SHOW_ROLE_PRIMARY,
    SHOW_ROLE_BACKUP, /* ?backup=1: stands by */
    SHOW_ROLE_TEST,   /* ?test=1: a rehearsal, never public */
};
const char *show_admission_role_text(enum show_role role);

/* Who publishes: public but for the hash, and goes into logs, hooks and figures. */
struct show_passport {
    char session[ADMISSION_SESSION_LEN + 1];
    char address[ADMISSION_ADDRESS_MAX]; /* of the peer, without port */
    char encoder[ADMISSION_ENCODER_MAX];
    /* Empty when no show has the key: */
    char home[SHOW_ID_MAX + 1]; /* the show that has it */
    char key_id[ADMISSION_KEY_ID_MAX];
    uint8_t key_hash[AUTH_HASH_SIZE];
    enum show_role role;
    bool one_time;           /* its key is */
    struct hook_terms terms; /* what the yes of whoever was asked is bound to */
    /* See server/show/guests.h: its key's show has let it go on to the one in the terms. */
    bool is_guest;
};

struct show_admission {
    const struct rtmp_publish *request;
    bool asked; /* whoever had to be asked has agreed */
    /* session and address are set; the rest is filled in */
    struct show_passport passport;
    /* the answer */
    struct show *show;     /* which takes it: the public one, or its rehearsal */
    struct show *home;     /* the public one */
    struct show *key_show; /* CLAIM: the one of the key */
    struct show_hub *owner;
    bool wrong_key; /* refused because no show has this key */
    bool rivals;    /* refused because two encoders take the show from each other */
    char sentence[ADMISSION_SENTENCE_MAX + 1];
};

enum show_verdict show_admission_decide(struct show_hub *hub,
                                        struct show_admission *admission);
/* A parameter of the publish that says yes: present and not "0", "false", "no" or "off". */
bool show_admission_wants(const char *query, const char *name);

#endif
