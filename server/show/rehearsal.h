/* Rehearsals: a show's shadow under an id of its own, "{id}~{letters}", in which all is as
 * in the show: playlists, cues, events, the watch page. Encoders that publish with
 * ?test=1, or while the show's switch says so, play there. Nothing of it is public but for
 * whoever has the address, nothing is kept, nobody outside is told.
 *
 * The letters are made of the server's secret and the id, so they need no place, and stay
 * the same; letters that are not the show's are an unknown show.
 *
 * The shadow lives on the show's loop (show_hub_owner() looks at what is before the '~'),
 * which is why an encoder can change from one to the other without a new connection.
 *
 * Ownership: the shadow is the hub's, made when somebody first looks or plays.
 * Threads:   as said. */
#ifndef SHOW_REHEARSAL_H
#define SHOW_REHEARSAL_H

#include "server/show/show.h"

struct log;

/* id: SHOW_PUBLIC_ID_MAX + 1 bytes. Any thread, once the secret is there. */
void show_rehearsal_print_id(const struct show_house *house, const char *show,
                             char *ret_id);
bool show_rehearsal_is_id(struct bytes id);
/* The show that the id belongs to: what is before the '~'; of other ids, the id. */
struct bytes show_rehearsal_show(struct bytes id);
/* The log of a show or a rehearsal, without the letters: whoever reads logs shall not come
 * to the preview by them. log_destroy(). */
struct log *show_rehearsal_log(const struct log *parent, const char *any_id);
/* The shadow's record: the show's texts under the shadow's id, without its past. */
struct show_record *show_rehearsal_record(const struct show_house *house,
                                          const struct show_record *record);

/* On the show's loop: the encoders that rehearse go on air, without a new connection, and
 * the rehearsal is over. The public playlists begin with their next key frame.
 * ERR_CONFLICT: nobody rehearses. */
int show_rehearsal_go_live(struct show *show, struct err *err);

#endif
