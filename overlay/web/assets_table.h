/* What the build writes for assets.c: the table of all embedded files, by path, and the
 * header values that its rows point to. */
#ifndef WEB_ASSETS_TABLE_H
#define WEB_ASSETS_TABLE_H

#include "overlay/web/assets.h"

#define WEB_CACHE_IMMUTABLE "public, max-age=31536000, immutable"
/* Kept, but asked about each time: a new version of the program shows at once. */
#define WEB_CACHE_REVALIDATE "no-cache"

/* Only our own files run and connect. Pictures of products come from the shop's hosts;
 * media goes through blob: (Media Source) and hls.js makes a data: text track. */
#define WEB_CSP_BASE                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " \
    "img-src 'self' https: http: data: blob:; media-src 'self' blob: data:; "       \
    "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; "               \
    "form-action 'none'; "
/* A shop may put the viewer's page into its own; nothing in it acts for a viewer. */
#define WEB_CSP_WATCH WEB_CSP_BASE "frame-ancestors *"
/* The console acts with the host's token: no other page may lay itself over it. */
#define WEB_CSP_HOST WEB_CSP_BASE "frame-ancestors 'none'"
#define WEB_CSP_START WEB_CSP_BASE "frame-ancestors 'none'"

extern const struct web_asset web_asset_table[];
extern const size_t web_asset_count;

#endif
