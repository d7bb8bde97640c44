/* How far two names are apart, for "did you mean". */
#ifndef CONF_DISTANCE_H
#define CONF_DISTANCE_H

#include "core/bytes.h"

enum { CONF_DISTANCE_MAX = 64 }; /* bytes of a name; longer ones are far from all */

/* Letters to insert, remove, replace or swap with their neighbour, upper and lower case
 * being the same (optimal string alignment). UINT_MAX when one is too long. */
unsigned conf_distance(struct bytes a, struct bytes b);
/* How far what was meant may be: a third of the letters, two at most. */
unsigned conf_distance_limit(struct bytes name);

#endif
