/* The one owner of the directory: every change of shows and products goes through here,
 * on hub 0. A change is in force at once on all loops; it is acknowledged (done) when the
 * store has committed it, and taken back when the store cannot, unless nobody waits.
 *
 * Ownership: create/destroy.
 * Threads:   hub 0's loop, except show_registry_keep(). */
#ifndef SHOW_REGISTRY_H
#define SHOW_REGISTRY_H

#include "server/show/hub.h"

struct show_registry;

/* error 0: committed; otherwise all is as before. Runs on hub 0's loop, later. */
typedef void (*show_registry_done_fn)(void *ctx, int error, const struct err *err);

struct show_registry *show_registry_create(struct show_hub *hub);
void show_registry_destroy(struct show_registry *registry); /* NULL: nothing */

/* What the store had, before the loops run; then share once. */
void show_registry_load_show(struct show_registry *registry,
                             const struct store_show *row);
int show_registry_load_product(struct show_registry *registry, const char *sku,
                               const char *json, struct err *err);
void show_registry_share(struct show_registry *registry);

/* done NULL: nobody waits. References stay the caller's. */
void show_registry_put_show(struct show_registry *registry, struct show_record *record,
                            show_registry_done_fn done, void *ctx);
void show_registry_delete_show(struct show_registry *registry, struct bytes id,
                               show_registry_done_fn done, void *ctx);
void show_registry_put_product(struct show_registry *registry, struct product *product,
                               show_registry_done_fn done, void *ctx);
void show_registry_delete_product(struct show_registry *registry, struct bytes sku,
                                  show_registry_done_fn done, void *ctx);

/* What a live show wants kept with its record. */
struct show_packaging {
    struct packager_constants constants;
    uint64_t next_msn, next_discontinuity;
    int64_t ended_ms;
    int64_t live_since_ms; /* 0: is not live */
};
/* From any loop. */
void show_registry_keep(struct show_house *house, const struct show_record *record,
                        struct show_packaging packaging);
/* The show is off the air for good: one-time keys used until now are used up. From any
 * loop. */
void show_registry_end_run(struct show_house *house, const struct show_record *record);
/* Its encoders play in public again. From any loop. */
void show_registry_end_rehearsal(struct show_house *house,
                                 const struct show_record *record);

#endif
