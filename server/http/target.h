/* The request target (RFC 9112 3.2): origin form, absolute form of which the authority is
 * dropped, or "*" for OPTIONS. The path comes out decoded and safe to match on. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "server/http/fault.h"
#include "server/http/request.h"

struct builder;

/* Sets request->path and query; they point into raw, or into storage when something had
 * to be decoded. An encoded slash, a control character, bytes that are no UTF-8 and dot
 * segments are refused with 400: no client of ours sends them, and each has misled some
 * server. */
bool http_target_parse(struct bytes raw, struct builder *storage,
                       struct http_request *request, struct http_fault *fault);

#endif
