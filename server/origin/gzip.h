/* Playlists packed once for everybody who takes gzip (RFC 1952). zlib lives here. */
#ifndef ORIGIN_GZIP_H
#define ORIGIN_GZIP_H

#include "core/bytes.h"

struct buf;

/* NULL when it could not be packed. */
struct buf *origin_gzip_pack(struct bytes plain);

#endif
