/* What a show sells, as far as the shop changes it while the show is on.
 *
 * Threads: the show's loop. */
#ifndef SHOW_WARES_H
#define SHOW_WARES_H

#include <stddef.h>

struct product;
struct show;

/* These products are new or changed: tells viewers what matters to them. */
void show_wares_changed(struct show *show, struct product *const *products,
                        size_t n_products);
/* There is something to sell now, or no more: a draft gets ready, or back. */
void show_wares_stock_changed(struct show *show);

#endif
