#include "server/origin/origin.h"

#include "server/http/router.h"
#include "server/origin/events.h"
#include "server/origin/media.h"
#include "server/origin/pages.h"
#include "server/origin/playlist.h"
#include "server/origin/state.h"

enum { GET = 1u << HTTP_GET };

void origin_add_routes(struct http_router *router, struct show_hub *hub)
{
    http_router_add(router, GET, "/live/{}/index.m3u8", 0, origin_playlist_multivariant,
                    hub);
    http_router_add(router, GET, "/live/{}/video.m3u8", 0, origin_playlist_video, hub);
    http_router_add(router, GET, "/live/{}/audio.m3u8", 0, origin_playlist_audio, hub);
    http_router_add(router, GET, "/live/{}/{}/{}", 0, origin_media_get, hub);
    http_router_add(router, GET, "/live/{}/state", 0, origin_state_get, hub);
    http_router_add(router, GET, "/live/{}/events", 0, origin_events_get, hub);
    origin_pages_add_routes(router, hub);
}
