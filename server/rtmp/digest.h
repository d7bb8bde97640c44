/* The digests that Flash players and their heirs hide in C1, S1 and S2, so that each side
 * sees that the other knows Adobe's keys. They prove nothing about security; encoders that
 * send them expect them back. C1 and S1 hold a 32-byte HMAC-SHA256 at an offset that four
 * of their own bytes give, in one of two places (the schemas); S2 is signed at its end.
 *
 * Pure functions on 1,536-byte blocks. */
#ifndef RTMP_DIGEST_H
#define RTMP_DIGEST_H

#include "core/bytes.h"

enum {
    RTMP_DIGEST_BLOCK = 1536, /* C1, S1, S2 */
    RTMP_DIGEST_SIZE = 32,
};

/* Where the four offset bytes stand; a client uses one, the server answers in the same. */
enum rtmp_digest_schema {
    RTMP_DIGEST_NONE = 0,
    RTMP_DIGEST_AT_8 = 8,
    RTMP_DIGEST_AT_772 = 772,
};

/* Looks for a valid client digest, schema 772 first. ret_digest points into c1. */
enum rtmp_digest_schema rtmp_digest_find(const uint8_t c1[RTMP_DIGEST_BLOCK],
                                         struct bytes *ret_digest);
/* Writes the digest of a client (as a player signs C1) or of a server (S1). */
void rtmp_digest_sign_c1(uint8_t c1[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema);
void rtmp_digest_sign_s1(uint8_t s1[RTMP_DIGEST_BLOCK], enum rtmp_digest_schema schema);
/* Signs S2 in its last 32 bytes for the digest that C1 held. */
void rtmp_digest_sign_s2(uint8_t s2[RTMP_DIGEST_BLOCK], struct bytes c1_digest);

#endif
