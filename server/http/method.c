#include "server/http/method.h"

static const char *const names[HTTP_METHODS] = {
    [HTTP_GET] = "GET",        [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",        [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS"};

bool http_method_parse(struct bytes token, enum http_method *ret_method)
{
    for (unsigned i = 0; i < HTTP_METHODS; i++) {
        if (bytes_equal_text(token, names[i])) {
            *ret_method = (enum http_method)i;
            return true;
        }
    }
    return false;
}

const char *http_method_text(enum http_method method)
{
    return names[method];
}
