/* Every publisher's figures as Prometheus text, for /metrics of the admin listener: one
 * time series of each kind for a show, named by its public id.
 *
 * Threads: the loop's of the hub that is given; reads views only.
 * Limits:  PUBLISHERS_LISTED_MAX shows are listed, those that have published for longest,
 *   so that series do not come and go with the crowd; what is left out is counted, and the
 *   totals are of all. */
#ifndef PUBLISHERS_H
#define PUBLISHERS_H

#include <stddef.h>

struct builder;
struct show_hub;

/* Some 30 series each: Prometheus is at home with ten thousand from one target. */
enum { PUBLISHERS_LISTED_MAX = 200 };

/* listed_max: PUBLISHERS_LISTED_MAX. */
void server_publishers_print(const struct show_hub *hub, size_t listed_max,
                             struct builder *out);

#endif
