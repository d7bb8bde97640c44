/* Resources that a rendition's playlists have named: their bytes must never change, and
 * they must stay for as long as rfc8216bis 6.2.2 says.
 *
 * Ownership: create/destroy; holds references to the bytes. */
#ifndef TESTS_SIM_KNOWN_H
#define TESTS_SIM_KNOWN_H

#include "packager/hls/snapshot.h"
#include "tests/sim/playlist.h"

struct known;

struct known *known_create(void);
void known_destroy(struct known *known);

enum hls_found known_find(const struct snapshot *snapshot, const char *uri,
                          struct hls_resource *ret);
/* It is there, and what it was when it was first named. */
bool known_is_same(struct known *known, const struct snapshot *snapshot,
                   const char *uri);
/* After everything that the snapshot's playlist names was looked at: what it names no
 * more is still there, a segment for longest_ms, a part for three target durations. */
bool known_is_kept(struct known *known, const struct snapshot *snapshot,
                   int64_t longest_ms, int64_t now_ms);

#endif
