/* Random bytes and the server's own secret (data_dir/secret, 32 bytes, mode 0600). OpenSSL
 * lives in this room. */
#ifndef AUTH_SECRET_H
#define AUTH_SECRET_H

#include "core/bytes.h"

struct err;

enum { AUTH_SECRET_SIZE = 32, AUTH_HASH_SIZE = 32 };

/* Fills out from the system's generator; ends the process if it cannot. */
void auth_secret_random(void *out, size_t len);
/* n letters of [a-z0-9] without look-alikes (0 1 i l o), NUL-terminated: n + 1 bytes. */
void auth_secret_random_text(char *out, size_t n);
void auth_secret_sha256(struct bytes in, uint8_t out[AUTH_HASH_SIZE]);
void auth_secret_hmac_sha256(struct bytes key, struct bytes in,
                             uint8_t out[AUTH_HASH_SIZE]);
/* Reads the secret, or makes and keeps one. */
int auth_secret_open(const char *data_dir, uint8_t ret_secret[AUTH_SECRET_SIZE],
                     struct err *err);
/* The API token: given, else read from or made in data_dir/api-token (mode 0600). A text
 * for alloc_free(). */
int auth_secret_api_token(const char *data_dir, const char *given, char **ret_token,
                          struct err *err);

#endif
