#include "overlay/catalogue/link.h"

#include <string.h>

#include "overlay/catalogue/product.h"
#include "overlay/catalogue/title.h"

static bool has_scheme(struct bytes text, const char *scheme)
{
    return bytes_equal_nocase(bytes_first(text, strlen(scheme)), bytes_text(scheme));
}

/* What may not stand in a link as it is: everything that ends an attribute, that browsers
 * drop or turn into something else, or that cannot be seen. */
static bool is_unfit(uint32_t c)
{
    if (c < 0x80)
        return c <= 0x20 || c == 0x7f || strchr("\"'`\\<>", (int)c);
    return catalogue_title_is_forbidden(c) || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
           (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

static bool has_unfit(struct bytes text)
{
    while (text.len > 0) {
        size_t len;
        if (is_unfit(catalogue_title_code_point(text, &len)))
            return true;
        text = bytes_from(text, len);
    }
    return false;
}

static const char *authority_fault(struct bytes rest)
{
    size_t len = 0;
    while (len < rest.len && !strchr("/?#", rest.data[len]))
        len++;
    struct bytes authority = bytes_first(rest, len);
    if (authority.len == 0 || authority.data[0] == ':')
        return "has no host name";
    if (bytes_index(authority, 0, '@') < authority.len)
        return "must not hold a user name or password";
    return NULL;
}

const char *catalogue_link_fault(struct bytes text)
{
    if (text.len == 0)
        return "must not be empty";
    if (text.len > PRODUCT_URL_MAX)
        return "must be 200 bytes at most";
    if (has_unfit(text))
        return "must not hold spaces, quotes, angle brackets, backslashes or control "
               "characters; write them percent-encoded";
    if (has_scheme(text, "https://"))
        return authority_fault(bytes_from(text, strlen("https://")));
    if (has_scheme(text, "http://"))
        return authority_fault(bytes_from(text, strlen("http://")));
    if (text.data[0] == '/' && !bytes_has_prefix(text, "//"))
        return NULL;
    return "must start with https:// or http://, or be a path like /shoes";
}
