#include "server/show/admission.h"

#include <stdio.h>
#include <string.h>

#include "server/loop/loop.h"
#include "server/rtmp/session.h"
#include "server/show/addresses.h"
#include "server/show/drain.h"
#include "server/show/hub.h"
#include "server/show/keys.h"
#include "server/show/publisher.h"
#include "server/show/rehearsal.h"
#include "server/show/show.h"
#include "server/show/terms.h"

static const char KEY_UNKNOWN[] =
    "Stream key not recognised. Check that all of it was copied, or make a new one.";

static const char NO_SUCH_SHOW[] =
    "The shop sent this stream to a show that does not exist.";

const char *show_admission_role_text(enum show_role role)
{
    switch (role) {
    case SHOW_ROLE_PRIMARY:
        return "primary";
    case SHOW_ROLE_BACKUP:
        return "backup";
    case SHOW_ROLE_TEST:
        return "test";
    }
    return "primary";
}

bool show_admission_wants(const char *query, const char *name)
{
    static const char *const noes[] = {"0", "false", "no", "off"};
    struct bytes rest = bytes_text(query);
    struct bytes pair;
    bool wants = false;
    while (rest.len > 0 && bytes_cut(&rest, '&', &pair)) {
        size_t at = bytes_index(pair, 0, '=');
        if (!bytes_equal_text(bytes_first(pair, at), name))
            continue;
        struct bytes value = bytes_from(pair, at + 1);
        wants = true;
        for (size_t i = 0; i < sizeof noes / sizeof noes[0]; i++)
            if (bytes_equal_nocase(value, bytes_text(noes[i])))
                wants = false;
    }
    return wants;
}

static enum show_verdict refuse(struct show_admission *admission, const char *sentence)
{
    (void)snprintf(admission->sentence, sizeof admission->sentence, "%.*s",
                   ADMISSION_SENTENCE_MAX, sentence);
    return SHOW_VERDICT_REFUSE;
}

static enum show_role wanted_role(const struct rtmp_publish *request)
{
    if (show_admission_wants(request->query, "backup"))
        return SHOW_ROLE_BACKUP;
    return SHOW_ROLE_PRIMARY;
}

/* Another encoder is well and does the same. True: refused. */
static bool keeps_out(const struct show *show, struct show_admission *admission)
{
    const struct show_publisher *there = show_incumbent(show, admission->passport.role);
    int64_t now_ms = loop_now_ms(show->hub->loop);
    if (!there || show_publisher_is_quiet(there))
        return false;
    if (show->record->row.policy == STORE_POLICY_REJECT) {
        (void)refuse(admission, "Another encoder is already live on this show "
                                "(policy: reject).");
        return true;
    }
    if (show_rivals_lets_in(&show->rivals, show_publisher_passport(there),
                            &admission->passport, now_ms))
        return false;
    admission->rivals = true;
    (void)refuse(admission, "Two encoders keep taking this show from each other. Stop "
                            "one of them, or wait 30 s.");
    return true;
}

/* An encoder whose rehearsal went live keeps ?test=1 in its settings: when it comes back
 * to the show that is on air, it means the show. */
static bool rehearses(const struct show *show, const struct show_admission *admission)
{
    const struct show_passport *passport = &admission->passport;
    if (show->live_since_ms && memcmp(show->rehearsed_key, passport->key_hash,
                                      sizeof show->rehearsed_key) == 0)
        return false;
    return show->record->row.rehearsal ||
           show_admission_wants(admission->request->query, "test");
}

/* The rehearsal instead of the show, if the publisher is for it. */
static struct show *choose_show(struct show_hub *hub, struct show *show,
                                struct show_admission *admission)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    if (!rehearses(show, admission))
        return show;
    if (admission->passport.role == SHOW_ROLE_PRIMARY)
        admission->passport.role = SHOW_ROLE_TEST;
    show_rehearsal_print_id(hub->house, show->record->row.id, id);
    return show_hub_show(hub, bytes_text(id));
}

/* NULL: whoever is asked has not said it yet. */
static const char *fed_show(const struct show *show,
                            const struct show_admission *admission)
{
    const char *stream = admission->passport.terms.stream;
    if (show->hub->house->gate.ask && !admission->asked)
        return NULL;
    return stream[0] ? stream : show->record->row.id;
}

/* May the key be used? On the loop of its show. */
static enum show_verdict check_key(struct show *show, const struct store_key *key,
                                   struct show_admission *admission)
{
    struct err err;
    admission->key_show = show;
    switch (show_keys_check(show, key, &admission->passport, fed_show(show, admission),
                            &err)) {
    case KEY_IS_REFUSED:
        return refuse(admission, err.text);
    case KEY_NEEDS_CLAIM:
        return SHOW_VERDICT_CLAIM;
    case KEY_PASSES:
        return SHOW_VERDICT_ACCEPT;
    }
    return SHOW_VERDICT_ACCEPT;
}

/* On the loop of the show that is to take it. key NULL: its own show has checked it. */
static enum show_verdict decide_there(struct show_hub *hub, struct bytes id,
                                      const struct store_key *key,
                                      struct show_admission *admission)
{
    enum show_verdict verdict = SHOW_VERDICT_ACCEPT;
    struct show *show = show_hub_show(hub, id);
    if (!show)
        return refuse(admission, key ? KEY_UNKNOWN : NO_SUCH_SHOW);
    admission->home = show;
    admission->show = choose_show(hub, show, admission);
    if (admission->show == show && show_is_closed(show))
        return refuse(
            admission,
            "The host has ended this show. To go on air again, wait a minute.");
    if (key)
        verdict = check_key(show, key, admission);
    if (verdict == SHOW_VERDICT_REFUSE)
        return verdict;
    if (keeps_out(admission->show, admission))
        return SHOW_VERDICT_REFUSE;
    /* Late, so that nobody outside hears of a publish that is refused anyway. */
    if (hub->house->gate.ask && !admission->asked)
        return SHOW_VERDICT_ASK;
    return verdict;
}

/* Whoever was asked sends it to another show than the key's. */
static bool goes_elsewhere(const struct show_admission *admission, struct bytes id)
{
    const char *stream = admission->passport.terms.stream;
    return stream[0] && !bytes_equal_text(id, stream);
}

/* First the key's own show lets it go, then the other one decides, each on its loop. */
static enum show_verdict decide_for_guest(struct show_hub *hub, struct bytes id,
                                          const struct store_key *key,
                                          struct show_admission *admission)
{
    struct show_passport *passport = &admission->passport;
    struct bytes stream = bytes_text(passport->terms.stream);
    if (!show_directory_find_show(hub->directory, stream))
        return refuse(admission, NO_SUCH_SHOW);
    if (!passport->is_guest) {
        struct show *show = show_hub_show(hub, id);
        enum show_verdict verdict =
            show ? check_key(show, key, admission) : refuse(admission, KEY_UNKNOWN);
        if (verdict != SHOW_VERDICT_ACCEPT)
            return verdict;
        passport->is_guest = true;
    }
    admission->owner = show_hub_owner(hub->house, stream);
    if (admission->owner != hub)
        return SHOW_VERDICT_MOVE;
    return decide_there(hub, stream, NULL, admission);
}

/* A show on air is not locked out by whoever tries keys behind the same address: with its
 * key, its encoder comes back. show: of the right key; no bytes: the key is wrong. */
static bool is_blocked(const struct show_hub *hub, struct bytes show,
                       const struct show_admission *admission)
{
    const struct show_shelf *shelf = show.len > 0 ? show_hub_shelf(hub, show) : NULL;
    bool on_air = shelf && shelf->view && shelf->view->state == SHOW_LIVE;
    return !on_air &&
           show_addresses_is_blocked(hub->house->addresses, admission->passport.address,
                                     loop_now_ms(hub->loop));
}

enum show_verdict show_admission_decide(struct show_hub *hub,
                                        struct show_admission *admission)
{
    struct bytes key = bytes_text(admission->request->key);
    struct bytes id = auth_stream_key_show(key);
    struct show_record *record = show_directory_find_show(hub->directory, id);
    struct err err;
    auth_stream_key_hash(key, admission->passport.key_hash);
    if (!show_drain_lets_in(hub))
        return refuse(admission, "The server is shutting down; try again in a minute.");
    const struct store_key *found =
        record ? show_key_rules_find(&record->row, admission->passport.key_hash) : NULL;
    if (is_blocked(hub, found ? id : bytes_make(NULL, 0), admission))
        return refuse(admission, "Too many wrong stream keys came from your address; "
                                 "wait a minute and check the key.");
    if (!found) {
        admission->wrong_key = true;
        return refuse(admission, KEY_UNKNOWN);
    }
    int64_t wall_ms = loop_wall_ms(hub->loop);
    if (show_key_rules_check(found, wall_ms, &err) != 0 ||
        show_terms_check_time(&admission->passport.terms, wall_ms, &err) != 0)
        return refuse(admission, err.text);
    (void)snprintf(admission->passport.home, sizeof admission->passport.home, "%s",
                   record->row.id);
    show_key_rules_print_name(found->number, admission->passport.key_id);
    admission->passport.one_time = found->one_time;
    admission->passport.role = wanted_role(admission->request);
    (void)snprintf(admission->passport.encoder, sizeof admission->passport.encoder,
                   "%s",
                   admission->request->encoder ? admission->request->encoder : "");
    admission->owner = show_hub_owner(hub->house, id);
    if (admission->owner != hub && !admission->passport.is_guest)
        return SHOW_VERDICT_MOVE;
    if (goes_elsewhere(admission, id))
        return decide_for_guest(hub, id, found, admission);
    return decide_there(hub, id, found, admission);
}
