/* The files of the pages that people see, embedded in the program: bundled, named by
 * their content and compressed when it was built.
 *
 * Ownership: everything is constant and lives as long as the program.
 * Threads:   any.
 *
 * An answer sends mime as Content-Type, etag as ETag, cache_control as Cache-Control,
 * csp (where it is not NULL) as Content-Security-Policy, "Vary: Accept-Encoding", and
 * beside them "X-Content-Type-Options: nosniff"; /player/ and /assets/ also with
 * "Access-Control-Allow-Origin: *", for shops that load them from their own pages. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "core/bytes.h"

enum web_page {
    WEB_PAGE_NONE,  /* not a page: script, style, picture */
    WEB_PAGE_START, /* / */
    WEB_PAGE_WATCH, /* /watch/{show} */
    WEB_PAGE_HOST,  /* /host/{show} */
};

struct web_asset {
    const char *path; /* "/assets/watch-0f3c….css"; of a page with a show: "/watch/" */
    const char *mime;
    const char *etag; /* weak, as both encodings share it: W/"…" */
    const char *cache_control;
    const char *csp; /* NULL where it is not a page */
    enum web_page page;
    bool immutable; /* the path carries a hash of the content */
    struct bytes identity;
    struct bytes gzip; /* empty where compression does not help */
};

/* What the path of a request (without its query) names: an embedded file, or the page for
 * "/", "/watch/{show}" and "/host/{show}" whatever the show. NULL: nothing of ours. */
const struct web_asset *web_assets_find(struct bytes path);

/* The asset at index, for tests and for whoever lists them; NULL behind the last. */
const struct web_asset *web_assets_at(size_t index);

#endif
