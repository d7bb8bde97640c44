/* The server's side of the RTMP handshake (Adobe "RTMP specification" 1.0, 5.2): C0 and C1
 * come, S0, S1 and S2 leave in one piece, C2 comes and is not looked at. A C1 with a valid
 * digest is answered with digests, any other with the plain exchange, in which S2 is C1
 * byte for byte (some encoders compare).
 *
 * Ownership: init/finish in memory of the owner.
 * Threads: one at a time. Time: none, the owner keeps the deadline.
 * Errors: ERR_PROTO for a version other than 3. Limits: 1,537 bytes are kept. */
#ifndef RTMP_HANDSHAKE_H
#define RTMP_HANDSHAKE_H

#include "core/bytes.h"
#include "server/rtmp/digest.h"

struct builder;
struct err;

enum {
    RTMP_HANDSHAKE_VERSION = 3,
    RTMP_HANDSHAKE_RANDOM = RTMP_DIGEST_BLOCK, /* bytes init wants at least */
};

enum rtmp_handshake_state {
    RTMP_HANDSHAKE_C1,   /* C0 and C1 are awaited */
    RTMP_HANDSHAKE_C2,   /* S0 to S2 are out, C2 is awaited */
    RTMP_HANDSHAKE_DONE, /* chunks follow */
};

struct rtmp_handshake {
    /* private, but state may be read */
    enum rtmp_handshake_state state;
    size_t n_in; /* bytes of the current state */
    uint8_t version;
    uint8_t *c1; /* until S2 is out */
    uint8_t *s1;
};

void rtmp_handshake_init(struct rtmp_handshake *handshake, struct bytes random);
void rtmp_handshake_finish(struct rtmp_handshake *handshake);
/* Takes bytes off *in until the handshake is done; writes the answer to out. */
int rtmp_handshake_feed(struct rtmp_handshake *handshake, struct bytes *in,
                        struct builder *out, struct err *err);

#endif
