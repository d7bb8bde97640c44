#include "server/origin/origin.h"

#include "packager/media/rendition_id.h"
#include "server/http/router.h"
#include "server/origin/events.h"
#include "server/origin/media.h"
#include "server/origin/pages.h"
#include "server/origin/playlist.h"
#include "server/origin/state.h"

enum { GET = 1u << HTTP_GET };

static const char *const media_playlists[RENDITIONS_MAX] = {
    "/live/{}/video.m3u8",  "/live/{}/audio.m3u8",  "/live/{}/video1.m3u8",
    "/live/{}/audio1.m3u8", "/live/{}/video2.m3u8", "/live/{}/audio2.m3u8",
    "/live/{}/video3.m3u8", "/live/{}/audio3.m3u8"};

void origin_add_routes(struct http_router *router, struct show_hub *hub)
{
    http_router_add(router, GET, "/live/{}/index.m3u8", 0, origin_playlist_multivariant,
                    hub);
    for (size_t i = 0; i < RENDITIONS_MAX; i++)
        http_router_add(router, GET, media_playlists[i], 0, origin_playlist_media, hub);
    http_router_add(router, GET, "/live/{}/{}/{}", 0, origin_media_get, hub);
    http_router_add(router, GET, "/live/{}/state", 0, origin_state_get, hub);
    http_router_add(router, GET, "/live/{}/events", 0, origin_events_get, hub);
    origin_pages_add_routes(router, hub);
}
