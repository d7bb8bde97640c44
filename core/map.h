/* Text to pointer, by open hashing. For the few tables that are looked up by name.
 *
 * Ownership: keys are copied; values stay the caller's.
 * Threads:   one at a time.
 * Limits:    none of its own; whoever adds on behalf of a peer has the limit. */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include "core/bytes.h"

struct map;

struct map *map_create(void);
void map_destroy(struct map *map);                       /* NULL: nothing */
void *map_find(const struct map *map, struct bytes key); /* NULL: not there */
/* Sets or replaces; value is not NULL. Returns the value replaced, or NULL. */
void *map_put(struct map *map, struct bytes key, void *value);
void *map_remove(struct map *map, struct bytes key); /* the value removed, or NULL */
size_t map_count(const struct map *map);
/* Walks in no order: start with *cursor 0; false at the end. The map must not be changed
 * meanwhile, except that the value just given may be removed. */
bool map_next(const struct map *map, size_t *cursor, struct bytes *ret_key,
              void **ret_value);

#endif
