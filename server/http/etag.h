/* Comparing entity tags (RFC 9110 8.8.3.2, 13.1). */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include "core/bytes.h"

/* If-None-Match: "*", or a list that has the tag, compared weakly. */
bool http_etag_is_listed(struct bytes header, const char *etag);
/* If-Range: the same strong tag. A date never matches: we give no Last-Modified. */
bool http_etag_is_same(struct bytes header, const char *etag);

#endif
