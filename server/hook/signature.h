/* Signatures as Standard Webhooks 1.0 has them (standardwebhooks.com): the header
 * webhook-signature is "v1," and the base64 of HMAC-SHA256 over "{id}.{timestamp}.{body}".
 *
 * Pure. */
#ifndef HOOK_SIGNATURE_H
#define HOOK_SIGNATURE_H

#include "core/bytes.h"

struct err;

enum {
    HOOK_KEY_MAX = 256,      /* bytes of a secret; hooks.secret is not longer */
    HOOK_SIGNATURE_MAX = 48, /* with the NUL */
};

struct hook_key {
    uint8_t bytes[HOOK_KEY_MAX];
    size_t len; /* 0: nothing is signed */
};

/* "whsec_" and base64, or any other text as it stands; NULL or empty: no key.
 * ERR_INVALID for a whsec_ without good base64 behind it. */
int hook_signature_key(const char *secret, struct hook_key *ret_key, struct err *err);
void hook_signature_make(const struct hook_key *key, const char *id,
                         int64_t timestamp_s, struct bytes body,
                         char ret_signature[HOOK_SIGNATURE_MAX]);

#endif
