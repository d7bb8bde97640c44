#include "overlay/names.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/map.h"
#include "core/parse.h"
#include "core/require.h"

/* A number that a host chose above this is not counted on from: no show gets there. */
static const uint32_t INVENTED_MAX = 1000000000;

struct name {
    uint32_t aired;    /* highest revision in the journal; 0: none */
    uint32_t promised; /* highest revision that any cue was given */
    uint32_t n_waiting;
};

struct overlay_names {
    struct map *map;        /* card to struct name */
    uint32_t last_invented; /* n of the last card named "c<n>" */
};

struct overlay_names *overlay_names_create(void)
{
    struct overlay_names *names = alloc_zero(sizeof *names);
    names->map = map_create();
    return names;
}

void overlay_names_destroy(struct overlay_names *names)
{
    if (!names)
        return;
    size_t cursor = 0;
    void *name;
    while (map_next(names->map, &cursor, NULL, &name))
        alloc_free(name);
    map_destroy(names->map);
    alloc_free(names);
}

static struct name *find(const struct overlay_names *names, const char *card)
{
    return map_find(names->map, bytes_text(card));
}

static struct name *need(struct overlay_names *names, const char *card)
{
    struct name *name = find(names, card);
    if (!name) {
        name = alloc_zero(sizeof *name);
        (void)map_put(names->map, bytes_text(card), name);
    }
    return name;
}

uint32_t overlay_names_promise(struct overlay_names *names, const char *card)
{
    struct name *name = need(names, card);
    name->n_waiting++;
    return ++name->promised;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

uint32_t overlay_names_air(struct overlay_names *names, const char *card,
                           uint32_t promised)
{
    struct name *name = find(names, card);
    require(name && name->n_waiting > 0);
    name->n_waiting--;
    name->aired = larger(promised, name->aired + 1);
    name->promised = larger(name->promised, name->aired);
    return name->aired;
}

static void drop_unused(struct overlay_names *names, const char *card)
{
    struct name *name = find(names, card);
    if (name->aired == 0 && name->n_waiting == 0)
        alloc_free(map_remove(names->map, bytes_text(card)));
}

void overlay_names_forget(struct overlay_names *names, const char *card)
{
    struct name *name = find(names, card);
    require(name && name->n_waiting > 0);
    name->n_waiting--;
    drop_unused(names, card);
}

/* A number behind a "c" is taken, whoever chose it. */
static void mark_invented(struct overlay_names *names, const char *card)
{
    uint64_t n;
    if (card[0] == 'c' && parse_u64(bytes_text(card + 1), &n) && n <= INVENTED_MAX &&
        n > names->last_invented)
        names->last_invented = (uint32_t)n;
}

void overlay_names_restore(struct overlay_names *names, const char *card,
                           uint32_t revision, bool aired, bool cancelled)
{
    struct name *name = need(names, card);
    mark_invented(names, card);
    name->promised = larger(name->promised, revision);
    if (aired)
        name->aired = larger(name->aired, revision);
    else if (!cancelled)
        name->n_waiting++;
    drop_unused(names, card);
}

void overlay_names_invent(struct overlay_names *names, char ret[OVERLAY_CARD_MAX + 1])
{
    do
        (void)snprintf(ret, OVERLAY_CARD_MAX + 1, "c%" PRIu32, ++names->last_invented);
    while (find(names, ret));
}
