/* Who may call the API: the holder of the API token (everything), or of a host token
 * (one show: its cues, run sheet and state; products to read). A host token is an HMAC
 * over the show's id, so none is kept; a new server secret revokes all. It names its
 * show, "h.{show}.{mac}", so that it can be judged where no show is asked about. */
#ifndef AUTH_API_TOKEN_H
#define AUTH_API_TOKEN_H

#include "core/bytes.h"
#include "server/auth/secret.h"

enum auth_role { AUTH_NOBODY, AUTH_HOST, AUTH_ADMIN };
enum { AUTH_HOST_TOKEN_MAX = 96 };

struct auth_keys {
    uint8_t secret[AUTH_SECRET_SIZE];
    char *api_token;
};

void auth_api_token_make_host(const struct auth_keys *keys, const char *show,
                              char ret_token[AUTH_HOST_TOKEN_MAX]);
/* authorization: value of the header ("Bearer …"). show: the show that is asked about, or
 * no bytes, where the host of any show will do. The comparisons take constant time. */
enum auth_role auth_api_token_role(const struct auth_keys *keys,
                                   struct bytes authorization, struct bytes show);

#endif
