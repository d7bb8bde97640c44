#include "server/hook/address.h"

#include <string.h>

#include "core/alloc.h"

char *hook_address_mask(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + strlen("://") : url;
    size_t scheme_len = (size_t)(host - url);
    size_t authority_len = strcspn(host, "/?#");
    /* The last @: a password may have one that nobody has escaped. */
    for (size_t i = authority_len; i > 0; i--) {
        if (host[i - 1] != '@')
            continue;
        host += i;
        break;
    }
    size_t rest_len = strcspn(host, "/?#");
    char *masked = alloc_array(1, scheme_len + rest_len + 1);
    memcpy(masked, url, scheme_len);
    memcpy(masked + scheme_len, host, rest_len);
    return masked;
}
