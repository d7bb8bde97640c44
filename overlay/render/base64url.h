/* base64url without padding (RFC 4648, section 5): letters, digits, - and _ only, so it
 * can stand in a playlist's quoted string whatever the bytes were. */
#ifndef RENDER_BASE64URL_H
#define RENDER_BASE64URL_H

#include "core/bytes.h"

struct builder;

void render_base64url_put(struct builder *out, struct bytes content);

#endif
