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
    int64_t gone_ms;  /* when no playlist named it any more; 0: it is named */
    uint64_t version; /* of the snapshot that named it last */
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

static struct item *learn(struct known *known, const char *uri,
                          const struct hls_resource *found)
{
    struct item *item = alloc_zero(sizeof *item);
    (void)snprintf(item->name, sizeof item->name, "%s", uri);
    item->n_bufs = found->n_bufs;
    for (size_t i = 0; i < found->n_bufs; i++)
        item->bufs[i] = buf_ref(found->bufs[i]);
    (void)map_put(known->items, bytes_text(uri), item);
    return item;
}

bool known_is_same(struct known *known, const struct snapshot *snapshot,
                   const char *uri)
{
    struct hls_resource found;
    if (known_find(snapshot, uri, &found) != HLS_FOUND)
        return false;
    struct item *item = map_find(known->items, bytes_text(uri));
    if (!item)
        item = learn(known, uri, &found);
    item->gone_ms = 0;
    item->version = snapshot->version;
    if (item->n_bufs != found.n_bufs)
        return false;
    for (size_t i = 0; i < found.n_bufs; i++)
        if (item->bufs[i] != found.bufs[i]) /* held, so the address cannot be reused */
            return false;
    return true;
}

static int64_t keep_ms(const struct item *item, int64_t target_duration_ms,
                       int64_t longest_ms)
{
    bool is_part = strchr(item->name, '.') != strrchr(item->name, '.');
    return is_part ? 3 * target_duration_ms : longest_ms;
}

bool known_is_kept(struct known *known, const struct snapshot *snapshot,
                   int64_t longest_ms, int64_t now_ms)
{
    int64_t target_duration_ms = (int64_t)snapshot->target_duration_s * 1000;
    size_t cursor = 0;
    struct bytes key;
    void *value;
    while (map_next(known->items, &cursor, &key, &value)) {
        struct item *item = value;
        struct hls_resource found;
        if (item->version == snapshot->version)
            continue;
        if (item->gone_ms == 0)
            item->gone_ms = now_ms;
        if (now_ms - item->gone_ms >= keep_ms(item, target_duration_ms, longest_ms))
            forget(known, item);
        else if (known_find(snapshot, item->name, &found) != HLS_FOUND)
            return false;
    }
    return true;
}
