/* Wall clock times as text: ISO 8601 / RFC 3339 in UTC with milliseconds, as
 * EXT-X-PROGRAM-DATE-TIME and the logs write them: 2026-11-22T18:00:00.123Z. */
#ifndef CORE_ISO8601_H
#define CORE_ISO8601_H

#include "core/bytes.h"

enum { ISO8601_MAX = 32 }; /* with the NUL */

/* Years 0 to 9999; times outside are clamped. Returns out. */
const char *iso8601_print(int64_t wall_ms, char out[ISO8601_MAX]);
/* Takes what print gives, fractions of 0 to 9 digits, and offsets +hh:mm. */
bool iso8601_parse(struct bytes text, int64_t *ret_wall_ms);

#endif
