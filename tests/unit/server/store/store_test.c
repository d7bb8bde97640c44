#include "server/store/store.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "server/store/sqlite.h"
#include "tests/unit/server/store/stored.h"

static void a_new_store_is_empty_and_for_its_owner_only(void **state)
{
    struct stored *s = *state;
    struct stat about;
    assert_stored(s, "", "", "");
    assert_true(store_is_healthy(s->store));
    assert_int_equal(store_failures(s->store), 0);
    assert_int_equal(stat(temp_dir_path(&s->dir, "vitrine.db"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void what_was_committed_is_there_after_opening_again(void **state)
{
    struct stored *s = *state;
    assert_int_equal(stored_commit(s, stored_show("summer", 3)), 0);
    assert_int_equal(stored_commit(s, stored_product("mug", "{\"sku\":\"mug\"}")), 0);
    assert_int_equal(stored_commit(s, stored_cue("summer", 2)), 0);
    assert_int_equal(stored_commit(s, stored_cue("summer", 1)), 0);
    stored_reopen(s);
    assert_stored(s, "summer 3 A show,", "mug 0 {\"sku\":\"mug\"},",
                  "summer 1 c1,summer 2 c1,");
}

static void putting_again_replaces(void **state)
{
    struct stored *s = *state;
    assert_int_equal(stored_commit(s, stored_show("summer", 3)), 0);
    assert_int_equal(stored_commit(s, stored_product("mug", "1")), 0);
    assert_int_equal(stored_commit(s, stored_cue("summer", 1)), 0);

    struct store_change *show = stored_show("summer", 1);
    show->show.title[0] = 'B';
    struct store_change *cue = stored_cue("summer", 1);
    cue->cue.card[1] = '2';
    assert_int_equal(stored_commit(s, show), 0);
    assert_int_equal(stored_commit(s, stored_product("mug", "2")), 0);
    assert_int_equal(stored_commit(s, cue), 0);
    assert_stored(s, "summer 1 B show,", "mug 0 2,", "summer 1 c2,");
}

static void deleting_a_show_deletes_its_cues_and_keys_only(void **state)
{
    struct stored *s = *state;
    struct store_change *gone = store_change_create(STORE_SHOW_DELETE);
    gone->show.id = alloc_text("summer");
    assert_int_equal(stored_commit(s, stored_show("summer", 2)), 0);
    assert_int_equal(stored_commit(s, stored_show("winter", 2)), 0);
    assert_int_equal(stored_commit(s, stored_cue("summer", 1)), 0);
    assert_int_equal(stored_commit(s, stored_cue("winter", 1)), 0);
    assert_int_equal(stored_commit(s, gone), 0);
    assert_stored(s, "winter 2 A show,", "", "winter 1 c1,");
    assert_int_equal(stored_commit(s, stored_show("summer", 1)), 0);
    assert_stored(s, "summer 1 A show,winter 2 A show,", "", "winter 1 c1,");
}

static void deleting_a_product_deletes_it(void **state)
{
    struct stored *s = *state;
    struct store_change *gone = store_change_create(STORE_PRODUCT_DELETE);
    gone->product.sku = alloc_text("mug");
    assert_int_equal(stored_commit(s, stored_product("mug", "1")), 0);
    assert_int_equal(stored_commit(s, stored_product("cup", "2")), 0);
    assert_int_equal(stored_commit(s, gone), 0);
    assert_stored(s, "", "cup 0 2,", "");
}

static void closing_commits_what_is_queued(void **state)
{
    struct stored *s = *state;
    for (int i = 0; i < 100; i++) {
        char sku[8];
        (void)snprintf(sku, sizeof sku, "p%d", i % 2);
        store_submit(s->store, stored_product(sku, i < 98 ? "old" : "new"));
    }
    stored_reopen(s);
    assert_stored(s, "", "p0 0 new,p1 0 new,", "");
}

static void a_cue_of_no_show_is_refused(void **state)
{
    struct stored *s = *state;
    assert_int_equal(stored_commit(s, stored_cue("nothing", 1)), -ERR_INVALID);
    assert_non_null(strstr(s->err.text, "FOREIGN KEY"));
    assert_int_equal(store_failures(s->store), 1);
    assert_true(store_is_healthy(s->store));
    assert_stored(s, "", "", "");
}

static void a_show_without_title_leaves_nothing_behind(void **state)
{
    struct stored *s = *state;
    struct store_change *show = stored_show("summer", 2);
    alloc_free(show->show.title);
    show->show.title = NULL;
    assert_int_equal(stored_commit(s, show), -ERR_INVALID);
    assert_stored(s, "", "", "");
}

/* Several changes in flight at once; each answer is kept in order. */
enum { FLIGHT_MAX = 16 };

struct flight {
    struct loop *loop;
    size_t n, n_done;
    struct store_change *changes[FLIGHT_MAX];
    int errors[FLIGHT_MAX];
    bool in_order;
    pthread_t thread;
    bool on_thread;
};

static void land(struct store_change *change, int error, const struct err *err)
{
    struct flight *f = change->ctx;
    assert_int_equal(error, err->code == ERR_NONE ? 0 : -(int)err->code);
    f->in_order &= f->changes[f->n_done] == change;
    f->on_thread &= pthread_equal(f->thread, pthread_self()) != 0;
    f->errors[f->n_done++] = error;
    if (f->n_done == f->n)
        loop_stop(f->loop);
    store_change_destroy(change);
}

static void start(struct stored *s, struct flight *f, struct store_change *change)
{
    change->loop = f->loop;
    change->done = land;
    change->ctx = f;
    f->changes[f->n++] = change;
    store_submit(s->store, change);
}

static void flight_init(struct flight *f)
{
    *f = (struct flight){.loop = loop_create(0),
                         .in_order = true,
                         .on_thread = true,
                         .thread = pthread_self()};
}

static void flight_finish(struct flight *f)
{
    loop_run(f->loop);
    loop_destroy(f->loop);
    assert_int_equal(f->n_done, f->n);
    assert_true(f->in_order);
    assert_true(f->on_thread);
}

/* While another connection holds the file, the first change waits for it and the others
 * gather behind. */
static void one_bad_change_does_not_fail_its_group(void **state)
{
    struct stored *s = *state;
    struct flight f;
    struct sqlite3 *other;
    flight_init(&f);
    assert_int_equal(stored_commit(s, stored_show("summer", 1)), 0);
    assert_int_equal(
        store_sqlite_open(temp_dir_path(&s->dir, "vitrine.db"), &other, NULL), 0);
    assert_int_equal(store_sqlite_exec(other, "BEGIN IMMEDIATE", NULL), 0);
    start(s, &f, stored_product("first", "1"));
    start(s, &f, stored_product("mug", "1"));
    start(s, &f, stored_cue("nothing", 1));
    start(s, &f, stored_cue("summer", 1));
    start(s, &f, store_change_create(STORE_SYNC));
    assert_int_equal(store_sqlite_exec(other, "ROLLBACK", NULL), 0);
    store_sqlite_close(other);
    flight_finish(&f);
    assert_int_equal(f.errors[0], 0);
    assert_int_equal(f.errors[1], 0);
    assert_int_equal(f.errors[2], -ERR_INVALID);
    assert_int_equal(f.errors[3], 0);
    assert_int_equal(f.errors[4], 0);
    assert_int_equal(store_failures(s->store), 1);
    assert_stored(s, "summer 1 A show,", "first 0 1,mug 0 1,", "summer 1 c1,");
}

/* The file may not grow, as when the disk is full. */
static void set_file_limit(rlim_t limit)
{
    struct rlimit now;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &now), 0);
    now.rlim_cur = limit;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}

static void a_full_disk_is_told_and_gets_well_again(void **state)
{
    struct stored *s = *state;
    struct rlimit before;
    struct flight f;
    flight_init(&f);
    assert_int_equal(stored_commit(s, stored_product("mug", "1")), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    set_file_limit(0);
    for (int i = 0; i < 10; i++)
        start(s, &f, stored_product("mug", "2"));
    flight_finish(&f);
    set_file_limit(before.rlim_cur);
    (void)signal(SIGXFSZ, SIG_DFL);

    for (size_t i = 0; i < f.n; i++)
        assert_int_equal(f.errors[i], -ERR_IO);
    assert_false(store_is_healthy(s->store));
    assert_int_equal(store_failures(s->store), 10);
    assert_stored(s, "", "mug 0 1,", "");

    struct err fault;
    assert_true(store_next_fault(s->store, &fault));
    assert_int_equal(fault.code, ERR_IO);
    assert_non_null(strstr(fault.text, "vitrine.db"));
    assert_false(store_next_fault(s->store, &fault));

    assert_int_equal(stored_commit(s, stored_product("mug", "3")), 0);
    assert_true(store_is_healthy(s->store));
    assert_stored(s, "", "mug 0 3,", "");
}

enum { THREADS = 4, EACH = 100 };

struct sender {
    pthread_t thread;
    struct store *store;
    int number;
};

static void *send(void *arg)
{
    struct sender *sender = arg;
    for (int i = 0; i < EACH; i++) {
        char sku[8], value[8];
        (void)snprintf(sku, sizeof sku, "p%d", sender->number);
        (void)snprintf(value, sizeof value, "%d", i);
        store_submit(sender->store, stored_product(sku, value));
        (void)store_is_healthy(sender->store);
        (void)store_failures(sender->store);
    }
    return NULL;
}

static void changes_of_many_threads_keep_each_ones_order(void **state)
{
    struct stored *s = *state;
    struct sender senders[THREADS];
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){.store = s->store, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send, &senders[i]),
                         0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
    assert_int_equal(stored_commit(s, store_change_create(STORE_SYNC)), 0);
    assert_int_equal(store_failures(s->store), 0);
    assert_stored(s, "", "p0 0 99,p1 0 99,p2 0 99,p3 0 99,", "");
}

static void a_second_store_cannot_have_the_same_directory(void **state)
{
    struct stored *s = *state;
    struct store *second;
    struct err err;
    assert_int_equal(store_open(s->dir.path, &second, &err), -ERR_BUSY);
    assert_non_null(strstr(err.text, "another vitrine is running on this data_dir"));
}

static void nothing_is_left_of_changes_that_were_not_submitted(void **state)
{
    (void)state;
    store_change_destroy(NULL);
    store_change_destroy(stored_show("summer", 1));
    store_change_destroy(stored_product("mug", "1"));
    store_change_destroy(stored_cue("summer", 1));
    store_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORED(a_new_store_is_empty_and_for_its_owner_only),
        STORED(what_was_committed_is_there_after_opening_again),
        STORED(putting_again_replaces),
        STORED(deleting_a_show_deletes_its_cues_and_keys_only),
        STORED(deleting_a_product_deletes_it),
        STORED(closing_commits_what_is_queued),
        STORED(a_cue_of_no_show_is_refused),
        STORED(a_show_without_title_leaves_nothing_behind),
        STORED(one_bad_change_does_not_fail_its_group),
        STORED(a_full_disk_is_told_and_gets_well_again),
        STORED(changes_of_many_threads_keep_each_ones_order),
        STORED(a_second_store_cannot_have_the_same_directory),
        cmocka_unit_test(nothing_is_left_of_changes_that_were_not_submitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
