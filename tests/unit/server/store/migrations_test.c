#include "server/store/migrations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"
#include "server/store/sqlite.h"
#include "tests/unit/temp_dir.h"

static long long number(struct sqlite3 *db, const char *sql)
{
    long long value = -1;
    assert_int_equal(store_sqlite_number(db, sql, &value, NULL), 0);
    return value;
}

static void an_empty_file_gets_the_newest_schema_and_our_mark(void **state)
{
    (void)state;
    struct temp_dir dir;
    struct sqlite3 *db;
    temp_dir_make(&dir);
    const char *path = temp_dir_path(&dir, "v.db");
    temp_dir_write(path, "", 0);
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA user_version"), 0);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA user_version"), store_migrations_count());
    assert_int_equal(number(db, "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(number(db, "SELECT count(*) FROM shows"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM cues"), 0);
    store_sqlite_close(db);
    temp_dir_remove(&dir);
}

static void a_second_run_changes_nothing(void **state)
{
    (void)state;
    struct temp_dir dir;
    struct sqlite3 *db;
    temp_dir_make(&dir);
    const char *path = temp_dir_path(&dir, "v.db");
    temp_dir_write(path, "", 0);
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(
        store_sqlite_exec(db, "INSERT INTO products VALUES ('a', '{}')", NULL), 0);
    long long version = number(db, "PRAGMA schema_version");
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(number(db, "PRAGMA schema_version"), version);
    assert_int_equal(number(db, "SELECT count(*) FROM products"), 1);
    store_sqlite_close(db);
    temp_dir_remove(&dir);
}

/* A step that cannot be taken must leave the file at the step before. */
static void a_step_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct temp_dir dir;
    struct sqlite3 *db;
    struct err err;
    temp_dir_make(&dir);
    const char *path = temp_dir_path(&dir, "v.db");
    temp_dir_write(path, "", 0);
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_sqlite_exec(db, "CREATE TABLE cues (x)", NULL), 0);
    assert_int_equal(store_migrations_run(db, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "table cues already exists"));
    assert_int_equal(number(db, "PRAGMA user_version"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"), 1);
    store_sqlite_close(db);
    temp_dir_remove(&dir);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gets_the_newest_schema_and_our_mark),
        cmocka_unit_test(a_second_run_changes_nothing),
        cmocka_unit_test(a_step_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
