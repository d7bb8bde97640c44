/* Writing JSON strings (RFC 8259 7) into a builder. Reading is jansson's, in the rooms
 * that read. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/bytes.h"

struct builder;

/* "…" with quotes and escapes; U+2028/9 and '<' are escaped too, so that the text may
 * stand in a script or an event stream. Malformed UTF-8 becomes U+FFFD. */
void json_put_string(struct builder *out, struct bytes text);
void json_put_text(struct builder *out, const char *text); /* NULL: null */

#endif
