#include "server/rtmp/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "core/err.h"
#include "tests/unit/server/rtmp/script.h"

enum { C1_END = 1 + RTMP_DIGEST_BLOCK, ANSWER = 1 + 2 * RTMP_DIGEST_BLOCK };

static uint8_t random_bytes[RTMP_HANDSHAKE_RANDOM];

struct fixture {
    struct rtmp_handshake handshake;
    struct builder out;
    struct script script;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    for (size_t i = 0; i < sizeof random_bytes; i++)
        random_bytes[i] = (uint8_t)(i * 13 + 1);
    rtmp_handshake_init(&fixture.handshake,
                        bytes_make(random_bytes, sizeof random_bytes));
    builder_init(&fixture.out, 2 * (size_t)ANSWER);
    script_init(&fixture.script);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    rtmp_handshake_finish(&fixture->handshake);
    builder_finish(&fixture->out);
    script_finish(&fixture->script);
    return 0;
}

static void feed(struct fixture *fixture, struct bytes *in)
{
    assert_int_equal(rtmp_handshake_feed(&fixture->handshake, in, &fixture->out, NULL),
                     0);
}

static void answers_a_plain_c1_with_its_echo(void **state)
{
    struct fixture *fixture = *state;
    script_handshake(&fixture->script);
    struct bytes in = script_bytes(&fixture->script);
    const uint8_t *c1 = in.data + 1;
    feed(fixture, &in);
    struct bytes out = builder_bytes(&fixture->out);
    assert_int_equal(out.len, ANSWER);
    assert_int_equal(out.data[0], 3);
    static const uint8_t zeros[8];
    assert_memory_equal(out.data + 1, zeros, sizeof zeros);
    assert_memory_equal(out.data + 9, random_bytes + 8, RTMP_DIGEST_BLOCK - 8);
    assert_memory_equal(out.data + C1_END, c1, RTMP_DIGEST_BLOCK);
    assert_int_equal(fixture->handshake.state, RTMP_HANDSHAKE_DONE);
}

/* What a player checks: S1's digest where the schema has it, S2's for its own digest. */
static void check_signed_answer(struct fixture *fixture, enum rtmp_digest_schema schema)
{
    script_handshake_digest(&fixture->script, schema);
    struct bytes in = script_bytes(&fixture->script);
    struct bytes c1_digest;
    assert_int_equal(rtmp_digest_find(in.data + 1, &c1_digest), schema);
    feed(fixture, &in);
    struct bytes out = builder_bytes(&fixture->out);
    assert_int_equal(out.len, ANSWER);

    uint8_t s1[RTMP_DIGEST_BLOCK];
    memcpy(s1, out.data + 1, sizeof s1);
    assert_true(s1[4] >= 3); /* else players expect no digest */
    rtmp_digest_sign_s1(s1, schema);
    assert_memory_equal(s1, out.data + 1, sizeof s1);

    uint8_t s2[RTMP_DIGEST_BLOCK];
    memcpy(s2, out.data + C1_END, sizeof s2);
    rtmp_digest_sign_s2(s2, c1_digest);
    assert_memory_equal(s2, out.data + C1_END, sizeof s2);
}

static void answers_schema_8_with_digests(void **state)
{
    check_signed_answer(*state, RTMP_DIGEST_AT_8);
}

static void answers_schema_772_with_digests(void **state)
{
    check_signed_answer(*state, RTMP_DIGEST_AT_772);
}

static void echoes_a_c1_with_version_but_no_digest(void **state)
{
    struct fixture *fixture = *state;
    script_handshake_digest(&fixture->script, RTMP_DIGEST_AT_8);
    uint8_t block[C1_END];
    memcpy(block, script_bytes(&fixture->script).data, sizeof block);
    block[1500] ^= 1;
    struct bytes in = bytes_make(block, sizeof block);
    feed(fixture, &in);
    assert_memory_equal(builder_bytes(&fixture->out).data + C1_END, block + 1,
                        RTMP_DIGEST_BLOCK);
}

static void rejects_other_versions_at_the_first_byte(void **state)
{
    struct fixture *fixture = *state;
    const uint8_t versions[] = {0, 2, 4, 6, 'G', 0x16};
    for (size_t i = 0; i < sizeof versions; i++) {
        struct rtmp_handshake handshake;
        rtmp_handshake_init(&handshake, bytes_make(random_bytes, sizeof random_bytes));
        struct bytes in = bytes_make(versions + i, 1);
        struct err err;
        assert_int_equal(rtmp_handshake_feed(&handshake, &in, &fixture->out, &err),
                         -ERR_PROTO);
        assert_int_equal(err.code, ERR_PROTO);
        rtmp_handshake_finish(&handshake);
    }
    assert_int_equal(builder_bytes(&fixture->out).len, 0);
}

static void says_nothing_before_c1_is_whole(void **state)
{
    struct fixture *fixture = *state;
    script_handshake(&fixture->script);
    struct bytes in = bytes_first(script_bytes(&fixture->script), C1_END - 1);
    feed(fixture, &in);
    assert_int_equal(builder_bytes(&fixture->out).len, 0);
    assert_int_equal(fixture->handshake.state, RTMP_HANDSHAKE_C1);
}

static void leaves_what_follows_c2(void **state)
{
    struct fixture *fixture = *state;
    script_handshake(&fixture->script);
    builder_text(&fixture->script.out, "chunks");
    struct bytes in = script_bytes(&fixture->script);
    feed(fixture, &in);
    assert_true(bytes_equal_text(in, "chunks"));
    assert_int_equal(fixture->handshake.state, RTMP_HANDSHAKE_DONE);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(answers_a_plain_c1_with_its_echo),
        WITH_FIXTURE(answers_schema_8_with_digests),
        WITH_FIXTURE(answers_schema_772_with_digests),
        WITH_FIXTURE(echoes_a_c1_with_version_but_no_digest),
        WITH_FIXTURE(rejects_other_versions_at_the_first_byte),
        WITH_FIXTURE(says_nothing_before_c1_is_whole),
        WITH_FIXTURE(leaves_what_follows_c2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
