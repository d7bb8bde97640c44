#include "server/store/sqlite.h"
#include "tests/unit/server/store/stored.h"

static void check_show(void *ctx, const struct store_show *show)
{
    unsigned *n = ctx;
    ++*n;
    assert_string_equal(show->id, "summer");
    assert_string_equal(show->title, "S\xc3\xb6mmer \"'; DROP TABLE shows; --");
    assert_string_equal(show->host, "Ann");
    assert_string_equal(show->token, "tok");
    assert_string_equal(show->run_sheet, "mug,cup");
    assert_int_equal(show->created_ms, 1700000000000);
    assert_int_equal(show->part_target_ms, 334);
    assert_int_equal(show->target_duration_s, 2);
    assert_int_equal(show->wall_anchor_ms, -5);
    assert_int_equal(show->next_msn, INT64_MAX);
    assert_int_equal(show->next_discontinuity, 7);
    assert_int_equal(show->ended_ms, 1700000000001);
    assert_int_equal(show->policy, STORE_POLICY_REJECT);
    assert_true(show->rehearsal);
    assert_int_equal(show->run, 1700000000006);
    assert_int_equal(show->live_since_ms, 1700000000008);
    assert_int_equal(show->n_keys, STORE_KEYS_MAX);
    for (size_t i = 0; i < STORE_KEYS_MAX; i++) {
        uint8_t hash[STORE_KEY_HASH_SIZE];
        memset(hash, (int)i + 1, sizeof hash);
        assert_memory_equal(show->keys[i].hash, hash, sizeof hash);
        assert_int_equal(show->keys[i].number, i + 1);
    }
    assert_string_equal(show->keys[0].label, "Ann's phone");
    assert_int_equal(show->keys[0].state, STORE_KEY_REVOKED);
    assert_int_equal(show->keys[0].created_ms, 1700000000003);
    assert_int_equal(show->keys[0].last_used_ms, 1700000000004);
    assert_int_equal(show->keys[0].not_before_ms, 1700000000005);
    assert_int_equal(show->keys[0].expires_ms, INT64_MAX);
    assert_true(show->keys[0].one_time);
    assert_true(show->keys[1].used);
    assert_int_equal(show->keys[1].run, 1700000000007);
    assert_string_equal(show->keys[1].run_show, "autumn");
    assert_null(show->keys[0].run_show);
    assert_true(show->keys[2].cues);
    assert_false(show->keys[0].used || show->keys[0].cues || show->keys[1].one_time);
    assert_null(show->keys[1].label);
}

static void every_field_of_a_show_comes_back(void **state)
{
    struct stored *s = *state;
    struct store_change *change = stored_show("summer", STORE_KEYS_MAX);
    struct store_show *show = &change->show;
    alloc_free(show->title);
    show->title = alloc_text("S\xc3\xb6mmer \"'; DROP TABLE shows; --");
    show->host = alloc_text("Ann");
    show->run_sheet = alloc_text("mug,cup");
    show->created_ms = 1700000000000;
    show->part_target_ms = 334;
    show->target_duration_s = 2;
    show->wall_anchor_ms = -5;
    show->next_msn = INT64_MAX;
    show->next_discontinuity = 7;
    show->ended_ms = 1700000000001;
    show->policy = STORE_POLICY_REJECT;
    show->rehearsal = true;
    show->run = 1700000000006;
    show->live_since_ms = 1700000000008;
    show->keys[0].label = alloc_text("Ann's phone");
    show->keys[0].state = STORE_KEY_REVOKED;
    show->keys[0].created_ms = 1700000000003;
    show->keys[0].last_used_ms = 1700000000004;
    show->keys[0].not_before_ms = 1700000000005;
    show->keys[0].expires_ms = INT64_MAX;
    show->keys[1].run = 1700000000007;
    show->keys[1].run_show = alloc_text("autumn");
    show->keys[0].one_time = show->keys[1].used = show->keys[2].cues = true;
    assert_int_equal(stored_commit(s, change), 0);
    unsigned n = 0;
    assert_int_equal(store_load_shows(s->store, check_show, &n, NULL), 0);
    assert_int_equal(n, 1);
}

static void check_bare_show(void *ctx, const struct store_show *show)
{
    unsigned *n = ctx;
    ++*n;
    assert_null(show->host);
    assert_null(show->run_sheet);
    assert_int_equal(show->n_keys, 0);
}

static void what_a_show_may_lack_comes_back_as_null(void **state)
{
    struct stored *s = *state;
    unsigned n = 0;
    assert_int_equal(stored_commit(s, stored_show("summer", 0)), 0);
    assert_int_equal(store_load_shows(s->store, check_bare_show, &n, NULL), 0);
    assert_int_equal(n, 1);
}

static void check_cue(void *ctx, const struct store_cue *cue)
{
    unsigned *n = ctx;
    ++*n;
    assert_string_equal(cue->show, "summer");
    assert_int_equal(cue->id, 3);
    assert_int_equal(cue->q, UINT32_MAX);
    assert_true(cue->cancelled);
    assert_int_equal(cue->kind, 2);
    assert_string_equal(cue->card, "c1");
    assert_int_equal(cue->revision, 4);
    assert_int_equal(cue->time, -90000);
    assert_int_equal(cue->expires_ms, 1700000000002);
    assert_string_equal(cue->product, "{}");
}

static void every_field_of_a_cue_comes_back(void **state)
{
    struct stored *s = *state;
    struct store_change *change = stored_cue("summer", 3);
    change->cue.q = UINT32_MAX;
    change->cue.cancelled = true;
    change->cue.kind = 2;
    change->cue.revision = 4;
    change->cue.time = -90000;
    change->cue.expires_ms = 1700000000002;
    change->cue.product = alloc_text("{}");
    assert_int_equal(stored_commit(s, stored_show("summer", 0)), 0);
    assert_int_equal(stored_commit(s, change), 0);
    unsigned n = 0;
    assert_int_equal(store_load_cues(s->store, check_cue, &n, NULL), 0);
    assert_int_equal(n, 1);
}

static void shows_come_oldest_first_and_cues_by_show_and_id(void **state)
{
    struct stored *s = *state;
    struct store_change *late = stored_show("a", 0), *early = stored_show("b", 0);
    late->show.created_ms = 2;
    early->show.created_ms = 1;
    assert_int_equal(stored_commit(s, late), 0);
    assert_int_equal(stored_commit(s, early), 0);
    assert_int_equal(stored_commit(s, stored_cue("b", 10)), 0);
    assert_int_equal(stored_commit(s, stored_cue("b", 9)), 0);
    assert_int_equal(stored_commit(s, stored_cue("a", 11)), 0);
    assert_stored(s, "b 0 A show,a 0 A show,", "", "a 11 c1,b 9 c1,b 10 c1,");
}

/* Someone has been at the file: the row is spoilt behind the store's back. */
static void spoil(struct stored *s, const char *sql)
{
    struct sqlite3 *db;
    store_close(s->store);
    s->store = NULL;
    assert_int_equal(store_sqlite_open(temp_dir_path(&s->dir, "vitrine.db"), &db, NULL),
                     0);
    assert_int_equal(store_sqlite_exec(db, sql, NULL), 0);
    store_sqlite_close(db);
    stored_open(s);
}

static void ignore_show(void *ctx, const struct store_show *show)
{
    (void)ctx;
    (void)show;
}

static void ignore_cue(void *ctx, const struct store_cue *cue)
{
    (void)ctx;
    (void)cue;
}

static void assert_no_shows(struct stored *s, const char *sql, const char *words)
{
    struct err err;
    assert_int_equal(stored_commit(s, stored_show("summer", 2)), 0);
    spoil(s, sql);
    assert_int_equal(store_load_shows(s->store, ignore_show, NULL, &err), -ERR_IO);
    assert_non_null(strstr(err.text, words));
}

static void a_show_that_does_not_make_sense_stops_the_load(void **state)
{
    struct stored *s = *state;
    static const char words[] = "a show in it does not make sense";
    assert_no_shows(s, "UPDATE shows SET part_target_ms = -1", words);
    assert_no_shows(s, "UPDATE shows SET target_duration_s = 4294967296", words);
    assert_no_shows(s, "UPDATE shows SET next_msn = -1", words);
    assert_no_shows(s, "UPDATE shows SET run = -1", words);
    assert_no_shows(s, "UPDATE shows SET live_since_ms = -1", words);
    assert_no_shows(s, "UPDATE shows SET title = CAST (x'ff' AS TEXT)", words);
    assert_no_shows(s, "UPDATE stream_keys SET state = 3 WHERE number = 1", words);
    assert_no_shows(s, "UPDATE stream_keys SET number = 0 WHERE number = 1", words);
    assert_no_shows(s,
                    "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n"
                    " WHERE i < 17) INSERT INTO stream_keys SELECT show, i, hash, i,"
                    " NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL FROM stream_keys JOIN n"
                    " WHERE position = 1",
                    words);
}

static void a_cue_that_does_not_make_sense_stops_the_load(void **state)
{
    struct stored *s = *state;
    struct err err;
    assert_int_equal(stored_commit(s, stored_show("summer", 0)), 0);
    assert_int_equal(stored_commit(s, stored_cue("summer", 1)), 0);
    spoil(s, "UPDATE cues SET q = -1");
    assert_int_equal(store_load_cues(s->store, ignore_cue, NULL, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "a cue in it does not make sense"));
}

static struct store_change *hook_change(enum store_op op, const char *id,
                                        uint64_t position, bool held)
{
    struct store_change *change = store_change_create(op);
    change->hook.id = alloc_text(id);
    change->hook.position = position;
    change->hook.held = held;
    change->hook.event = op == STORE_HOOK_PUT ? alloc_text("{\"a\":1}") : NULL;
    return change;
}

static void add_hook(void *ctx, const struct store_hook *hook)
{
    assert_string_equal(hook->event, "{\"a\":1}");
    stored_add(ctx, hook->id, (long long)hook->position, hook->held ? "held" : "due");
}

static void assert_hooks(struct stored *s, const char *expected)
{
    struct stored_text all = {""};
    assert_int_equal(store_load_hooks(s->store, add_hook, &all, NULL), 0);
    assert_string_equal(all.text, expected);
}

static void events_of_the_hooks_come_by_position_and_may_move(void **state)
{
    struct stored *s = *state;
    assert_hooks(s, "");
    assert_int_equal(stored_commit(s, hook_change(STORE_HOOK_PUT, "a", 1, true)), 0);
    assert_int_equal(stored_commit(s, hook_change(STORE_HOOK_PUT, "b", 2, false)), 0);
    assert_hooks(s, "a 1 held,b 2 due,");
    assert_int_equal(
        stored_commit(s, hook_change(STORE_HOOK_PUT, "a", INT64_MAX, false)), 0);
    assert_hooks(s, "b 2 due,a 9223372036854775807 due,");
    assert_int_equal(stored_commit(s, hook_change(STORE_HOOK_DELETE, "b", 0, false)),
                     0);
    stored_reopen(s);
    assert_hooks(s, "a 9223372036854775807 due,");
}

static void a_schema_that_lacks_a_table_is_told(void **state)
{
    struct stored *s = *state;
    struct sqlite3 *db;
    struct err err;
    assert_int_equal(store_sqlite_open(temp_dir_path(&s->dir, "vitrine.db"), &db, NULL),
                     0);
    assert_int_equal(store_sqlite_exec(db, "DROP TABLE cues", NULL), 0);
    store_sqlite_close(db);
    assert_int_equal(store_load_cues(s->store, ignore_cue, NULL, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "no such table: cues"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORED(every_field_of_a_show_comes_back),
        STORED(what_a_show_may_lack_comes_back_as_null),
        STORED(every_field_of_a_cue_comes_back),
        STORED(shows_come_oldest_first_and_cues_by_show_and_id),
        STORED(a_show_that_does_not_make_sense_stops_the_load),
        STORED(a_cue_that_does_not_make_sense_stops_the_load),
        STORED(events_of_the_hooks_come_by_position_and_may_move),
        STORED(a_schema_that_lacks_a_table_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
