/* What encoders say about themselves in onMetaData. All of it is optional, and nothing of
 * it is believed but for words to people and for which tracks to wait. Pure. */
#ifndef RTMP_METADATA_H
#define RTMP_METADATA_H

#include "core/bytes.h"

struct rtmp_metadata;

/* content: the properties of the object or ECMA array. Broken ones end the reading. */
struct rtmp_metadata rtmp_metadata_read(struct bytes content);
/* Copies what is printable, cut to fit; out_size counts the NUL. */
void rtmp_metadata_printable(struct bytes text, char *out, size_t out_size);

#endif
