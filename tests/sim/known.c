#include "tests/sim/known.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/map.h"

struct item {
    char name[PLAYLIST_URI_MAX];
    size_t n_bufs;
    struct buf *bufs[HLS_RESOURCE_BUFS];
    int64_t gone_ms; /* when no playlist named it any more; 0: it is named */
};

struct known {
    struct map *items;
};

struct known *known_create(void)
{
    struct known *known = alloc_zero(sizeof *known);
    known->items = map_create();
    return known;
}

static void forget(struct known *known, struct item *item)
{
    (void)map_remove(known->items, bytes_text(item->name));
    for (size_t i = 0; i < item->n_bufs; i++)
        buf_unref(item->bufs[i]);
    alloc_free(item);
}

void known_destroy(struct known *known)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;
    while (map_next(known->items, &cursor, &key, &value))
        forget(known, value);
    map_destroy(known->items);
    alloc_free(known);
}

enum hls_found known_find(const struct snapshot *snapshot, const char *uri,
                          struct hls_resource *ret)
{
    struct bytes name = bytes_text(uri);
    struct bytes epoch;
    (void)bytes_cut(&name, '/', &epoch);
    return hls_snapshot_find(snapshot, epoch, name, ret);
}

static void learn(struct known *known, const char *uri,
                  const struct hls_resource *found)
{
    struct item *item = alloc_zero(sizeof *item);
    (void)snprintf(item->name, sizeof item->name, "%s", uri);
    item->n_bufs = found->n_bufs;
    for (size_t i = 0; i < found->n_bufs; i++)
        item->bufs[i] = buf_ref(found->bufs[i]);
    (void)map_put(known->items, bytes_text(uri), item);
}

bool known_is_same(struct known *known, const struct snapshot *snapshot,
                   const char *uri)
{
    struct hls_resource found;
    if (known_find(snapshot, uri, &found) != HLS_FOUND)
        return false;
    struct item *item = map_find(known->items, bytes_text(uri));
    if (!item) {
        learn(known, uri, &found);
        return true;
    }
    item->gone_ms = 0;
    if (item->n_bufs != found.n_bufs)
        return false;
    for (size_t i = 0; i < found.n_bufs; i++)
        if (item->bufs[i] != found.bufs[i]) /* held, so the address cannot be reused */
            return false;
    return true;
}

static bool is_named(const struct playlist *p, const char *uri)
{
    for (size_t i = 0; i < p->n_segments; i++) {
        const struct playlist_segment *s = &p->segments[i];
        if (strcmp(s->map, uri) == 0 || strcmp(s->uri, uri) == 0)
            return true;
        for (size_t j = 0; j < s->n_parts; j++)
            if (strcmp(s->parts[j].uri, uri) == 0)
                return true;
    }
    return false;
}

static int64_t keep_ms(const struct item *item, const struct playlist *now,
                       int64_t longest_ms)
{
    bool is_part = strchr(item->name, '.') != strrchr(item->name, '.');
    return is_part ? now->target_duration_s * 3000 : longest_ms;
}

bool known_is_kept(struct known *known, const struct snapshot *snapshot,
                   const struct playlist *now, int64_t longest_ms, int64_t now_ms)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;
    while (map_next(known->items, &cursor, &key, &value)) {
        struct item *item = value;
        struct hls_resource found;
        if (is_named(now, item->name)) {
            item->gone_ms = 0;
            continue;
        }
        if (item->gone_ms == 0)
            item->gone_ms = now_ms;
        if (now_ms - item->gone_ms >= keep_ms(item, now, longest_ms))
            forget(known, item);
        else if (known_find(snapshot, item->name, &found) != HLS_FOUND)
            return false;
    }
    return true;
}
