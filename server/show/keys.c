#include "server/show/keys.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "core/require.h"
#include "server/loop/loop.h"
#include "server/show/admission.h"
#include "server/show/guests.h"
#include "server/show/publisher.h"
#include "server/show/publishers.h"
#include "server/show/registry.h"
#include "server/show/rehearsal.h"

enum {
    /* How exactly it is known when a key was used: encoders that come and go all the time
     * shall not keep the store busy. */
    KEYS_NOTE_MS = 60000,
};

/* "This key was used" on its way to the registry, and back when somebody waits. */
struct use_message {
    struct loop_message message;
    struct show_hub *hub; /* of the show */
    char id[SHOW_ID_MAX + 1];
    /* the show, and not one made later with its id */
    char token[OVERLAY_TOKEN_MAX + 1];
    uint32_t number;
    int64_t wall_ms;
    char session[ADMISSION_SESSION_LEN + 1]; /* who waits; empty: nobody */
    char fed[SHOW_ID_MAX + 1]; /* by one who waits; empty: the show itself */
    bool kept;
};

/* On the show's loop again. */
static void run_kept(struct loop_message *base, struct loop *loop)
{
    (void)loop;
    struct use_message *use = container_of(base, struct use_message, message);
    struct show *show = show_hub_show(use->hub, bytes_text(use->id));
    if (show && bytes_equal_text(bytes_text(use->token), show->record->row.token))
        show_key_use_finish_claim(&show->key_use, use->number, use->kept);
    show_publishers_answer(use->hub, use->session, use->kept,
                           "The server could not note that this one-time key is used; "
                           "try again in a minute.");
    alloc_free(use);
}

static void reply(struct use_message *use, bool kept)
{
    use->kept = kept;
    use->message.run = run_kept;
    loop_post(use->hub->loop, &use->message);
}

static void on_committed(void *ctx, int error, const struct err *err)
{
    (void)err;
    reply(ctx, error == 0);
}

/* The run that goes on now in the show that is fed. */
static void set_run(struct use_message *use, const struct store_show *home,
                    struct store_key *key)
{
    struct show_hub *hub = use->hub->house->hubs[0];
    const struct show_record *fed =
        show_directory_find_show(hub->directory, bytes_text(use->fed));
    key->run_show = use->fed[0] ? use->fed : NULL;
    key->run = !key->run_show ? home->run : fed ? fed->row.run : 0;
}

/* On the registry's loop. */
static void run_use(struct loop_message *base, struct loop *loop)
{
    (void)loop;
    struct use_message *use = container_of(base, struct use_message, message);
    bool waits = use->session[0] != '\0';
    struct show_house *house = use->hub->house;
    struct show_record *record =
        show_directory_find_show(house->hubs[0]->directory, bytes_text(use->id));
    bool same = record && bytes_equal_text(bytes_text(record->row.token), use->token);
    struct store_show row = same ? record->row : (struct store_show){0};
    struct store_key *key = NULL;
    for (size_t i = 0; i < row.n_keys; i++)
        if (row.keys[i].number == use->number)
            key = &row.keys[i];
    if (key && (!waits || key->state == STORE_KEY_VALID)) {
        key->last_used_ms = use->wall_ms;
        key->used = key->one_time;
        if (waits)
            set_run(use, &row, key);
        struct show_record *next = show_record_create(&row);
        show_registry_put_show(house->registry, next, waits ? on_committed : NULL,
                               waits ? use : NULL);
        show_record_unref(next);
        if (!waits)
            alloc_free(use);
    } else if (waits) {
        reply(use, false);
    } else {
        alloc_free(use);
    }
}

/* The answer, if one is waited for, comes to the hub. */
static void tell_registry(struct show_hub *hub, const struct show_record *record,
                          uint32_t number, const char *session, const char *fed)
{
    struct use_message *use = alloc_zero(sizeof *use);
    use->message.run = run_use;
    use->hub = hub;
    use->number = number;
    use->wall_ms = loop_wall_ms(hub->loop);
    (void)snprintf(use->id, sizeof use->id, "%s", record->row.id);
    (void)snprintf(use->token, sizeof use->token, "%s", record->row.token);
    (void)snprintf(use->session, sizeof use->session, "%s", session);
    (void)snprintf(use->fed, sizeof use->fed, "%s", fed);
    loop_post(hub->house->hubs[0]->loop, &use->message);
}

static const struct store_key *key_of(const struct show_record *record,
                                      const struct show_passport *passport)
{
    return record ? show_key_rules_find(&record->row, passport->key_hash) : NULL;
}

/* Which has the key; NULL: it was deleted meanwhile. */
static const struct show_record *home_of(const struct show *show,
                                         const struct show_passport *passport)
{
    return passport->is_guest ? show_directory_find_show(show->hub->directory,
                                                         bytes_text(passport->home))
                              : show->record;
}

const struct store_key *show_keys_find(const struct show *show,
                                       const struct show_passport *passport)
{
    return key_of(home_of(show, passport), passport);
}

/* The one that the key was used in, as far as this loop knows. */
static bool run_goes_on(const struct show *show, const struct store_key *key)
{
    const struct show_record *fed =
        key->run_show
            ? show_directory_find_show(show->hub->directory, bytes_text(key->run_show))
            : show->record;
    return key->run != 0 && fed && fed->row.run == key->run;
}

enum show_key_use_verdict show_keys_check(struct show *show,
                                          const struct store_key *key,
                                          const struct show_passport *passport,
                                          const char *fed, struct err *err)
{
    int64_t now_ms = loop_now_ms(show->hub->loop);
    bool busy =
        key->one_time && (show_publishers_key_is_busy(show->hub, passport->key_hash,
                                                      passport->session) ||
                          show_guests_are_busy(show->hub, passport->key_hash, now_ms));
    /* Of its own show's end the use has heard at once. */
    if (key->run_show && !run_goes_on(show, key))
        show_key_use_end_key(&show->key_use, key->number);
    enum show_key_use_verdict verdict =
        show_key_use_check(&show->key_use, key, busy, now_ms, err);
    /* In another show it is of that one's run from now on. */
    if (verdict == KEY_PASSES && key->one_time && fed &&
        strcmp(fed, key->run_show ? key->run_show : show->record->row.id) != 0)
        return KEY_NEEDS_CLAIM;
    return verdict;
}

void show_keys_claim(struct show *show, const struct show_passport *passport)
{
    const struct store_key *key = key_of(show->record, passport);
    require(key); /* it has just been checked, on this loop */
    show_key_use_begin_claim(&show->key_use, key->number);
    const char *stream = passport->terms.stream;
    bool is_own = strcmp(stream, show->record->row.id) == 0;
    tell_registry(show->hub, show->record, key->number, passport->session,
                  is_own ? "" : stream);
}

void show_keys_note_use(struct show *show, const struct show_passport *passport)
{
    const struct show_record *home = home_of(show, passport);
    const struct store_key *key = key_of(home, passport);
    if (key && loop_wall_ms(show->hub->loop) - key->last_used_ms >= KEYS_NOTE_MS)
        tell_registry(show->hub, home, key->number, "", "");
}

void show_keys_end_run(struct show *show)
{
    show_key_use_end_run(&show->key_use, &show->record->row);
    if (!show->rehearses)
        show_registry_end_run(show->hub->house, show->record);
}

void show_keys_resume(struct show *show)
{
    const struct store_show *row = &show->record->row;
    for (size_t i = 0; i < row->n_keys; i++) {
        const struct store_key *key = &row->keys[i];
        if (key->one_time && key->used && key->state == STORE_KEY_VALID &&
            run_goes_on(show, key))
            show_key_use_resume(&show->key_use, key->number);
    }
}

void show_keys_follow(struct show *show)
{
    const struct store_show *row = &show->record->row;
    for (size_t i = 0; i < row->n_keys; i++)
        if (row->keys[i].state == STORE_KEY_REVOKED)
            show_publishers_cut_key(show->hub, row->keys[i].hash, NULL,
                                    "This key was revoked.");
    show_key_use_follow(&show->key_use, row);
}

/* Who is sent away: the encoder on air, the one that stands by, or the one that rehearses. */
static struct show_publisher *find_encoder(const struct show *show)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    if (show->publisher)
        return show->publisher;
    if (show->standby.publisher)
        return show->standby.publisher;
    show_rehearsal_print_id(show->hub->house, show->record->row.id, id);
    const struct show *rehearsal = map_find(show->hub->shows, bytes_text(id));
    return rehearsal ? rehearsal->publisher : NULL;
}

int show_keys_kick(struct show *show, const char *reason, struct err *err)
{
    char words[SHOW_KEY_REASON_MAX + 40];
    struct show_publisher *publisher = find_encoder(show);
    if (!publisher)
        return err_set(err, ERR_CONFLICT, "Nobody is publishing this show.");
    struct show_passport passport = *show_publisher_passport(publisher);
    const struct store_key *key = key_of(show->record, &passport);
    if (passport.is_guest)
        show_guests_cool(show->hub, &passport, reason);
    else if (key)
        show_key_use_cool(&show->key_use, key->number, reason,
                          loop_now_ms(show->hub->loop));
    show_key_use_print_reason(reason, words, sizeof words);
    show_guests_cut_key(show->hub, passport.key_hash, NULL, words);
    return 0;
}
