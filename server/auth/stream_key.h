/* Stream keys: "{show}_{secret}". The show's part says where the publisher belongs, so
 * that no loop needs a table of all keys; the secret has 120 bits and is kept as a hash
 * only. The public id is in the key, the key is not in the id. */
#ifndef AUTH_STREAM_KEY_H
#define AUTH_STREAM_KEY_H

#include "core/bytes.h"
#include "server/auth/secret.h"

enum { AUTH_STREAM_KEY_MAX = 96 }; /* with the NUL */

void auth_stream_key_make(const char *show, char ret_key[AUTH_STREAM_KEY_MAX]);
/* The show a key claims to belong to; no bytes when it has not the shape of a key. */
struct bytes auth_stream_key_show(struct bytes key);
void auth_stream_key_hash(struct bytes key, uint8_t ret_hash[AUTH_HASH_SIZE]);

#endif
