#include <limits.h>
#include <string.h>

#include <sqlite3.h>

#include "core/alloc.h"
#include "core/err.h"
#include "server/store/inside.h"
#include "server/store/row.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

/* One row being read, column by column in order. A value that does not fit sets a mark,
 * so that a chain of reads is checked once. */
struct row {
    sqlite3_stmt *query;
    int n;
    bool failed;
};

static char *read_text(struct row *row, bool may_be_null)
{
    int column = row->n++;
    const void *data = sqlite3_column_text(row->query, column); /* before its length */
    struct bytes text =
        bytes_make(data, (size_t)sqlite3_column_bytes(row->query, column));
    if (!text.data)
        row->failed |= !may_be_null;
    else if (!bytes_is_utf8(text))
        row->failed = true;
    else
        return bytes_to_text(text);
    return NULL;
}

static int64_t read_number(struct row *row, int64_t min, int64_t max)
{
    int64_t number = sqlite3_column_int64(row->query, row->n++);
    row->failed |= number < min || number > max;
    return number;
}

static void read_hash(struct row *row, uint8_t ret[STORE_KEY_HASH_SIZE])
{
    int column = row->n++;
    const void *hash = sqlite3_column_blob(row->query, column);
    if (hash && sqlite3_column_bytes(row->query, column) == STORE_KEY_HASH_SIZE)
        memcpy(ret, hash, STORE_KEY_HASH_SIZE);
    else
        row->failed = true;
}

static void read_key(struct row *row, struct store_key *key)
{
    read_hash(row, key->hash);
    key->number = (uint32_t)read_number(row, 1, UINT32_MAX);
    key->label = read_text(row, true);
    key->state = (enum store_key_state)read_number(row, 0, STORE_KEY_REVOKED);
    key->created_ms = read_number(row, 0, INT64_MAX);
    key->last_used_ms = read_number(row, 0, INT64_MAX);
    key->not_before_ms = read_number(row, 0, INT64_MAX);
    key->expires_ms = read_number(row, 0, INT64_MAX);
    key->one_time = read_number(row, 0, 1);
    key->used = read_number(row, 0, 1);
    key->cues = read_number(row, 0, 1);
    key->run = read_number(row, 0, INT64_MAX);
    key->run_show = read_text(row, true);
}

/* What is done with each row of a query, and for whom. */
struct loading {
    struct store *store;
    void (*read)(struct loading *loading, struct row *row);
    void *ctx;
    union {
        void (*show)(void *ctx, const struct store_show *show);
        void (*product)(void *ctx, const char *sku, const char *json);
        void (*cue)(void *ctx, const struct store_cue *cue);
        void (*hook)(void *ctx, const struct store_hook *hook);
    };
    struct store_show *keys_of; /* whose keys are being read */
    struct err *err;
    const char *what; /* for the words of a fault */
};

/* key NULL: the query has no parameter. */
static int run(struct loading *loading, const char *sql, const char *key)
{
    sqlite3 *db = loading->store->db;
    struct row row = {0};
    int step = SQLITE_ERROR, error = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &row.query, NULL) == SQLITE_OK &&
        (!key ||
         sqlite3_bind_text(row.query, 1, key, -1, SQLITE_STATIC) == SQLITE_OK)) {
        while (!row.failed && (step = sqlite3_step(row.query)) == SQLITE_ROW) {
            row.n = 0;
            loading->read(loading, &row);
        }
    }
    if (row.failed)
        error = err_set(loading->err, ERR_IO, "%s: a %s in it does not make sense",
                        sqlite3_db_filename(db, "main"), loading->what);
    else if (step != SQLITE_DONE)
        error = store_sqlite_fault(db, loading->err);
    (void)sqlite3_finalize(row.query);
    return error;
}

static void read_show_key(struct loading *loading, struct row *row)
{
    struct store_show *show = loading->keys_of;
    if (show->n_keys == STORE_KEYS_MAX)
        row->failed = true;
    else
        read_key(row, &show->keys[show->n_keys++]);
}

static bool load_keys(struct loading *loading, struct store_show *show)
{
    struct loading keys = {.store = loading->store,
                           .read = read_show_key,
                           .keys_of = show,
                           .what = "stream key"};
    return run(&keys,
               "SELECT hash, number, label, state, created_ms, last_used_ms,"
               " not_before_ms, expires_ms, one_time, used, cues, run, run_show"
               " FROM stream_keys WHERE show = ?1 ORDER BY position",
               show->id) == 0;
}

static void read_show(struct loading *loading, struct row *row)
{
    struct store_show show = {0};
    show.id = read_text(row, false);
    show.title = read_text(row, false);
    show.host = read_text(row, true);
    show.token = read_text(row, false);
    show.run_sheet = read_text(row, true);
    show.created_ms = read_number(row, 0, INT64_MAX);
    show.part_target_ms = (uint32_t)read_number(row, 0, UINT32_MAX);
    show.target_duration_s = (uint32_t)read_number(row, 0, UINT32_MAX);
    show.wall_anchor_ms = read_number(row, INT64_MIN, INT64_MAX);
    show.next_msn = (uint64_t)read_number(row, 0, INT64_MAX);
    show.next_discontinuity = (uint64_t)read_number(row, 0, INT64_MAX);
    show.ended_ms = read_number(row, 0, INT64_MAX);
    show.policy = read_number(row, 0, 1) ? STORE_POLICY_REJECT : STORE_POLICY_TAKEOVER;
    show.rehearsal = read_number(row, 0, 1);
    show.run = read_number(row, 0, INT64_MAX);
    show.live_since_ms = read_number(row, 0, INT64_MAX);
    row->failed = row->failed || !load_keys(loading, &show);
    if (!row->failed)
        loading->show(loading->ctx, &show);
    store_row_finish_show(&show);
}

static void read_product(struct loading *loading, struct row *row)
{
    char *sku = read_text(row, false);
    char *json = read_text(row, false);
    if (!row->failed)
        loading->product(loading->ctx, sku, json);
    alloc_free(sku);
    alloc_free(json);
}

static void read_cue(struct loading *loading, struct row *row)
{
    struct store_cue cue = {0};
    cue.show = read_text(row, false);
    cue.id = (uint64_t)read_number(row, 0, INT64_MAX);
    cue.q = (uint32_t)read_number(row, 0, UINT32_MAX);
    cue.cancelled = read_number(row, 0, 1);
    cue.kind = (int)read_number(row, 0, INT_MAX);
    cue.card = read_text(row, false);
    cue.revision = (uint32_t)read_number(row, 0, UINT32_MAX);
    cue.time = read_number(row, INT64_MIN, INT64_MAX);
    cue.expires_ms = read_number(row, 0, INT64_MAX);
    cue.product = read_text(row, true);
    if (!row->failed)
        loading->cue(loading->ctx, &cue);
    store_row_finish_cue(&cue);
}

static void read_hook(struct loading *loading, struct row *row)
{
    struct store_hook hook = {0};
    hook.id = read_text(row, false);
    hook.position = (uint64_t)read_number(row, 0, INT64_MAX);
    hook.held = read_number(row, 0, 1);
    hook.event = read_text(row, false);
    if (!row->failed)
        loading->hook(loading->ctx, &hook);
    store_row_finish_hook(&hook);
}

int store_load_shows(struct store *store,
                     void (*row)(void *ctx, const struct store_show *), void *ctx,
                     struct err *err)
{
    struct loading loading = {.store = store,
                              .read = read_show,
                              .show = row,
                              .ctx = ctx,
                              .err = err,
                              .what = "show"};
    return run(&loading,
               "SELECT id, title, host, token, run_sheet, created_ms, part_target_ms,"
               " target_duration_s, wall_anchor_ms, next_msn, next_discontinuity,"
               " ended_ms, policy, rehearsal, run, live_since_ms"
               " FROM shows ORDER BY created_ms, id",
               NULL);
}

int store_load_products(struct store *store,
                        void (*row)(void *ctx, const char *sku, const char *json),
                        void *ctx, struct err *err)
{
    struct loading loading = {.store = store,
                              .read = read_product,
                              .product = row,
                              .ctx = ctx,
                              .err = err,
                              .what = "product"};
    return run(&loading, "SELECT sku, json FROM products ORDER BY sku", NULL);
}

int store_load_cues(struct store *store,
                    void (*row)(void *ctx, const struct store_cue *), void *ctx,
                    struct err *err)
{
    struct loading loading = {.store = store,
                              .read = read_cue,
                              .cue = row,
                              .ctx = ctx,
                              .err = err,
                              .what = "cue"};
    return run(&loading,
               "SELECT show, id, q, cancelled, kind, card, revision, time, expires_ms,"
               " product FROM cues ORDER BY show, id",
               NULL);
}

int store_load_hooks(struct store *store,
                     void (*row)(void *ctx, const struct store_hook *), void *ctx,
                     struct err *err)
{
    struct loading loading = {.store = store,
                              .read = read_hook,
                              .hook = row,
                              .ctx = ctx,
                              .err = err,
                              .what = "hook's event"};
    return run(
        &loading,
        "SELECT id, position, held, event FROM hook_events ORDER BY position, id",
        NULL);
}
