#include "server/store/writer.h"

#include <sqlite3.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/require.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

enum statement {
    BEGIN,
    COMMIT,
    SHOW_PUT,
    SHOW_DELETE,
    KEYS_DELETE,
    KEY_PUT,
    PRODUCT_PUT,
    PRODUCT_DELETE,
    CUE_PUT,
    HOOK_PUT,
    HOOK_DELETE,
    STATEMENTS_N
};

/* ON CONFLICT and not OR REPLACE, which would delete the row first, and what hangs on
 * it. */
static const char *const texts[STATEMENTS_N] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [SHOW_PUT] =
        "INSERT INTO shows (id, title, host, token, run_sheet, created_ms,"
        " part_target_ms, target_duration_s, wall_anchor_ms, next_msn,"
        " next_discontinuity, ended_ms, policy, rehearsal, run, live_since_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
        " ?16)"
        " ON CONFLICT (id) DO UPDATE SET (title, host, token, run_sheet, created_ms,"
        " part_target_ms, target_duration_s, wall_anchor_ms, next_msn,"
        " next_discontinuity, ended_ms, policy, rehearsal, run, live_since_ms)"
        " = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [SHOW_DELETE] = "DELETE FROM shows WHERE id = ?1",
    [KEYS_DELETE] = "DELETE FROM stream_keys WHERE show = ?1",
    [KEY_PUT] =
        "INSERT INTO stream_keys (show, position, hash, number, label, state,"
        " created_ms, last_used_ms, not_before_ms, expires_ms, one_time, used, cues,"
        " run, run_show)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [PRODUCT_PUT] = "INSERT INTO products (sku, json) VALUES (?1, ?2)"
                    " ON CONFLICT (sku) DO UPDATE SET json = ?2",
    [PRODUCT_DELETE] = "DELETE FROM products WHERE sku = ?1",
    [CUE_PUT] = "INSERT INTO cues (show, id, q, cancelled, kind, card, revision, time,"
                " expires_ms, product)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                " ON CONFLICT (show, id) DO UPDATE SET (q, cancelled, kind, card,"
                " revision, time, expires_ms, product)"
                " = (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [HOOK_PUT] = "INSERT INTO hook_events (id, position, held, event)"
                 " VALUES (?1, ?2, ?3, ?4)"
                 " ON CONFLICT (id) DO UPDATE SET (position, held, event)"
                 " = (?2, ?3, ?4)",
    [HOOK_DELETE] = "DELETE FROM hook_events WHERE id = ?1",
};

struct store_writer {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS_N];
};

int store_writer_create(struct sqlite3 *db, struct store_writer **ret_writer,
                        struct err *err)
{
    struct store_writer *writer = alloc_zero(sizeof *writer);
    writer->db = db;
    for (size_t i = 0; i < STATEMENTS_N; i++) {
        if (sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &writer->statements[i], NULL) != SQLITE_OK) {
            int error = store_sqlite_fault(db, err);
            store_writer_destroy(writer);
            return error;
        }
    }
    *ret_writer = writer;
    return 0;
}

void store_writer_destroy(struct store_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < STATEMENTS_N; i++)
        (void)sqlite3_finalize(writer->statements[i]);
    alloc_free(writer);
}

/* Parameters of one statement, in order. */
struct binding {
    sqlite3_stmt *statement;
    int n;
};

static void bind_text(struct binding *b, const char *text) /* NULL: NULL */
{
    (void)sqlite3_bind_text(b->statement, ++b->n, text, -1, SQLITE_STATIC);
}

static void bind_number(struct binding *b, int64_t number)
{
    (void)sqlite3_bind_int64(b->statement, ++b->n, number);
}

/* Counters that a file keeps as signed numbers; none gets that far. */
static void bind_counter(struct binding *b, uint64_t number)
{
    require(number <= INT64_MAX);
    bind_number(b, (int64_t)number);
}

static struct binding start(struct store_writer *writer, enum statement which)
{
    return (struct binding){.statement = writer->statements[which]};
}

static int run(struct store_writer *writer, struct binding *b, struct err *err)
{
    int error = 0;
    if (sqlite3_step(b->statement) != SQLITE_DONE)
        error = store_sqlite_fault(writer->db, err);
    (void)sqlite3_reset(b->statement);
    (void)sqlite3_clear_bindings(b->statement); /* the texts are not ours */
    return error;
}

static int run_named(struct store_writer *writer, enum statement which,
                     const char *name, struct err *err)
{
    struct binding b = start(writer, which);
    bind_text(&b, name);
    return run(writer, &b, err);
}

static int put_key(struct store_writer *writer, const struct store_show *show, size_t i,
                   struct err *err)
{
    const struct store_key *key = &show->keys[i];
    struct binding b = start(writer, KEY_PUT);
    bind_text(&b, show->id);
    bind_number(&b, (int64_t)i);
    (void)sqlite3_bind_blob(b.statement, ++b.n, key->hash, sizeof key->hash,
                            SQLITE_STATIC);
    bind_number(&b, key->number);
    bind_text(&b, key->label);
    bind_number(&b, key->state);
    bind_number(&b, key->created_ms);
    bind_number(&b, key->last_used_ms);
    bind_number(&b, key->not_before_ms);
    bind_number(&b, key->expires_ms);
    bind_number(&b, key->one_time);
    bind_number(&b, key->used);
    bind_number(&b, key->cues);
    bind_number(&b, key->run);
    bind_text(&b, key->run_show);
    return run(writer, &b, err);
}

static int put_keys(struct store_writer *writer, const struct store_show *show,
                    struct err *err)
{
    require(show->n_keys <= STORE_KEYS_MAX);
    int error = run_named(writer, KEYS_DELETE, show->id, err);
    for (size_t i = 0; !error && i < show->n_keys; i++)
        error = put_key(writer, show, i, err);
    return error;
}

static int put_show(struct store_writer *writer, const struct store_show *show,
                    struct err *err)
{
    struct binding b = start(writer, SHOW_PUT);
    bind_text(&b, show->id);
    bind_text(&b, show->title);
    bind_text(&b, show->host);
    bind_text(&b, show->token);
    bind_text(&b, show->run_sheet);
    bind_number(&b, show->created_ms);
    bind_number(&b, show->part_target_ms);
    bind_number(&b, show->target_duration_s);
    bind_number(&b, show->wall_anchor_ms);
    bind_counter(&b, show->next_msn);
    bind_counter(&b, show->next_discontinuity);
    bind_number(&b, show->ended_ms);
    bind_number(&b, show->policy);
    bind_number(&b, show->rehearsal);
    bind_number(&b, show->run);
    bind_number(&b, show->live_since_ms);
    int error = run(writer, &b, err);
    return error ? error : put_keys(writer, show, err);
}

static int put_product(struct store_writer *writer, const struct store_change *change,
                       struct err *err)
{
    struct binding b = start(writer, PRODUCT_PUT);
    bind_text(&b, change->product.sku);
    bind_text(&b, change->product.json);
    return run(writer, &b, err);
}

static int put_cue(struct store_writer *writer, const struct store_cue *cue,
                   struct err *err)
{
    struct binding b = start(writer, CUE_PUT);
    bind_text(&b, cue->show);
    bind_counter(&b, cue->id);
    bind_number(&b, cue->q);
    bind_number(&b, cue->cancelled);
    bind_number(&b, cue->kind);
    bind_text(&b, cue->card);
    bind_number(&b, cue->revision);
    bind_number(&b, cue->time);
    bind_number(&b, cue->expires_ms);
    bind_text(&b, cue->product);
    return run(writer, &b, err);
}

static int put_hook(struct store_writer *writer, const struct store_hook *hook,
                    struct err *err)
{
    struct binding b = start(writer, HOOK_PUT);
    bind_text(&b, hook->id);
    bind_counter(&b, hook->position);
    bind_number(&b, hook->held);
    bind_text(&b, hook->event);
    return run(writer, &b, err);
}

int store_writer_begin(struct store_writer *writer, struct err *err)
{
    struct binding b = start(writer, BEGIN);
    return run(writer, &b, err);
}

int store_writer_apply(struct store_writer *writer, const struct store_change *change,
                       struct err *err)
{
    switch (change->op) {
    case STORE_SHOW_PUT:
        return put_show(writer, &change->show, err);
    case STORE_SHOW_DELETE:
        return run_named(writer, SHOW_DELETE, change->show.id, err);
    case STORE_PRODUCT_PUT:
        return put_product(writer, change, err);
    case STORE_PRODUCT_DELETE:
        return run_named(writer, PRODUCT_DELETE, change->product.sku, err);
    case STORE_CUE_PUT:
        return put_cue(writer, &change->cue, err);
    case STORE_HOOK_PUT:
        return put_hook(writer, &change->hook, err);
    case STORE_HOOK_DELETE:
        return run_named(writer, HOOK_DELETE, change->hook.id, err);
    case STORE_SYNC:
        return 0;
    }
    require(false);
    return 0;
}

int store_writer_commit(struct store_writer *writer, struct err *err)
{
    struct binding b = start(writer, COMMIT);
    return run(writer, &b, err);
}

void store_writer_rollback(struct store_writer *writer)
{
    /* Some failures have rolled back by themselves. */
    if (!sqlite3_get_autocommit(writer->db))
        (void)store_sqlite_exec(writer->db, "ROLLBACK", NULL);
}
