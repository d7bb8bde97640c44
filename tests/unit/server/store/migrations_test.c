#include "server/store/migrations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/store/sqlite.h"
#include "tests/unit/temp_dir.h"

struct file {
    struct temp_dir dir;
    struct sqlite3 *db;
};

/* An empty file, open. */
static int setup(void **state)
{
    static struct file file;
    temp_dir_make(&file.dir);
    const char *path = temp_dir_path(&file.dir, "v.db");
    temp_dir_write(path, "", 0);
    *state = &file;
    return store_sqlite_open(path, &file.db, NULL);
}

static int teardown(void **state)
{
    struct file *file = *state;
    store_sqlite_close(file->db);
    temp_dir_remove(&file->dir);
    return 0;
}

static struct sqlite3 *db_of(void **state)
{
    return ((struct file *)*state)->db;
}

static long long number(struct sqlite3 *db, const char *sql)
{
    long long value = -1;
    assert_int_equal(store_sqlite_number(db, sql, &value, NULL), 0);
    return value;
}

static void an_empty_file_gets_the_newest_schema_and_our_mark(void **state)
{
    struct sqlite3 *db = db_of(state);
    assert_int_equal(number(db, "PRAGMA user_version"), 0);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA user_version"), store_migrations_count());
    assert_int_equal(number(db, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(number(db, "SELECT count(*) FROM shows"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM cues"), 0);
}

static void a_second_run_changes_nothing(void **state)
{
    struct sqlite3 *db = db_of(state);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(
        store_sqlite_exec(db, "INSERT INTO products VALUES ('a', '{}')", NULL), 0);
    long long version = number(db, "PRAGMA schema_version");
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA schema_version"), version);
    assert_int_equal(number(db, "SELECT count(*) FROM products"), 1);
}

/* A step that cannot be taken must leave the file at the step before. */
static void a_step_that_fails_leaves_nothing(void **state)
{
    struct sqlite3 *db = db_of(state);
    struct err err;
    assert_int_equal(store_sqlite_exec(db, "CREATE TABLE cues (x)", NULL), 0);
    assert_int_equal(store_migrations_run(db, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "table cues already exists"));
    assert_int_equal(number(db, "PRAGMA user_version"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"), 1);
}

/* A file of before keys had a name: schema 1, with a show and two keys. */
static void keys_of_an_old_file_stay_valid_and_get_numbers(void **state)
{
    struct sqlite3 *db = db_of(state);
    assert_int_equal(
        store_sqlite_exec(
            db,
            "CREATE TABLE shows (id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL,"
            " host TEXT, token TEXT NOT NULL, run_sheet TEXT, created_ms INTEGER NOT"
            " NULL, part_target_ms INTEGER NOT NULL, target_duration_s INTEGER NOT "
            "NULL,"
            " wall_anchor_ms INTEGER NOT NULL, next_msn INTEGER NOT NULL,"
            " next_discontinuity INTEGER NOT NULL, ended_ms INTEGER NOT NULL)"
            " STRICT, WITHOUT ROWID;"
            "CREATE TABLE stream_keys (show TEXT NOT NULL REFERENCES shows (id)"
            " ON DELETE CASCADE, position INTEGER NOT NULL, hash BLOB NOT NULL"
            " CHECK (length(hash) = 32), PRIMARY KEY (show, position))"
            " STRICT, WITHOUT ROWID;"
            "CREATE TABLE products (sku TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL)"
            " STRICT, WITHOUT ROWID;"
            "CREATE TABLE cues (show TEXT NOT NULL REFERENCES shows (id) ON DELETE"
            " CASCADE, id INTEGER NOT NULL, q INTEGER NOT NULL, cancelled INTEGER NOT"
            " NULL CHECK (cancelled IN (0, 1)), kind INTEGER NOT NULL, card TEXT NOT"
            " NULL, revision INTEGER NOT NULL, time INTEGER NOT NULL, expires_ms "
            "INTEGER"
            " NOT NULL, product TEXT, PRIMARY KEY (show, id)) STRICT, WITHOUT ROWID;"
            "INSERT INTO shows VALUES ('a', 'A', NULL, 't', NULL, 1700000000000, 0, 0, "
            "0,"
            " 1, 0, 0);"
            "INSERT INTO stream_keys VALUES ('a', 0, zeroblob(32)), ('a', 1,"
            " zeroblob(32));"
            "PRAGMA user_version = 1",
            NULL),
        0);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA user_version"), store_migrations_count());
    assert_int_equal(number(db,
                            "SELECT count(*) FROM stream_keys WHERE state = 0 AND"
                            " number = position + 1 AND hash = zeroblob(32) AND"
                            " created_ms = 1700000000000 AND expires_ms = 0 AND"
                            " one_time + used + cues + run = 0 AND run_show IS NULL"),
                     2);
    assert_int_equal(number(db, "SELECT count(*) FROM shows WHERE run = created_ms"),
                     1);
    assert_int_equal(store_sqlite_exec(db, "DELETE FROM shows", NULL), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM stream_keys"), 0);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILE(an_empty_file_gets_the_newest_schema_and_our_mark),
        WITH_FILE(a_second_run_changes_nothing),
        WITH_FILE(a_step_that_fails_leaves_nothing),
        WITH_FILE(keys_of_an_old_file_stay_valid_and_get_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
