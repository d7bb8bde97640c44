#include "server/hook/signature.h"

#include <string.h>

#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/auth/secret.h"
#include "server/hook/event.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789+/";

/* Six bits; -1 for what is none. */
static int digit_of(uint8_t c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* RFC 4648 4, with its padding. False for anything else, or more than fits. */
static bool decode(struct bytes text, struct hook_key *key)
{
    size_t n_pad = 0;
    if (text.len == 0 || text.len % 4 != 0 || text.len / 4 * 3 > sizeof key->bytes)
        return false;
    while (n_pad < 2 && text.data[text.len - 1 - n_pad] == '=')
        n_pad++;
    key->len = 0;
    for (size_t i = 0; i < text.len; i += 4) {
        unsigned group = 0;
        for (size_t k = 0; k < 4; k++) {
            bool pad = i + k >= text.len - n_pad;
            int digit = pad ? 0 : digit_of(text.data[i + k]);
            if (digit < 0)
                return false;
            group = group << 6 | (unsigned)digit;
        }
        key->bytes[key->len++] = (uint8_t)(group >> 16);
        key->bytes[key->len++] = (uint8_t)(group >> 8);
        key->bytes[key->len++] = (uint8_t)group;
    }
    key->len -= n_pad;
    return true;
}

int hook_signature_key(const char *secret, struct hook_key *ret_key, struct err *err)
{
    struct hook_key key = {0};
    struct bytes text = bytes_text(secret);
    if (bytes_has_prefix(text, "whsec_")) {
        if (!decode(bytes_from(text, strlen("whsec_")), &key))
            return err_set(err, ERR_INVALID,
                           "hooks.secret: base64 must stand behind whsec_");
    } else {
        if (text.len > sizeof key.bytes)
            return err_set(err, ERR_INVALID, "hooks.secret: is longer than %d bytes",
                           (int)HOOK_KEY_MAX);
        if (text.len > 0)
            memcpy(key.bytes, text.data, text.len);
        key.len = text.len;
    }
    *ret_key = key;
    return 0;
}

static void encode(const uint8_t mac[AUTH_HASH_SIZE], char *out)
{
    for (size_t i = 0; i < AUTH_HASH_SIZE; i += 3) {
        size_t n = AUTH_HASH_SIZE - i < 3 ? AUTH_HASH_SIZE - i : 3;
        unsigned group = (unsigned)mac[i] << 16;
        group |= n > 1 ? (unsigned)mac[i + 1] << 8 : 0;
        group |= n > 2 ? mac[i + 2] : 0;
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = n > 1 ? digits[group >> 6 & 63] : '=';
        *out++ = n > 2 ? digits[group & 63] : '=';
    }
    *out = '\0';
}

void hook_signature_make(const struct hook_key *key, const char *id,
                         int64_t timestamp_s, struct bytes body,
                         char ret_signature[HOOK_SIGNATURE_MAX])
{
    uint8_t mac[AUTH_HASH_SIZE];
    struct builder content;
    builder_init(&content, HOOK_ID_MAX + 32 + body.len);
    builder_printf(&content, "%s.%lld.", id, (long long)timestamp_s);
    builder_put(&content, body);
    require(!builder_failed(&content));
    auth_secret_hmac_sha256(bytes_make(key->bytes, key->len), builder_bytes(&content),
                            mac);
    builder_finish(&content);
    memcpy(ret_signature, "v1,", 3);
    encode(mac, ret_signature + 3);
}
