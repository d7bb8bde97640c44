/* What is loaded, what is refused, and what is told of it. */
#include "server/loop/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/err.h"
#include "core/require.h"
#include "tests/unit/server/loop/tls_files.h"

struct fixture {
    struct temp_dir dir;
    struct tls_files a, b;
};

static int setup(void **state)
{
    static struct fixture fixture;
    temp_dir_make(&fixture.dir);
    tls_files_make(&fixture.a, &fixture.dir, "a", "a.example.com", 30);
    tls_files_make(&fixture.b, &fixture.dir, "b", "b.example.com", 0);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    temp_dir_remove(&fixture->dir);
    return 0;
}

static void assert_fault(const char *certificate, const char *key, int code,
                         const char *words)
{
    struct loop_tls_pair pair = {certificate, key};
    struct loop_tls *tls;
    struct err err = {0};
    assert_int_equal(loop_tls_load(&pair, 1, &tls, &err), -code);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}

static void tells_host_and_end_of_each(void **state)
{
    struct fixture *f = *state;
    struct loop_tls_pair pairs[] = {f->a.pair, f->b.pair};
    struct loop_tls *tls;
    assert_int_equal(loop_tls_load(pairs, 2, &tls, NULL), 0);
    assert_int_equal(loop_tls_n_pairs(tls), 2);
    assert_non_null(strstr(loop_tls_text(tls, 0), "/a.pem: a.example.com, until 20"));
    assert_false(loop_tls_is_expired(tls, 0));
    assert_non_null(strstr(loop_tls_text(tls, 1), "/b.pem: b.example.com, until 20"));
    assert_true(loop_tls_is_expired(tls, 1));
    assert_ptr_equal(loop_tls_ref(tls), tls);
    loop_tls_unref(tls);
    loop_tls_unref(tls);
    loop_tls_unref(NULL);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;
    assert_fault("/nowhere/a.pem", f->a.key, ERR_NOT_FOUND,
                 "tls.certificate: /nowhere/a.pem: No such file or directory");
    assert_fault(f->a.certificate, "/nowhere/a.key", ERR_NOT_FOUND,
                 "tls.key: /nowhere/a.key: No such file or directory");
}

static void a_key_of_another_certificate_is_told(void **state)
{
    struct fixture *f = *state;
    assert_fault(f->a.certificate, f->b.key, ERR_INVALID, "is not the key of");
}

static void a_key_of_another_kind_is_told(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/rsa.key", f->dir.path);
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *out = fopen(path, "we");
    require(key && out);
    require(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
    (void)fclose(out);
    EVP_PKEY_free(key);
    assert_fault(f->a.certificate, path, ERR_INVALID, "is not the key of");
}

static void other_files_are_not_taken(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/text", f->dir.path);
    temp_dir_write(path, "hello\n", 6);
    assert_fault(path, f->a.key, ERR_INVALID, "is not a certificate in PEM");
    assert_fault(f->a.key, f->a.key, ERR_INVALID, "is not a certificate in PEM");
    assert_fault(f->a.certificate, path, ERR_INVALID, "is not a private key in PEM");
    assert_fault(f->a.certificate, f->a.certificate, ERR_INVALID,
                 "is not a private key in PEM");
    temp_dir_write(path, "", 0);
    assert_fault(path, f->a.key, ERR_INVALID, "is not a certificate in PEM");
    assert_fault(f->dir.path, f->a.key, ERR_INVALID, "is not a certificate in PEM");
}

static void a_key_with_a_password_is_not_asked_for_it(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX], password[] = "secret";
    (void)snprintf(path, sizeof path, "%s/locked.key", f->dir.path);
    FILE *in = fopen(f->a.key, "re");
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    FILE *out = fopen(path, "we");
    require(key && out);
    require(PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(), NULL, 0, NULL,
                                 password) == 1);
    (void)fclose(in);
    (void)fclose(out);
    EVP_PKEY_free(key);
    assert_fault(f->a.certificate, path, ERR_INVALID,
                 "is not a private key in PEM without a password");
}

static void there_are_1_to_64_pairs(void **state)
{
    struct fixture *f = *state;
    struct loop_tls_pair pairs[LOOP_TLS_PAIRS_MAX + 1];
    struct loop_tls *tls;
    for (unsigned i = 0; i <= LOOP_TLS_PAIRS_MAX; i++)
        pairs[i] = f->a.pair;
    assert_int_equal(loop_tls_load(pairs, 0, &tls, NULL), -ERR_LIMIT);
    assert_int_equal(loop_tls_load(pairs, LOOP_TLS_PAIRS_MAX + 1, &tls, NULL),
                     -ERR_LIMIT);
    assert_int_equal(loop_tls_load(pairs, LOOP_TLS_PAIRS_MAX, &tls, NULL), 0);
    loop_tls_unref(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_host_and_end_of_each),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_key_of_another_certificate_is_told),
        cmocka_unit_test(a_key_of_another_kind_is_told),
        cmocka_unit_test(other_files_are_not_taken),
        cmocka_unit_test(a_key_with_a_password_is_not_asked_for_it),
        cmocka_unit_test(there_are_1_to_64_pairs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
