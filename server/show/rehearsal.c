#include "server/show/rehearsal.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/log.h"
#include "core/map.h"
#include "core/require.h"
#include "server/show/publisher.h"
#include "server/show/registry.h"

enum { LETTERS = SHOW_PUBLIC_ID_MAX - SHOW_ID_MAX - 1, TOKEN_LEN = 6 };
_Static_assert(LETTERS + TOKEN_LEN <= AUTH_HASH_SIZE,
               "a letter takes a byte of the mac");

/* Letters of the show's mac, from its byte first on. */
static void print_letters(const struct show_house *house, const char *show,
                          size_t first, size_t n, char *ret_letters)
{
    /* Without look-alikes, as all that people may have to type. */
    static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
    uint8_t mac[AUTH_HASH_SIZE];
    char what[sizeof "preview:" + SHOW_ID_MAX];
    /* No id has a colon: it is the mac of nothing else. */
    (void)snprintf(what, sizeof what, "preview:%s", show);
    auth_secret_hmac_sha256(bytes_make(house->keys.secret, sizeof house->keys.secret),
                            bytes_text(what), mac);
    for (size_t i = 0; i < n; i++)
        ret_letters[i] = alphabet[mac[first + i] % (sizeof alphabet - 1)];
    ret_letters[n] = '\0';
}

void show_rehearsal_print_id(const struct show_house *house, const char *show,
                             char *ret_id)
{
    char letters[LETTERS + 1];
    print_letters(house, show, 0, LETTERS, letters);
    int n = snprintf(ret_id, SHOW_PUBLIC_ID_MAX + 1, "%s~%s", show, letters);
    require(n > 0 && n <= SHOW_PUBLIC_ID_MAX);
}

bool show_rehearsal_is_id(struct bytes id)
{
    return bytes_index(id, 0, '~') < id.len;
}

struct bytes show_rehearsal_show(struct bytes id)
{
    return bytes_first(id, bytes_index(id, 0, '~'));
}

struct log *show_rehearsal_log(const struct log *parent, const char *any_id)
{
    struct bytes id = bytes_text(any_id);
    char *show = bytes_to_text(show_rehearsal_show(id));
    struct log *log =
        log_child(parent, show_rehearsal_is_id(id) ? "rehearsal" : "show", show);
    alloc_free(show);
    return log;
}

struct show_record *show_rehearsal_record(const struct show_house *house,
                                          const struct show_record *record)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    char token[TOKEN_LEN + 1];
    struct store_show row = record->row;
    show_rehearsal_print_id(house, record->row.id, id);
    /* Cues carry it into recordings: it is none of the letters that open the preview. */
    print_letters(house, record->row.id, LETTERS, TOKEN_LEN, token);
    row.id = id;
    row.token = token;
    row.part_target_ms = row.target_duration_s = 0;
    row.wall_anchor_ms = row.ended_ms = 0;
    row.next_msn = 1;
    row.next_discontinuity = 0;
    return show_record_create(&row);
}

static struct show *find_shadow(const struct show *show)
{
    char id[SHOW_PUBLIC_ID_MAX + 1];
    show_rehearsal_print_id(show->hub->house, show->record->row.id, id);
    return map_find(show->hub->shows, bytes_text(id));
}

int show_rehearsal_go_live(struct show *show, struct err *err)
{
    struct show *shadow = find_shadow(show);
    if (!shadow || !shadow->publisher)
        return err_set(err, ERR_CONFLICT, "Nobody rehearses this show.");
    struct show_publisher *publisher = shadow->publisher;
    struct show_publisher *standby = shadow->standby.publisher;
    log_info(show->log, "the rehearsal goes live");
    show_release(shadow);
    memcpy(show->rehearsed_key, show_publisher_passport(publisher)->key_hash,
           sizeof show->rehearsed_key);
    show->closed_until_ms = 0;
    /* Whatever they were in the rehearsal: who was seen there is seen here. */
    show_publisher_move_to(publisher, show, SHOW_ROLE_PRIMARY);
    if (standby)
        show_publisher_move_to(standby, show, SHOW_ROLE_BACKUP);
    if (show->record->row.rehearsal)
        show_registry_end_rehearsal(show->hub->house, show->record);
    return 0;
}
