#include "server/auth/api_token.h"

#include <stdio.h>
#include <string.h>

#include "core/builder.h"
#include "core/require.h"

enum {
    HOST_MAC_SIZE = 24, /* of the HMAC's 32 bytes: 192 bits are enough */
    HOST_SHOW_MAX = 48, /* the longest show id that fits a token */
};

/* base64url (RFC 4648 5) of whole groups of three, so without padding. */
static void put_base64url(char *out, const uint8_t *in, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)in[i] << 16 | (unsigned)in[i + 1] << 8 | in[i + 2];
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = digits[group >> 6 & 63];
        *out++ = digits[group & 63];
    }
    *out = '\0';
}

/* What is signed starts with its purpose, so that the secret may sign other things. */
static void make_host(const struct auth_keys *keys, struct bytes show,
                      char ret_token[AUTH_HOST_TOKEN_MAX])
{
    struct builder what;
    uint8_t mac[AUTH_HASH_SIZE];
    char text[HOST_MAC_SIZE / 3 * 4 + 1];
    builder_init(&what, sizeof "host:" + show.len);
    builder_text(&what, "host:");
    builder_put(&what, show);
    auth_secret_hmac_sha256(bytes_make(keys->secret, sizeof keys->secret),
                            builder_bytes(&what), mac);
    builder_finish(&what);
    put_base64url(text, mac, HOST_MAC_SIZE);
    (void)snprintf(ret_token, AUTH_HOST_TOKEN_MAX, "h.%.*s.%s", BYTES_FMT(show), text);
}

/* The show that a host token claims to be for; no bytes when it has not the shape. */
static struct bytes claimed_show(struct bytes token)
{
    size_t end = token.len;
    if (!bytes_has_prefix(token, "h."))
        return bytes_make(NULL, 0);
    while (end > 2 && token.data[end - 1] != '.')
        end--;
    struct bytes show = bytes_make(token.data + 2, end > 2 ? end - 3 : 0);
    return show.len <= HOST_SHOW_MAX ? show : bytes_make(NULL, 0);
}

void auth_api_token_make_host(const struct auth_keys *keys, const char *show,
                              char ret_token[AUTH_HOST_TOKEN_MAX])
{
    require(show[0] != '\0' && strlen(show) <= HOST_SHOW_MAX);
    make_host(keys, bytes_text(show), ret_token);
}

/* The token of "Bearer TOKEN" (RFC 6750 2.1); no bytes when it is something else. */
static struct bytes bearer(struct bytes authorization)
{
    static const char scheme[] = "Bearer ";
    struct bytes trimmed = bytes_trim(authorization);
    struct bytes head = bytes_first(trimmed, sizeof scheme - 1);
    if (!bytes_equal_nocase(head, bytes_text(scheme)))
        return bytes_make(NULL, 0);
    return bytes_trim(bytes_from(trimmed, head.len));
}

enum auth_role auth_api_token_role(const struct auth_keys *keys,
                                   struct bytes authorization, struct bytes show)
{
    struct bytes token = bearer(authorization);
    struct bytes api_token = bytes_text(keys->api_token);
    struct bytes claimed = claimed_show(token);
    char host_token[AUTH_HOST_TOKEN_MAX];
    make_host(keys, claimed, host_token);
    /* Both are compared whatever the first says. */
    bool is_admin = bytes_equal_secret(token, api_token) && api_token.len > 0;
    bool is_host = bytes_equal_secret(token, bytes_text(host_token)) &&
                   claimed.len > 0 && (show.len == 0 || bytes_equal(show, claimed));
    if (is_admin)
        return AUTH_ADMIN;
    return is_host ? AUTH_HOST : AUTH_NOBODY;
}
