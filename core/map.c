#include "core/map.h"

#include <string.h>
#include <sys/random.h>

#include "core/alloc.h"
#include "core/require.h"

enum { MAP_FIRST_SLOTS = 16 };

/* Removed slots keep key NULL and dead true, so that probing goes on behind them. */
struct map_slot {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value;
    bool dead;
};

struct map {
    struct map_slot *slots;
    size_t n_slots; /* a power of two */
    size_t n_used;  /* live and dead */
    size_t n_live;
    uint64_t seed; /* a stranger who chooses keys cannot choose collisions */
};

/* FNV-1a from a random start, with the finaliser of MurmurHash3. */
static uint64_t hash_of(const struct map *map, struct bytes key)
{
    uint64_t hash = map->seed;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.data[i]) * 0x100000001b3ULL;
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdULL;
    hash ^= hash >> 33;
    return hash;
}

struct map *map_create(void)
{
    struct map *map = alloc_zero(sizeof *map);
    map->n_slots = MAP_FIRST_SLOTS;
    map->slots = alloc_array(map->n_slots, sizeof *map->slots);
    if (getrandom(&map->seed, sizeof map->seed, 0) != sizeof map->seed)
        map->seed = 0xcbf29ce484222325ULL;
    return map;
}

void map_destroy(struct map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->n_slots; i++)
        alloc_free(map->slots[i].key);
    alloc_free(map->slots);
    alloc_free(map);
}

static struct map_slot *find_slot(const struct map *map, struct bytes key,
                                  uint64_t hash)
{
    for (size_t i = hash & (map->n_slots - 1);; i = (i + 1) & (map->n_slots - 1)) {
        struct map_slot *slot = &map->slots[i];
        if (!slot->key && !slot->dead)
            return NULL;
        if (slot->key && slot->hash == hash &&
            bytes_equal(bytes_make(slot->key, slot->key_len), key))
            return slot;
    }
}

void *map_find(const struct map *map, struct bytes key)
{
    struct map_slot *slot = find_slot(map, key, hash_of(map, key));
    return slot ? slot->value : NULL;
}

static void insert(struct map *map, struct map_slot entry)
{
    size_t i = entry.hash & (map->n_slots - 1);
    while (map->slots[i].key || map->slots[i].dead)
        i = (i + 1) & (map->n_slots - 1);
    map->slots[i] = entry;
    map->n_used++;
    map->n_live++;
}

static void rehash(struct map *map)
{
    struct map_slot *old = map->slots;
    size_t n_old = map->n_slots;
    if (map->n_live * 4 >= map->n_slots)
        map->n_slots *= 2;
    map->slots = alloc_array(map->n_slots, sizeof *map->slots);
    map->n_used = map->n_live = 0;
    for (size_t i = 0; i < n_old; i++)
        if (old[i].key)
            insert(map, old[i]);
    alloc_free(old);
}

void *map_put(struct map *map, struct bytes key, void *value)
{
    require(value);
    uint64_t hash = hash_of(map, key);
    struct map_slot *slot = find_slot(map, key, hash);
    if (slot) {
        void *before = slot->value;
        slot->value = value;
        return before;
    }
    if ((map->n_used + 1) * 2 > map->n_slots)
        rehash(map);
    insert(map, (struct map_slot){.key = bytes_to_text(key),
                                  .key_len = key.len,
                                  .hash = hash,
                                  .value = value});
    return NULL;
}

void *map_remove(struct map *map, struct bytes key)
{
    struct map_slot *slot = find_slot(map, key, hash_of(map, key));
    if (!slot)
        return NULL;
    void *value = slot->value;
    alloc_free(slot->key);
    *slot = (struct map_slot){.dead = true};
    map->n_live--;
    return value;
}

size_t map_count(const struct map *map)
{
    return map->n_live;
}

bool map_next(const struct map *map, size_t *cursor, struct bytes *ret_key,
              void **ret_value)
{
    for (; *cursor < map->n_slots; ++*cursor) {
        const struct map_slot *slot = &map->slots[*cursor];
        if (!slot->key)
            continue;
        ++*cursor;
        if (ret_key)
            *ret_key = bytes_make(slot->key, slot->key_len);
        *ret_value = slot->value;
        return true;
    }
    return false;
}
