#include "server/rtmp/digest.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/require.h"

enum {
    OFFSET_RANGE = 728, /* 764 bytes of a half block, less offset bytes and digest */
    PLAYER_TEXT = 30,   /* only the text part of a key signs C1 and S1 */
    SERVER_TEXT = 36,
};

#define KEY_TAIL                                                                      \
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02,     \
        0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, \
        0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae

/* Published constants of the protocol, no secrets. */
static const char player_key[] = "Genuine Adobe Flash Player 001";
static const char server_key[] = "Genuine Adobe Flash Media Server 001";
static const uint8_t key_tail[] = {KEY_TAIL};

static void hmac(struct bytes key, struct bytes content, uint8_t out[RTMP_DIGEST_SIZE])
{
    unsigned len = 0;
    const uint8_t *done = HMAC(EVP_sha256(), key.data, (int)key.len, content.data,
                               content.len, out, &len);
    require(done && len == RTMP_DIGEST_SIZE);
}

static size_t digest_offset(const uint8_t block[RTMP_DIGEST_BLOCK],
                            enum rtmp_digest_schema schema)
{
    const uint8_t *at = block + (size_t)schema;
    unsigned sum = (unsigned)at[0] + at[1] + at[2] + at[3];
    return (size_t)schema + 4 + sum % OFFSET_RANGE;
}

/* The digest of a block covers everything but itself. */
static void digest_of(const uint8_t block[RTMP_DIGEST_BLOCK], size_t offset,
                      struct bytes key, uint8_t out[RTMP_DIGEST_SIZE])
{
    uint8_t rest[RTMP_DIGEST_BLOCK - RTMP_DIGEST_SIZE];
    memcpy(rest, block, offset);
    memcpy(rest + offset, block + offset + RTMP_DIGEST_SIZE, sizeof rest - offset);
    hmac(key, bytes_make(rest, sizeof rest), out);
}

static void sign(uint8_t block[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema,
                 struct bytes key)
{
    require(schema != RTMP_DIGEST_NONE);
    size_t offset = digest_offset(block, schema);
    uint8_t digest[RTMP_DIGEST_SIZE];
    digest_of(block, offset, key, digest);
    memcpy(block + offset, digest, sizeof digest);
}

enum rtmp_digest_schema rtmp_digest_find(const uint8_t c1[RTMP_DIGEST_BLOCK],
                                         struct bytes *ret_digest)
{
    static const enum rtmp_digest_schema schemas[] = {RTMP_DIGEST_AT_772,
                                                      RTMP_DIGEST_AT_8};
    for (size_t i = 0; i < 2; i++) {
        size_t offset = digest_offset(c1, schemas[i]);
        uint8_t digest[RTMP_DIGEST_SIZE];
        digest_of(c1, offset, bytes_make(player_key, PLAYER_TEXT), digest);
        if (memcmp(digest, c1 + offset, sizeof digest) == 0) {
            *ret_digest = bytes_make(c1 + offset, sizeof digest);
            return schemas[i];
        }
    }
    return RTMP_DIGEST_NONE;
}

void rtmp_digest_sign_c1(uint8_t c1[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema)
{
    sign(c1, schema, bytes_make(player_key, PLAYER_TEXT));
}

void rtmp_digest_sign_s1(uint8_t s1[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema)
{
    sign(s1, schema, bytes_make(server_key, SERVER_TEXT));
}

void rtmp_digest_sign_s2(uint8_t s2[RTMP_DIGEST_BLOCK], struct bytes c1_digest)
{
    uint8_t whole_key[SERVER_TEXT + sizeof key_tail];
    memcpy(whole_key, server_key, SERVER_TEXT);
    memcpy(whole_key + SERVER_TEXT, key_tail, sizeof key_tail);
    uint8_t key[RTMP_DIGEST_SIZE];
    hmac(bytes_make(whole_key, sizeof whole_key), c1_digest, key);
    size_t signed_len = RTMP_DIGEST_BLOCK - RTMP_DIGEST_SIZE;
    hmac(bytes_make(key, sizeof key), bytes_make(s2, signed_len), s2 + signed_len);
}
