#include "server/rtmp/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The expected values were made with another HMAC than ours. */
struct vector {
    enum rtmp_digest_schema schema;
    size_t c1_at;
    const char *c1;
    size_t s1_at;
    const char *s1;
    const char *s2;
};

static const struct vector vectors[] = {
    {
        RTMP_DIGEST_AT_8,
        298,
        "173ce39be0de5333d9aa7be77b2043c5125864cb4ea25d6912a0cedbaa260213",
        346,
        "e8ddc6f7176cd0eaedb852128f00ea3a40b43db548ca7faa54eb77a944a93ead",
        "5566114ce4281e756e16be62bdfeb0874e933aa2eb7bdd16ec455768b4324e02",
    },
    {
        RTMP_DIGEST_AT_772,
        962,
        "4eb531679ac6958deb0b614ebe7de5a8e4163f80488008f811dc88dc1b86ea0a",
        1010,
        "c35598e1d29867c52eeea611e25477b87088cb72d5d102f557f437a14189bf5a",
        "831ede87444a9b3ea673ce9c952f4f16fd8916312cff37d1dd0ba35c50617e13",
    },
};

enum { N_VECTORS = sizeof vectors / sizeof vectors[0] };

static void fill(uint8_t block[RTMP_DIGEST_BLOCK], unsigned seed)
{
    for (unsigned i = 0; i < RTMP_DIGEST_BLOCK; i++)
        block[i] = (uint8_t)(i * 7 + i / 256 + seed);
}

static void make_c1(uint8_t c1[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema)
{
    static const uint8_t version[] = {9, 0, 124, 2};
    fill(c1, 5);
    memcpy(c1 + 4, version, sizeof version);
    rtmp_digest_sign_c1(c1, schema);
}

static void assert_hex(const uint8_t *at, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * RTMP_DIGEST_SIZE + 1] = {0};
    for (size_t i = 0; i < RTMP_DIGEST_SIZE; i++) {
        text[2 * i] = digits[at[i] >> 4];
        text[2 * i + 1] = digits[at[i] & 15];
    }
    assert_string_equal(text, hex);
}

static void signs_c1_in_both_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t c1[RTMP_DIGEST_BLOCK];
        make_c1(c1, vectors[i].schema);
        assert_hex(c1 + vectors[i].c1_at, vectors[i].c1);
    }
}

static void signs_s1_in_both_schemas(void **state)
{
    (void)state;
    static const uint8_t head[] = {0, 0, 0, 0, 4, 5, 0, 1};
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t s1[RTMP_DIGEST_BLOCK];
        fill(s1, 17);
        memcpy(s1, head, sizeof head);
        rtmp_digest_sign_s1(s1, vectors[i].schema);
        assert_hex(s1 + vectors[i].s1_at, vectors[i].s1);
    }
}

static void signs_s2_for_the_digest_of_c1(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t c1[RTMP_DIGEST_BLOCK], s2[RTMP_DIGEST_BLOCK];
        make_c1(c1, vectors[i].schema);
        fill(s2, 17);
        memset(s2, 0, 8);
        rtmp_digest_sign_s2(s2, bytes_make(c1 + vectors[i].c1_at, RTMP_DIGEST_SIZE));
        assert_hex(s2 + RTMP_DIGEST_BLOCK - RTMP_DIGEST_SIZE, vectors[i].s2);
    }
}

static void finds_the_schema_of_a_digest(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t c1[RTMP_DIGEST_BLOCK];
        make_c1(c1, vectors[i].schema);
        struct bytes digest;
        assert_int_equal(rtmp_digest_find(c1, &digest), vectors[i].schema);
        assert_ptr_equal(digest.data, c1 + vectors[i].c1_at);
        assert_int_equal(digest.len, RTMP_DIGEST_SIZE);
    }
}

static void finds_no_digest_when_a_byte_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t c1[RTMP_DIGEST_BLOCK];
        make_c1(c1, vectors[i].schema);
        c1[1535] ^= 1;
        struct bytes digest;
        assert_int_equal(rtmp_digest_find(c1, &digest), RTMP_DIGEST_NONE);
    }
}

static void offsets_stay_inside_the_block(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        uint8_t c1[RTMP_DIGEST_BLOCK];
        memset(c1, 0xff, sizeof c1); /* the largest sum */
        rtmp_digest_sign_c1(c1, vectors[i].schema);
        struct bytes digest;
        assert_int_equal(rtmp_digest_find(c1, &digest), vectors[i].schema);
        assert_true(digest.data + digest.len <= c1 + sizeof c1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_c1_in_both_schemas),
        cmocka_unit_test(signs_s1_in_both_schemas),
        cmocka_unit_test(signs_s2_for_the_digest_of_c1),
        cmocka_unit_test(finds_the_schema_of_a_digest),
        cmocka_unit_test(finds_no_digest_when_a_byte_differs),
        cmocka_unit_test(offsets_stay_inside_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
