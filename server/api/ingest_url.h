/* Where a publisher sends to, as encoders and phone apps want to be told.
 *
 * base is "http://host:port" of the client that asks; its host is where publishers go. */
#ifndef API_INGEST_URL_H
#define API_INGEST_URL_H

#include "server/show/hub.h"

struct builder;

enum { API_INGEST_URL_MAX = 512 }; /* a host of 253 letters and a key */

/* "rtmp://host/live", with the port when it is not the usual one. */
void api_ingest_url_print(const struct show_hub *hub, const char *base,
                          struct builder *out);
/* "rtmps://host:port/live"; false, and nothing written: RTMPS is off. */
bool api_ingest_url_print_secure(const struct show_hub *hub, const char *base,
                                 struct builder *out);
/* One text for apps that take server and key together: by RTMPS where there is. */
void api_ingest_url_print_whole(const struct show_hub *hub, const char *base,
                                const char *key, struct builder *out);
/* The same as a link that sets up Larix Broadcaster and apps that read its links (the
 * "Grove" form): a connection named title, in place of one that had the name. */
void api_ingest_url_print_larix(const struct show_hub *hub, const char *base,
                                const char *key, const char *title,
                                struct builder *out);

#endif
