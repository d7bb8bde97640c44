#include "server/auth/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/err.h"
#include "tests/unit/temp_dir.h"

static void hashes_as_the_standard_says(void **state)
{
    (void)state;
    static const uint8_t abc[] = {/* FIPS 180-4, "abc" */
                                  0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                  0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                  0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                  0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint8_t jefe[] = {/* RFC 4231 4.3 */
                                   0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
                                   0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
                                   0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
                                   0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
    uint8_t hash[AUTH_HASH_SIZE];
    auth_secret_sha256(bytes_text("abc"), hash);
    assert_memory_equal(hash, abc, sizeof abc);
    auth_secret_hmac_sha256(bytes_text("Jefe"),
                            bytes_text("what do ya want for nothing?"), hash);
    assert_memory_equal(hash, jefe, sizeof jefe);
}

static void an_hmac_key_may_be_empty(void **state)
{
    (void)state;
    uint8_t a[AUTH_HASH_SIZE], b[AUTH_HASH_SIZE];
    auth_secret_hmac_sha256(bytes_make(NULL, 0), bytes_text("x"), a);
    auth_secret_hmac_sha256(bytes_make("\0", 1), bytes_text("x"), b);
    assert_memory_equal(a, b, sizeof a); /* keys are padded with zeros */
}

static void random_text_uses_all_its_letters_and_no_others(void **state)
{
    (void)state;
    char text[4097];
    auth_secret_random_text(text, sizeof text - 1);
    assert_int_equal(strlen(text), sizeof text - 1);
    assert_int_equal(strspn(text, "23456789abcdefghjkmnpqrstuvwxyz"), sizeof text - 1);
    for (const char *c = "23456789abcdefghjkmnpqrstuvwxyz"; *c; c++)
        assert_non_null(strchr(text, *c));
    assert_true(auth_secret_is_random_text(bytes_text(text)));
    assert_false(auth_secret_is_random_text(bytes_text("")));
    assert_false(auth_secret_is_random_text(bytes_text("abcl")));
}

static void the_secret_is_made_once_and_kept(void **state)
{
    struct temp_dir *dir = *state;
    uint8_t first[AUTH_SECRET_SIZE], again[AUTH_SECRET_SIZE];
    struct err err;
    char data[128];
    (void)snprintf(data, sizeof data, "%s/data", dir->path);
    assert_int_equal(auth_secret_open(data, first, &err), 0);
    assert_int_equal(auth_secret_open(data, again, &err), 0);
    assert_memory_equal(first, again, sizeof first);

    struct stat about;
    assert_int_equal(stat(temp_dir_path(dir, "data/secret"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(about.st_size, AUTH_SECRET_SIZE);
    assert_int_equal(stat(data, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_not_equal(access(temp_dir_path(dir, "data/secret.new"), F_OK), 0);
}

static void what_a_crash_left_beside_does_not_disturb(void **state)
{
    struct temp_dir *dir = *state;
    uint8_t secret[AUTH_SECRET_SIZE];
    temp_dir_write(temp_dir_path(dir, "secret.new"), "half", 4);
    assert_int_equal(auth_secret_open(dir->path, secret, NULL), 0);
    assert_int_not_equal(access(temp_dir_path(dir, "secret.new"), F_OK), 0);
}

static void a_damaged_secret_is_refused_and_left_alone(void **state)
{
    struct temp_dir *dir = *state;
    uint8_t secret[AUTH_SECRET_SIZE];
    struct err err;
    struct stat about;
    temp_dir_write(temp_dir_path(dir, "secret"), "short", 5);
    assert_int_equal(auth_secret_open(dir->path, secret, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "/secret: is damaged"));
    assert_null(strstr(err.text, "short"));
    assert_int_equal(stat(temp_dir_path(dir, "secret"), &about), 0);
    assert_int_equal(about.st_size, 5);
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
    struct temp_dir *dir = *state;
    uint8_t secret[AUTH_SECRET_SIZE];
    struct err err;
    assert_int_equal(auth_secret_open(dir->path, secret, NULL), 0);
    assert_int_equal(chmod(temp_dir_path(dir, "secret"), 0640), 0);
    assert_int_equal(auth_secret_open(dir->path, secret, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "chmod 600"));
}

static void a_missing_parent_directory_is_said(void **state)
{
    struct temp_dir *dir = *state;
    uint8_t secret[AUTH_SECRET_SIZE];
    struct err err;
    assert_int_equal(auth_secret_open(temp_dir_path(dir, "a/b"), secret, &err),
                     -ERR_IO);
    assert_non_null(strstr(err.text, "a/b: cannot be made: No such file"));
}

static void the_api_token_is_made_once_and_kept(void **state)
{
    struct temp_dir *dir = *state;
    char *first, *again, *empty;
    assert_int_equal(auth_secret_api_token(dir->path, NULL, &first, NULL), 0);
    assert_int_equal(auth_secret_api_token(dir->path, NULL, &again, NULL), 0);
    assert_int_equal(auth_secret_api_token(dir->path, "", &empty, NULL), 0);
    assert_int_equal(strlen(first), 40);
    assert_string_equal(first, again);
    assert_string_equal(first, empty);
    struct stat about;
    assert_int_equal(stat(temp_dir_path(dir, "api-token"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    alloc_free(first);
    alloc_free(again);
    alloc_free(empty);
}

static void a_given_api_token_wins_and_is_not_written(void **state)
{
    struct temp_dir *dir = *state;
    char *token;
    assert_int_equal(auth_secret_api_token(dir->path, "letmein", &token, NULL), 0);
    assert_string_equal(token, "letmein");
    alloc_free(token);
    assert_int_not_equal(access(temp_dir_path(dir, "api-token"), F_OK), 0);
}

static void a_given_api_token_must_fit_a_header(void **state)
{
    struct temp_dir *dir = *state;
    char *token;
    struct err err;
    assert_int_equal(auth_secret_api_token(dir->path, "let me\n", &token, &err),
                     -ERR_INVALID);
    assert_null(strstr(err.text, "let me"));
}

static void an_api_token_written_by_hand_is_read_without_its_line_end(void **state)
{
    struct temp_dir *dir = *state;
    char *token;
    temp_dir_write(temp_dir_path(dir, "api-token"), "by-hand \r\n", 10);
    assert_int_equal(auth_secret_api_token(dir->path, NULL, &token, NULL), 0);
    assert_string_equal(token, "by-hand");
    alloc_free(token);
}

static void an_api_token_file_without_a_token_is_refused(void **state)
{
    struct temp_dir *dir = *state;
    static const char *const wrong[] = {"", "\n", "two words\n", "caf\xc3\xa9\n"};
    char *token, line[2048];
    struct err err;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        temp_dir_write(temp_dir_path(dir, "api-token"), wrong[i], strlen(wrong[i]));
        assert_int_equal(auth_secret_api_token(dir->path, NULL, &token, &err), -ERR_IO);
        assert_non_null(strstr(err.text, "one line of visible ASCII"));
    }
    memset(line, 'x', sizeof line);
    temp_dir_write(temp_dir_path(dir, "api-token"), line, sizeof line);
    assert_int_equal(auth_secret_api_token(dir->path, NULL, &token, &err), -ERR_IO);
    assert_non_null(strstr(err.text, "is too long"));
}

#define WITH_DIR(test) \
    cmocka_unit_test_setup_teardown(test, temp_dir_setup, temp_dir_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_the_standard_says),
        cmocka_unit_test(an_hmac_key_may_be_empty),
        cmocka_unit_test(random_text_uses_all_its_letters_and_no_others),
        WITH_DIR(the_secret_is_made_once_and_kept),
        WITH_DIR(what_a_crash_left_beside_does_not_disturb),
        WITH_DIR(a_damaged_secret_is_refused_and_left_alone),
        WITH_DIR(a_secret_that_others_may_read_is_refused),
        WITH_DIR(a_missing_parent_directory_is_said),
        WITH_DIR(the_api_token_is_made_once_and_kept),
        WITH_DIR(a_given_api_token_wins_and_is_not_written),
        WITH_DIR(a_given_api_token_must_fit_a_header),
        WITH_DIR(an_api_token_written_by_hand_is_read_without_its_line_end),
        WITH_DIR(an_api_token_file_without_a_token_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
