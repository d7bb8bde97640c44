/* What must survive: shows, products, cues, and what the hooks have to tell. One interface, several engines (SQLite in one
 * file now). Everything is read once, at the start; from then on memory is the truth for
 * reading and the store is told of each change.
 *
 * A change is acknowledged (done) only when it is committed to the disk. Changes are
 * committed in order and in groups by one writer thread, which has the only writing
 * connection.
 *
 * Ownership: open/close. A change and what it points to belong to the store until done.
 * Threads:   store_submit() from any thread; done() on the loop given. All else by one
 *            thread, before the first change or after the last.
 * Errors:    ERR_IO with the engine's words; ERR_BUSY, another process has the data_dir;
 *            ERR_INVALID, a change that cannot be: a cue of no show, a text missing. */
#ifndef STORE_H
#define STORE_H

#include "core/bytes.h"
#include "core/err.h"
#include "server/loop/loop.h"
#include "server/loop/worker.h"

struct product;
struct store;

/* Stream keys of one show, those that are gone included: their holders are told why they
 * do not get in, until newer ones need the place. */
enum { STORE_KEYS_MAX = 16, STORE_KEY_HASH_SIZE = 32 };

enum store_key_state {
    STORE_KEY_VALID,
    STORE_KEY_REPLACED, /* by a new one; who publishes with it goes on */
    STORE_KEY_REVOKED,  /* taken away; who publishes with it is cut */
};

struct store_key {
    uint32_t number;                   /* 1 and up, never used twice in a show: "k1" */
    char *label;                       /* may be NULL */
    uint8_t hash[STORE_KEY_HASH_SIZE]; /* SHA-256; the key itself is nowhere */
    enum store_key_state state;
    /* Wall clock; 0: not said, or never. */
    int64_t created_ms, last_used_ms, not_before_ms, expires_ms;
    bool one_time;
    bool used;      /* a one-time key has let somebody in */
    int64_t run;    /* store_show.run of the show that it was used in; 0: not known */
    char *run_show; /* that show's id; NULL: the key's own */
    bool cues;      /* who publishes with it may send cues */
};

/* A publisher comes while another one is well. Kept as numbers. */
enum store_policy {
    STORE_POLICY_TAKEOVER = 0, /* the newest is on air, the one before is cut */
    STORE_POLICY_REJECT = 1,   /* the newest is refused */
};

struct store_show {
    char *id;
    char *title;
    char *host;      /* may be NULL */
    char *token;     /* "s" of its cues */
    char *run_sheet; /* SKUs in order, separated by commas; NULL: all products */
    int64_t created_ms;
    size_t n_keys;
    struct store_key keys[STORE_KEYS_MAX]; /* by number */
    /* Kept for the packager, see packager_constants. */
    uint32_t part_target_ms, target_duration_s;
    int64_t wall_anchor_ms; /* 0: has never been live */
    uint64_t next_msn;      /* a restart goes on from here: reserved ahead */
    uint64_t next_discontinuity;
    int64_t ended_ms;      /* 0: has not ended */
    int64_t live_since_ms; /* 0: is not live */
    int64_t run; /* of its one-time keys; goes up with the end of each run, and no
                         other show that ever had this id had the same */
    enum store_policy policy;
    bool rehearsal; /* publishers play on the preview only */
};

struct store_cue {
    char *show;
    uint64_t id; /* unique in the show */
    uint32_t q;  /* 0: has not aired */
    bool cancelled;
    int kind; /* enum overlay_kind */
    char *card;
    uint32_t revision;
    int64_t time;
    int64_t expires_ms;
    char *product; /* JSON as catalogue_product_print(); NULL: none */
};

/* An event that the hooks have to tell. */
struct store_hook {
    char *id;          /* "msg_…" */
    uint64_t position; /* they are loaded in this order */
    bool held;         /* it has not happened yet; a start finds that it has */
    char *event;       /* JSON as hook_event_print() */
};

enum store_op {
    STORE_SHOW_PUT,
    STORE_SHOW_DELETE, /* with its cues; uses show.id */
    STORE_PRODUCT_PUT,
    STORE_PRODUCT_DELETE, /* uses sku */
    STORE_CUE_PUT,        /* by (show, id) */
    STORE_HOOK_PUT,       /* by id */
    STORE_HOOK_DELETE,    /* uses hook.id */
    STORE_SYNC,           /* nothing; done when all before it is committed */
};

/* Texts are the change's own and freed by store_change_destroy(). */
struct store_change {
    struct loop_worker_job job;  /* private */
    struct loop_message message; /* private */
    int error;                   /* private */
    struct err err;              /* private */
    uint64_t n_failures;         /* store_failures() when it was done; for done() */
    enum store_op op;
    union {
        struct store_show show;
        struct store_cue cue;
        struct store_hook hook;
        struct {
            char *sku;
            char *json; /* PRODUCT_PUT */
        } product;
    };
    struct loop *loop; /* where done runs; NULL: nobody waits */
    /* error 0: committed. Must destroy the change (and what it is part of). NULL, as loop
     * is then: the store destroys it; a failure is counted and its words are there for
     * the store's owner to log, see store_next_fault(). One change that fails does not fail others. */
    void (*done)(struct store_change *change, int error, const struct err *err);
    void *ctx;
};

struct store_change *store_change_create(enum store_op op);
void store_change_destroy(struct store_change *change); /* NULL: nothing */

/* Opens or makes data_dir (mode 0700) and data_dir/vitrine.db, brings its schema up to
 * date. Blocking. The directory is locked until close. A file that is damaged, of another
 * program or of a newer version is refused and left as it is. */
int store_open(const char *data_dir, struct store **ret_store, struct err *err);
/* Commits what is queued; NULL: nothing. The loops of those changes must still be there. */
void store_close(struct store *store);

/* Blocking, before the loops run. Each row is valid during the call. A row that does not
 * make sense stops the load with ERR_IO. */
int store_load_shows(struct store *store,
                     void (*row)(void *ctx, const struct store_show *), void *ctx,
                     struct err *err);
int store_load_products(struct store *store,
                        void (*row)(void *ctx, const char *sku, const char *json),
                        void *ctx, struct err *err);
int store_load_cues(struct store *store,
                    void (*row)(void *ctx, const struct store_cue *), void *ctx,
                    struct err *err); /* by show, then id */

int store_load_hooks(struct store *store,
                     void (*row)(void *ctx, const struct store_hook *), void *ctx,
                     struct err *err); /* by position */

void store_submit(struct store *store, struct store_change *change);
/* These from any thread. */
uint64_t
store_failures(const struct store *store);        /* changes that were not committed */
bool store_is_healthy(const struct store *store); /* the last commit succeeded */
/* The newest failure since the last call; false: there was none. */
bool store_next_fault(struct store *store, struct err *ret_fault);

#endif
