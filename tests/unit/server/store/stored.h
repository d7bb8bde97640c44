/* What the tests of the store share: a directory with an open store, changes, and
 * waiting for them on a loop. */
#ifndef TESTS_UNIT_SERVER_STORE_STORED_H
#define TESTS_UNIT_SERVER_STORE_STORED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "server/store/store.h"
#include "tests/unit/temp_dir.h"

struct stored {
    struct temp_dir dir;
    struct store *store;
    /* Of the last change that was waited for. */
    struct loop *loop;
    int error;
    struct err err;
};

static inline void stored_open(struct stored *s)
{
    struct err err = {0};
    int error = store_open(s->dir.path, &s->store, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(error, 0);
}

static inline void stored_reopen(struct stored *s)
{
    store_close(s->store);
    stored_open(s);
}

static inline int stored_setup(void **state)
{
    static struct stored stored;
    stored = (struct stored){0};
    temp_dir_make(&stored.dir);
    stored_open(&stored);
    *state = &stored;
    return 0;
}

static inline int stored_teardown(void **state)
{
    struct stored *s = *state;
    store_close(s->store);
    temp_dir_remove(&s->dir);
    return 0;
}

#define STORED(test) \
    cmocka_unit_test_setup_teardown(test, stored_setup, stored_teardown)

static inline void stored_done(struct store_change *change, int error,
                               const struct err *err)
{
    struct stored *s = change->ctx;
    s->error = error;
    s->err = *err;
    loop_stop(s->loop);
    store_change_destroy(change);
}

/* Submits and waits until it is done. */
static inline int stored_commit(struct stored *s, struct store_change *change)
{
    s->loop = loop_create(0);
    change->loop = s->loop;
    change->done = stored_done;
    change->ctx = s;
    store_submit(s->store, change);
    loop_run(s->loop);
    loop_destroy(s->loop);
    return s->error;
}

static inline struct store_change *stored_show(const char *id, size_t n_keys)
{
    struct store_change *change = store_change_create(STORE_SHOW_PUT);
    change->show.id = alloc_text(id);
    change->show.title = alloc_text("A show");
    change->show.token = alloc_text("tok");
    change->show.next_msn = 1;
    change->show.n_keys = n_keys;
    for (size_t i = 0; i < n_keys; i++) {
        struct store_key *key = &change->show.keys[i];
        key->number = (uint32_t)i + 1;
        memset(key->hash, (int)i + 1, sizeof key->hash);
    }
    return change;
}

static inline struct store_change *stored_product(const char *sku, const char *json)
{
    struct store_change *change = store_change_create(STORE_PRODUCT_PUT);
    change->product.sku = alloc_text(sku);
    change->product.json = alloc_text(json);
    return change;
}

static inline struct store_change *stored_cue(const char *show, uint64_t id)
{
    struct store_change *change = store_change_create(STORE_CUE_PUT);
    change->cue.show = alloc_text(show);
    change->cue.id = id;
    change->cue.card = alloc_text("c1");
    return change;
}

/* What loading gives, a line a row: "show cue q card,". */
struct stored_text {
    char text[8192];
};

static inline void stored_add(struct stored_text *out, const char *a, long long n,
                              const char *b)
{
    size_t len = strlen(out->text);
    (void)snprintf(out->text + len, sizeof out->text - len, "%s %lld %s,", a, n, b);
}

static inline void stored_add_show(void *ctx, const struct store_show *show)
{
    stored_add(ctx, show->id, (long long)show->n_keys, show->title);
}

static inline void stored_add_product(void *ctx, const char *sku, const char *json)
{
    stored_add(ctx, sku, 0, json);
}

static inline void stored_add_cue(void *ctx, const struct store_cue *cue)
{
    stored_add(ctx, cue->show, (long long)cue->id, cue->card);
}

static inline void assert_stored(struct stored *s, const char *shows,
                                 const char *products, const char *cues)
{
    struct stored_text all_shows = {""}, all_products = {""}, all_cues = {""};
    assert_int_equal(store_load_shows(s->store, stored_add_show, &all_shows, NULL), 0);
    assert_int_equal(
        store_load_products(s->store, stored_add_product, &all_products, NULL), 0);
    assert_int_equal(store_load_cues(s->store, stored_add_cue, &all_cues, NULL), 0);
    assert_string_equal(all_shows.text, shows);
    assert_string_equal(all_products.text, products);
    assert_string_equal(all_cues.text, cues);
}

#endif
