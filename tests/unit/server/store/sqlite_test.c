#include "server/store/sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/err.h"
#include "server/store/migrations.h"
#include "tests/unit/temp_dir.h"

enum { FILE_MAX = 1 << 18 };

static char path[128];

static int setup(void **state)
{
    int failed = temp_dir_setup(state);
    (void)snprintf(path, sizeof path, "%s", temp_dir_path(*state, "vitrine.db"));
    return failed;
}

/* A database with these statements run in it, closed. */
static void make_database(const char *sql)
{
    struct sqlite3 *db;
    temp_dir_write(path, "", 0);
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_sqlite_exec(db, sql, NULL), 0);
    store_sqlite_close(db);
}

static void make_own_database(void)
{
    struct sqlite3 *db;
    temp_dir_write(path, "", 0);
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_migrations_run(db, NULL), 0);
    assert_int_equal(
        store_sqlite_exec(db,
                          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                          "FROM n WHERE i < 500) INSERT INTO products SELECT 'sku' || "
                          "i, hex(zeroblob(100)) FROM n",
                          NULL),
        0);
    store_sqlite_close(db);
}

static size_t read_file(uint8_t content[FILE_MAX])
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t n = read(fd, content, FILE_MAX);
    assert_true(n >= 0 && n < FILE_MAX);
    close(fd);
    return (size_t)n;
}

/* Opening fails with these words, and the file has not changed by a byte. */
static void assert_refused(const char *words)
{
    static uint8_t before[FILE_MAX], after[FILE_MAX];
    struct sqlite3 *db = NULL;
    struct err err = {0};
    size_t len = read_file(before);
    assert_int_equal(store_sqlite_open(path, &db, &err), -ERR_IO);
    assert_null(db);
    assert_non_null(strstr(err.text, "/vitrine.db: "));
    if (!strstr(err.text, words))
        assert_string_equal(err.text, words);
    assert_int_equal(read_file(after), len);
    assert_memory_equal(before, after, len);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    temp_dir_write(path, text, sizeof text);
    assert_refused("file is not a database");
}

static void a_database_of_another_program_is_refused(void **state)
{
    (void)state;
    make_database("CREATE TABLE recipes (name TEXT)");
    assert_refused("is a database of another program; it was left as it is");
    make_database("PRAGMA application_id = 1");
    assert_refused("is a database of another program; it was left as it is");
    make_database("PRAGMA user_version = 1");
    assert_refused("is a database of another program; it was left as it is");
}

static void a_file_of_a_newer_version_is_refused(void **state)
{
    (void)state;
    make_own_database();
    struct sqlite3 *db;
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_sqlite_exec(db, "PRAGMA user_version = 99", NULL), 0);
    store_sqlite_close(db);
    assert_refused("was written by a newer vitrine (schema 99, this one knows");
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    static uint8_t content[FILE_MAX];
    make_own_database();
    size_t len = read_file(content);
    assert_true(len > 20 * 4096);
    /* A page in the middle of the products. */
    memset(content + 10 * 4096, 0xa5, 4096);
    temp_dir_write(path, (const char *)content, len);
    assert_refused("damaged");
}

static void a_file_that_was_cut_short_is_refused(void **state)
{
    (void)state;
    static uint8_t content[FILE_MAX];
    make_own_database();
    size_t len = read_file(content);
    temp_dir_write(path, (const char *)content, len / 2);
    assert_refused("malformed");
}

static void a_file_that_is_not_there_is_not_made(void **state)
{
    (void)state;
    struct sqlite3 *db;
    struct err err;
    assert_int_equal(store_sqlite_open(path, &db, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "unable to open database file"));
    assert_int_not_equal(access(path, F_OK), 0);
}

static void commits_wait_for_the_disk(void **state)
{
    (void)state;
    struct sqlite3 *db;
    long long value = -1;
    make_own_database();
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(store_sqlite_number(db, "PRAGMA synchronous", &value, NULL), 0);
    assert_int_equal(value, 2); /* FULL */
    assert_int_equal(store_sqlite_number(db, "PRAGMA foreign_keys", &value, NULL), 0);
    assert_int_equal(value, 1);
    assert_int_equal(store_sqlite_exec(db, "DELETE FROM products", NULL), 0);
    assert_int_equal(access(strcat(path, "-wal"), F_OK), 0);
    store_sqlite_close(db);
    assert_int_not_equal(access(path, F_OK), 0); /* closing takes it in */
}

static void a_broken_constraint_is_the_callers_fault(void **state)
{
    (void)state;
    struct sqlite3 *db;
    struct err err;
    long long value;
    make_own_database();
    assert_int_equal(store_sqlite_open(path, &db, NULL), 0);
    assert_int_equal(
        store_sqlite_exec(db, "INSERT INTO products VALUES ('x', NULL)", &err),
        -ERR_INVALID);
    assert_int_equal(store_sqlite_exec(db, "nonsense", &err), -ERR_IO);
    assert_int_equal(store_sqlite_number(db, "SELECT 1 WHERE 0", &value, &err),
                     -ERR_IO);
    store_sqlite_close(db);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, temp_dir_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DIR(a_file_that_is_no_database_is_refused),
        WITH_DIR(a_database_of_another_program_is_refused),
        WITH_DIR(a_file_of_a_newer_version_is_refused),
        WITH_DIR(a_damaged_file_is_refused),
        WITH_DIR(a_file_that_was_cut_short_is_refused),
        WITH_DIR(a_file_that_is_not_there_is_not_made),
        WITH_DIR(commits_wait_for_the_disk),
        WITH_DIR(a_broken_constraint_is_the_callers_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
