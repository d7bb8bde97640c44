/* GET of playlists, with blocking reload and delta updates (rfc8216bis 6.2.5). */
#ifndef ORIGIN_PLAYLIST_H
#define ORIGIN_PLAYLIST_H

#include "server/http/exchange.h"

void origin_playlist_multivariant(struct http_exchange *exchange, void *hub);
/* The path's last component names the rendition: "video1.m3u8". */
void origin_playlist_media(struct http_exchange *exchange, void *hub);

#endif
