#include "server/rtmp/handshake.h"

#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"

/* A version a player knows as one that signs; with zero it expects the plain exchange. */
static const uint8_t signing_version[4] = {4, 5, 0, 1};

void rtmp_handshake_init(struct rtmp_handshake *handshake, struct bytes random)
{
    require(random.len >= RTMP_HANDSHAKE_RANDOM);
    *handshake = (struct rtmp_handshake){
        .c1 = alloc_zero(RTMP_DIGEST_BLOCK),
        .s1 = alloc_zero(RTMP_DIGEST_BLOCK),
    };
    memcpy(handshake->s1, random.data, RTMP_DIGEST_BLOCK);
    memset(handshake->s1, 0, 8); /* time and version */
}

void rtmp_handshake_finish(struct rtmp_handshake *handshake)
{
    alloc_free(handshake->c1);
    alloc_free(handshake->s1);
    handshake->c1 = handshake->s1 = NULL;
}

static void set_state(struct rtmp_handshake *handshake, enum rtmp_handshake_state state)
{
    require(state == handshake->state + 1);
    handshake->state = state;
    handshake->n_in = 0;
}

static bool claims_digest(const uint8_t c1[RTMP_DIGEST_BLOCK])
{
    return (c1[4] | c1[5] | c1[6] | c1[7]) != 0;
}

/* S2 becomes C1 or a signed block; c1 is overwritten, s1 is signed in the second case. */
static void prepare_answer(uint8_t c1[RTMP_DIGEST_BLOCK], uint8_t s1[RTMP_DIGEST_BLOCK])
{
    struct bytes digest;
    enum rtmp_digest_schema schema =
        claims_digest(c1) ? rtmp_digest_find(c1, &digest) : RTMP_DIGEST_NONE;
    if (schema == RTMP_DIGEST_NONE)
        return;
    uint8_t c1_digest[RTMP_DIGEST_SIZE];
    memcpy(c1_digest, digest.data, sizeof c1_digest);
    /* The random part of S1 serves S2 too: neither is a secret. */
    memcpy(c1, s1, RTMP_DIGEST_BLOCK);
    memcpy(s1 + 4, signing_version, sizeof signing_version);
    rtmp_digest_sign_s1(s1, schema);
    rtmp_digest_sign_s2(c1, bytes_make(c1_digest, sizeof c1_digest));
}

static void answer(struct rtmp_handshake *handshake, struct builder *out)
{
    prepare_answer(handshake->c1, handshake->s1);
    builder_u8(out, RTMP_HANDSHAKE_VERSION);
    builder_put(out, bytes_make(handshake->s1, RTMP_DIGEST_BLOCK));
    builder_put(out, bytes_make(handshake->c1, RTMP_DIGEST_BLOCK));
    rtmp_handshake_finish(handshake);
    set_state(handshake, RTMP_HANDSHAKE_C2);
}

/* What speaks instead, for whoever has mixed up two ports. */
static const char *guess(uint8_t first)
{
    switch (first) {
    case 0x16:
        return "; this is TLS: rtmps:// has a port of its own (rtmps.listen)";
    case 'G':
        return "; this is HTTP";
    case 'P':
    case '\r':
        return "; this may be a PROXY header: rtmp.proxy_protocol is off, or it is "
               "the second one";
    default:
        return "";
    }
}

static int take_version(struct rtmp_handshake *handshake, struct bytes *in,
                        struct err *err)
{
    handshake->version = in->data[0];
    *in = bytes_from(*in, 1);
    handshake->n_in = 1;
    if (handshake->version != RTMP_HANDSHAKE_VERSION)
        return err_set(err, ERR_PROTO, "not RTMP: the first byte is %u and not 3%s",
                       handshake->version, guess(handshake->version));
    return 0;
}

static void take_c1(struct rtmp_handshake *handshake, struct bytes *in,
                    struct builder *out)
{
    size_t have = handshake->n_in - 1;
    struct bytes piece = bytes_first(*in, RTMP_DIGEST_BLOCK - have);
    memcpy(handshake->c1 + have, piece.data, piece.len);
    *in = bytes_from(*in, piece.len);
    handshake->n_in += piece.len;
    if (have + piece.len == RTMP_DIGEST_BLOCK)
        answer(handshake, out);
}

static void take_c2(struct rtmp_handshake *handshake, struct bytes *in)
{
    struct bytes piece = bytes_first(*in, RTMP_DIGEST_BLOCK - handshake->n_in);
    *in = bytes_from(*in, piece.len);
    handshake->n_in += piece.len;
    if (handshake->n_in == RTMP_DIGEST_BLOCK)
        set_state(handshake, RTMP_HANDSHAKE_DONE);
}

int rtmp_handshake_feed(struct rtmp_handshake *handshake, struct bytes *in,
                        struct builder *out, struct err *err)
{
    while (in->len > 0) {
        switch (handshake->state) {
        case RTMP_HANDSHAKE_C1:
            if (handshake->n_in > 0)
                take_c1(handshake, in, out);
            else if (take_version(handshake, in, err) < 0)
                return -ERR_PROTO;
            break;
        case RTMP_HANDSHAKE_C2:
            take_c2(handshake, in);
            break;
        case RTMP_HANDSHAKE_DONE:
            return 0;
        }
    }
    return 0;
}
