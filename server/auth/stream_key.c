#include "server/auth/stream_key.h"

#include <stdio.h>
#include <string.h>

#include "core/require.h"

enum {
    KEY_SHOW_MAX = 32,   /* as the API takes ids */
    KEY_SECRET_LEN = 25, /* letters of 31 kinds: 123 bits */
};

static bool is_show(struct bytes show)
{
    if (show.len < 1 || show.len > KEY_SHOW_MAX || show.data[0] == '-')
        return false;
    for (size_t i = 0; i < show.len; i++) {
        uint8_t c = show.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

void auth_stream_key_make(const char *show, char ret_key[AUTH_STREAM_KEY_MAX])
{
    struct bytes id = bytes_text(show);
    require(is_show(id));
    memcpy(ret_key, id.data, id.len);
    ret_key[id.len] = '_';
    auth_secret_random_text(ret_key + id.len + 1, KEY_SECRET_LEN);
}

struct bytes auth_stream_key_show(struct bytes key)
{
    /* An id has no underscore, so the first one ends it. */
    size_t end = bytes_index(key, 0, '_');
    struct bytes show = bytes_first(key, end);
    struct bytes secret = bytes_from(key, end + 1);
    if (end == key.len || !is_show(show) || secret.len != KEY_SECRET_LEN ||
        !auth_secret_is_random_text(secret))
        return bytes_make(NULL, 0);
    return show;
}

void auth_stream_key_hash(struct bytes key, uint8_t ret_hash[AUTH_HASH_SIZE])
{
    auth_secret_sha256(key, ret_hash);
}
