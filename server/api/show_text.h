/* A show as the API gives it. */
#ifndef API_SHOW_TEXT_H
#define API_SHOW_TEXT_H

#include "server/show/hub.h"

struct builder;

/* base: "http://host:port". key: the new stream key, which makes host_url appear too;
 * NULL: neither. */
void api_show_text_print(const struct show_hub *hub, const struct show_record *record,
                         const char *base, const char *key, struct builder *out);

#endif
