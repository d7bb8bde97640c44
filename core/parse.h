/* Numbers and durations from text. Whole text or nothing: no signs, spaces or
 * leading extras are taken. False leaves the result untouched. */
#ifndef CORE_PARSE_H
#define CORE_PARSE_H

#include "core/bytes.h"

bool parse_u64(struct bytes text, uint64_t *ret);
/* With an optional minus. */
bool parse_i64(struct bytes text, int64_t *ret);
/* "334ms", "2s", "1.5s", "5m", "2h": a unit is demanded. */
bool parse_duration_ms(struct bytes text, int64_t *ret_ms);

#endif
