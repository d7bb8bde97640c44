#include "server/http/peers.h"

#include <string.h>

#include "core/alloc.h"
#include "core/bytes.h"
#include "core/map.h"
#include "core/require.h"

struct http_peers {
    unsigned connections_max;
    struct map *entries; /* address without port to struct entry */
};

struct entry {
    unsigned n;
};

struct http_peers *http_peers_create(unsigned connections_max)
{
    struct http_peers *peers = alloc_zero(sizeof *peers);
    peers->connections_max = connections_max;
    peers->entries = map_create();
    return peers;
}

void http_peers_destroy(struct http_peers *peers)
{
    if (!peers)
        return;
    size_t cursor = 0;
    struct bytes address;
    void *entry;
    while (map_next(peers->entries, &cursor, &address, &entry))
        alloc_free(entry);
    map_destroy(peers->entries);
    alloc_free(peers);
}

/* "192.0.2.1" of "192.0.2.1:5000". */
static struct bytes address_of(const char *peer)
{
    const char *colon = strrchr(peer, ':');
    return colon ? bytes_make(peer, (size_t)(colon - peer)) : bytes_text(peer);
}

static bool is_exempt(struct bytes address)
{
    return bytes_has_prefix(address, "127.") || bytes_equal_text(address, "[::1]") ||
           bytes_equal_text(address, "local");
}

bool http_peers_enter(struct http_peers *peers, const char *peer)
{
    struct bytes address = address_of(peer);
    if (is_exempt(address))
        return true;
    struct entry *entry = map_find(peers->entries, address);
    if ((entry ? entry->n : 0) >= peers->connections_max)
        return false;
    if (!entry) {
        entry = alloc_zero(sizeof *entry);
        (void)map_put(peers->entries, address, entry);
    }
    entry->n++;
    return true;
}

void http_peers_leave(struct http_peers *peers, const char *peer)
{
    struct bytes address = address_of(peer);
    if (is_exempt(address))
        return;
    struct entry *entry = map_find(peers->entries, address);
    require(entry);
    if (--entry->n == 0)
        alloc_free(map_remove(peers->entries, address));
}
