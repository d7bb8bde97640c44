#include "server/api/memory.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/list.h"
#include "core/map.h"
#include "core/require.h"
#include "server/auth/secret.h"
#include "server/show/record.h"

enum { NAME_MAX_LEN = SHOW_PUBLIC_ID_MAX + MEMORY_KEY_MAX + 2 };

struct record {
    struct list link; /* api_memory.records, oldest first */
    char name[NAME_MAX_LEN];
    uint8_t body[AUTH_HASH_SIZE];
    int status;
    struct buf *json;    /* NULL: being worked on */
    struct list waiters; /* api_memory_waiter.link, while it is */
};

struct api_memory {
    struct map *by_name;
    struct list records; /* record.link */
};

struct api_memory *api_memory_create(void)
{
    struct api_memory *memory = alloc_zero(sizeof *memory);
    memory->by_name = map_create();
    list_init(&memory->records);
    return memory;
}

static void forget(struct api_memory *memory, struct record *record)
{
    require(list_is_empty(&record->waiters));
    map_remove(memory->by_name, bytes_text(record->name));
    list_remove(&record->link);
    buf_unref(record->json);
    alloc_free(record);
}

void api_memory_destroy(struct api_memory *memory)
{
    if (!memory)
        return;
    list_for_each_safe (node, &memory->records) {
        forget(memory, container_of(node, struct record, link));
    }
    map_destroy(memory->by_name);
    alloc_free(memory);
}

static void make_name(const char *scope, const char *key, char out[NAME_MAX_LEN])
{
    (void)snprintf(out, NAME_MAX_LEN, "%s/%s", scope, key);
}

/* The oldest that is answered; what is worked on must be found again. */
static void forget_oldest(struct api_memory *memory)
{
    list_for_each (node, &memory->records) {
        struct record *record = container_of(node, struct record, link);
        if (record->json) {
            forget(memory, record);
            return;
        }
    }
}

enum api_memory_found api_memory_begin(struct api_memory *memory, const char *scope,
                                       const char *key, struct bytes body,
                                       struct api_memory_waiter *waiter,
                                       int *ret_status, struct buf **ret_json)
{
    char name[NAME_MAX_LEN];
    uint8_t hash[AUTH_HASH_SIZE];
    make_name(scope, key, name);
    auth_secret_sha256(body, hash);
    struct record *known = map_find(memory->by_name, bytes_text(name));
    if (known && memcmp(known->body, hash, sizeof hash) != 0)
        return API_MEMORY_OTHER;
    if (known && !known->json) {
        list_push(&known->waiters, &waiter->link);
        return API_MEMORY_WORKING;
    }
    if (known) {
        *ret_status = known->status;
        *ret_json = buf_ref(known->json);
        return API_MEMORY_KNOWN;
    }
    if (map_count(memory->by_name) >= MEMORY_RECORDS_MAX)
        forget_oldest(memory);
    struct record *record = alloc_zero(sizeof *record);
    memcpy(record->name, name, sizeof record->name);
    memcpy(record->body, hash, sizeof hash);
    list_init(&record->waiters);
    list_push(&memory->records, &record->link);
    map_put(memory->by_name, bytes_text(name), record);
    return API_MEMORY_NEW;
}

void api_memory_end(struct api_memory *memory, const char *scope, const char *key,
                    int status, struct buf *json)
{
    char name[NAME_MAX_LEN];
    make_name(scope, key, name);
    struct record *record = map_find(memory->by_name, bytes_text(name));
    if (!record)
        return;
    struct list waiters;
    list_init(&waiters);
    list_splice(&waiters, &record->waiters);
    record->status = status;
    record->json = buf_ref(json);
    if (!json)
        forget(memory, record);
    for (struct list *link; (link = list_shift(&waiters));) {
        struct api_memory_waiter *waiter =
            container_of(link, struct api_memory_waiter, link);
        waiter->wake(waiter);
    }
}
