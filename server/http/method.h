/* The methods this server knows (RFC 9110 9; PATCH is RFC 5789). */
#ifndef HTTP_METHOD_H
#define HTTP_METHOD_H

#include "server/http/request.h"

enum { HTTP_METHODS = HTTP_OPTIONS + 1, HTTP_METHOD_LEN_MAX = 7 };

bool http_method_parse(struct bytes token, enum http_method *ret_method);
const char *http_method_text(enum http_method method);

#endif
