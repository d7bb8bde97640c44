/* The handshake: the same answer however the bytes are cut, and nothing taken of what
 * follows it. The first byte of the input chooses the cuts and whether C1 is signed. */
#include <string.h>

#include "core/builder.h"
#include "core/require.h"
#include "server/rtmp/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWER = 1 + 2 * RTMP_DIGEST_BLOCK };

struct side {
    struct rtmp_handshake handshake;
    struct builder out;
};

static void start(struct side *side)
{
    static const uint8_t random[RTMP_HANDSHAKE_RANDOM] = {1, 2, 3};
    rtmp_handshake_init(&side->handshake, bytes_make(random, sizeof random));
    builder_init(&side->out, ANSWER);
}

static void finish(struct side *side)
{
    rtmp_handshake_finish(&side->handshake);
    builder_finish(&side->out);
}

/* Returns what is left of in, or -1 when it failed. */
static long feed(struct side *side, struct bytes in, size_t piece)
{
    while (in.len > 0 && side->handshake.state != RTMP_HANDSHAKE_DONE) {
        struct bytes part = bytes_first(in, piece);
        size_t len = part.len;
        if (rtmp_handshake_feed(&side->handshake, &part, &side->out, NULL))
            return -1;
        in = bytes_from(in, len - part.len);
    }
    return (long)in.len;
}

/* A version of 0 says that there is no digest, whatever there is. */
static bool is_signed(const uint8_t *c1)
{
    struct bytes digest;
    return memcmp(c1 + 4, (const uint8_t[4]){0}, 4) != 0 &&
           rtmp_digest_find(c1, &digest) != RTMP_DIGEST_NONE;
}

static void check_answer(struct bytes out, const uint8_t *c1)
{
    require(out.len == 0 || out.len == ANSWER);
    if (out.len == 0)
        return;
    const uint8_t *s2 = out.data + 1 + RTMP_DIGEST_BLOCK;
    require(out.data[0] == RTMP_HANDSHAKE_VERSION);
    require(is_signed(c1) != (memcmp(s2, c1, RTMP_DIGEST_BLOCK) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum rtmp_digest_schema schemas[] = {
        RTMP_DIGEST_NONE, RTMP_DIGEST_AT_8, RTMP_DIGEST_AT_772, RTMP_DIGEST_NONE};
    static uint8_t copy[8192];
    if (size < 2 || size > sizeof copy)
        return 0;
    struct bytes in = bytes_make(copy, size - 1);
    memcpy(copy, data + 1, size - 1);
    enum rtmp_digest_schema schema = schemas[data[0] & 3];
    if (schema != RTMP_DIGEST_NONE && in.len > RTMP_DIGEST_BLOCK)
        rtmp_digest_sign_c1(copy + 1, schema);
    struct side whole, cut;
    start(&whole);
    start(&cut);
    long left = feed(&whole, in, in.len);
    require(left == feed(&cut, in, 1 + (size_t)(data[0] >> 2)));
    require(whole.handshake.state == cut.handshake.state);
    require(bytes_equal(builder_bytes(&whole.out), builder_bytes(&cut.out)));
    check_answer(builder_bytes(&whole.out), copy + 1);
    finish(&whole);
    finish(&cut);
    return 0;
}
