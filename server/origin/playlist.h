/* GET of playlists, with blocking reload and delta updates (rfc8216bis 6.2.5). */
#ifndef ORIGIN_PLAYLIST_H
#define ORIGIN_PLAYLIST_H

#include "server/http/exchange.h"

void origin_playlist_multivariant(struct http_exchange *exchange, void *hub);
void origin_playlist_video(struct http_exchange *exchange, void *hub);
void origin_playlist_audio(struct http_exchange *exchange, void *hub);

#endif
