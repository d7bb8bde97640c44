#include "server/store/data_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/err.h"
#include "tests/unit/temp_dir.h"

static void the_directory_is_made_for_its_owner_only(void **state)
{
    struct stat about;
    int lock = -1;
    const char *path = temp_dir_path(*state, "data");
    assert_int_equal(store_data_dir_lock(path, &lock, NULL), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    store_data_dir_unlock(lock);
}

static void only_one_has_it_at_a_time(void **state)
{
    struct temp_dir *dir = *state;
    int first = -1, second = -1;
    struct err err;
    assert_int_equal(store_data_dir_lock(dir->path, &first, NULL), 0);
    assert_int_equal(store_data_dir_lock(dir->path, &second, &err), -ERR_BUSY);
    assert_int_equal(second, -1);
    assert_non_null(strstr(err.text, "another vitrine is running on this data_dir"));
    store_data_dir_unlock(first);
    assert_int_equal(store_data_dir_lock(dir->path, &second, NULL), 0);
    store_data_dir_unlock(second);
    store_data_dir_unlock(-1);
}

static void what_cannot_be_made_is_told(void **state)
{
    struct temp_dir *dir = *state;
    int lock;
    struct err err;
    assert_int_equal(store_data_dir_lock(temp_dir_path(dir, "a/b"), &lock, &err),
                     -ERR_IO);
    assert_non_null(strstr(err.text, "a/b: cannot be made: No such file or directory"));
    temp_dir_write(temp_dir_path(dir, "file"), "x", 1);
    assert_int_equal(store_data_dir_lock(temp_dir_path(dir, "file"), &lock, &err),
                     -ERR_IO);
    assert_non_null(strstr(err.text, "file/lock: cannot be opened: Not a directory"));
}

static void a_file_is_made_once(void **state)
{
    struct temp_dir *dir = *state;
    struct stat about;
    const char *path = temp_dir_path(dir, "db");
    assert_int_equal(store_data_dir_make_file(dir->path, path, NULL), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    temp_dir_write(path, "full", 4);
    assert_int_equal(store_data_dir_make_file(dir->path, path, NULL), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_size, 4);
}

#define WITH_DIR(test) \
    cmocka_unit_test_setup_teardown(test, temp_dir_setup, temp_dir_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DIR(the_directory_is_made_for_its_owner_only),
        WITH_DIR(only_one_has_it_at_a_time),
        WITH_DIR(what_cannot_be_made_is_told),
        WITH_DIR(a_file_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
