/* Where a publisher wants to go: the parts of connect and publish put together by the rule
 * of docs/INGEST.md. Pure. */
#ifndef RTMP_ADDRESS_H
#define RTMP_ADDRESS_H

#include "core/bytes.h"

struct rtmp_publish;

enum { RTMP_ADDRESS_PARAMS_MAX = 64 }; /* of the query; further ones are left away */

/* Without what people paste around an address: spaces, quotes, slashes. */
struct bytes rtmp_address_trim(struct bytes text);
/* Fills app, key and query of ret_publish with text from alloc_*. app and name may have a
 * query; of tc_url only the query is used. */
void rtmp_address_read(struct bytes tc_url, struct bytes app, struct bytes name,
                       struct rtmp_publish *ret_publish);

#endif
