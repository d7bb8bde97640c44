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
/* At least one letter, and only letters that random_text gives. */
bool auth_secret_is_random_text(struct bytes text);
void auth_secret_sha256(struct bytes in, uint8_t out[AUTH_HASH_SIZE]);
void auth_secret_hmac_sha256(struct bytes key, struct bytes in,
                             uint8_t out[AUTH_HASH_SIZE]);
/* Reads the secret, or makes and keeps one. Makes data_dir (mode 0700) when it is not
 * there. ERR_IO also when others may read the file, or it is damaged. Blocking. */
int auth_secret_open(const char *data_dir, uint8_t ret_secret[AUTH_SECRET_SIZE],
                     struct err *err);
/* The API token: given (not empty), else read from or made in data_dir/api-token (mode
 * 0600). A text for alloc_free(). ERR_INVALID for a given one that cannot be sent in a
 * header; ERR_IO as above. Blocking. */
int auth_secret_api_token(const char *data_dir, const char *given, char **ret_token,
                          struct err *err);

#endif
