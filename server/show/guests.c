#include "server/show/guests.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/list.h"
#include "core/refs.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/publishers.h"
#include "server/show/show.h"

struct show_guest {
    struct list link; /* show_hub.guests of its home */
    struct refs refs;
    atomic_llong heard_ms; /* when its newest media came, monotonic */
    uint8_t key_hash[AUTH_HASH_SIZE];
};

/* ---- who is away ---- */

struct show_guest *show_guests_add(struct show_hub *home, const uint8_t *key_hash)
{
    struct show_guest *guest = alloc_zero(sizeof *guest);
    refs_init(&guest->refs); /* the hub's */
    refs_add(&guest->refs);  /* the publisher's */
    atomic_init(&guest->heard_ms, loop_now_ms(home->loop));
    memcpy(guest->key_hash, key_hash, sizeof guest->key_hash);
    list_push(&home->guests, &guest->link);
    return guest;
}

void show_guests_hear(struct show_guest *guest, int64_t now_ms)
{
    if (guest)
        atomic_store_explicit(&guest->heard_ms, now_ms, memory_order_relaxed);
}

void show_guests_unref(struct show_guest *guest)
{
    if (guest && refs_drop(&guest->refs))
        alloc_free(guest);
}

static void forget(struct show_guest *guest)
{
    list_remove(&guest->link);
    show_guests_unref(guest);
}

/* Those that have gone are forgotten on the way. */
bool show_guests_are_busy(struct show_hub *home, const uint8_t *key_hash,
                          int64_t now_ms)
{
    bool busy = false;
    list_for_each_safe (node, &home->guests) {
        struct show_guest *guest = container_of(node, struct show_guest, link);
        int64_t heard_ms = atomic_load_explicit(&guest->heard_ms, memory_order_relaxed);
        if (refs_is_last(&guest->refs))
            forget(guest);
        else if (memcmp(guest->key_hash, key_hash, sizeof guest->key_hash) == 0 &&
                 now_ms - heard_ms < PUBLISHER_QUIET_MS)
            busy = true;
    }
    return busy;
}

void show_guests_forget_all(struct show_hub *home)
{
    list_for_each_safe (node, &home->guests)
        forget(container_of(node, struct show_guest, link));
}

/* ---- what happens to a key reaches its guests ---- */

static bool is_revoked(const struct show_record *record, uint32_t number)
{
    const struct store_key *key = show_key_rules_by_number(&record->row, number);
    return key && key->state == STORE_KEY_REVOKED;
}

void show_guests_follow(struct show_hub *hub, const struct show_record *before,
                        const struct show_record *now)
{
    for (size_t i = 0; i < before->row.n_keys; i++) {
        const struct store_key *key = &before->row.keys[i];
        if (key->state == STORE_KEY_REVOKED)
            continue;
        if (!now)
            show_publishers_cut_key(hub, key->hash, NULL,
                                    "The show of this key was deleted.");
        else if (is_revoked(now, key->number))
            show_publishers_cut_key(hub, key->hash, NULL, "This key was revoked.");
    }
}

struct cutting {
    struct loop_message message;
    struct show_hub *hub;
    uint8_t key_hash[AUTH_HASH_SIZE];
    char but_session[ADMISSION_SESSION_LEN + 1]; /* empty: nobody's */
    char sentence[ADMISSION_SENTENCE_MAX + 1];
};

static void run_cutting(struct loop_message *base, struct loop *loop)
{
    (void)loop;
    struct cutting *cutting = container_of(base, struct cutting, message);
    show_publishers_cut_key(cutting->hub, cutting->key_hash, cutting->but_session,
                            cutting->sentence);
    alloc_free(cutting);
}

void show_guests_cut_key(struct show_hub *hub, const uint8_t *key_hash,
                         const char *but_session, const char *sentence)
{
    const struct show_house *house = hub->house;
    show_publishers_cut_key(hub, key_hash, but_session, sentence);
    for (unsigned i = 0; i < house->n_hubs; i++) {
        if (house->hubs[i] == hub)
            continue;
        struct cutting *cutting = alloc_zero(sizeof *cutting);
        cutting->message.run = run_cutting;
        cutting->hub = house->hubs[i];
        memcpy(cutting->key_hash, key_hash, sizeof cutting->key_hash);
        (void)snprintf(cutting->but_session, sizeof cutting->but_session, "%s",
                       but_session ? but_session : "");
        (void)snprintf(cutting->sentence, sizeof cutting->sentence, "%s", sentence);
        loop_post(cutting->hub->loop, &cutting->message);
    }
}

/* ---- what a guest does is told to its key's show ---- */

/* Word of a key for the show that has it: it is to cool. */
struct word {
    struct loop_message message;
    struct show_hub *home;
    char show[SHOW_ID_MAX + 1];
    uint32_t number;
    char reason[SHOW_KEY_REASON_MAX + 1];
};

static void run_word(struct loop_message *base, struct loop *loop)
{
    struct word *word = container_of(base, struct word, message);
    struct show *show = show_hub_show(word->home, bytes_text(word->show));
    const struct store_key *key =
        show ? show_key_rules_by_number(&show->record->row, word->number) : NULL;
    if (key && key->state == STORE_KEY_VALID)
        show_key_use_cool(&show->key_use, word->number, word->reason,
                          loop_now_ms(loop));
    alloc_free(word);
}

void show_guests_cool(struct show_hub *hub, const struct show_passport *guest,
                      const char *reason)
{
    struct word *word = alloc_zero(sizeof *word);
    word->message.run = run_word;
    word->home = show_hub_owner(hub->house, bytes_text(guest->home));
    word->number = show_key_rules_parse_name(bytes_text(guest->key_id));
    (void)snprintf(word->show, sizeof word->show, "%s", guest->home);
    (void)snprintf(word->reason, sizeof word->reason, "%s", reason ? reason : "");
    loop_post(word->home->loop, &word->message);
}
