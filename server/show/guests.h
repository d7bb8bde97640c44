/* Guests: publishers that feed another show than the one of their key, because the shop
 * said so. The key stays that of its own show, its home: used once, revoked and sent away
 * there as ever. What happens to it reaches the guest on whatever loop it is, and what the
 * guest does with it is told to the home.
 *
 * Ownership: a guest is counted: its publisher has it, and the hub of its home, which
 *   forgets it when its publisher has.
 * Threads:   hearing and unref from any; the rest on the loop of the hub or show given.
 * Limits:    one for each publisher. */
#ifndef SHOW_GUESTS_H
#define SHOW_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/show/record.h"

struct show_guest;
struct show_hub;
struct show_passport;

/* One that is to leave home, the hub of its key's show, for another loop. */
struct show_guest *show_guests_add(struct show_hub *home, const uint8_t *key_hash);
void show_guests_hear(struct show_guest *guest, int64_t now_ms); /* NULL: nothing */
void show_guests_unref(struct show_guest *guest);                /* NULL: nothing */
/* One with the key of this hash is on another loop, or is to go there, and its media
 * flows. */
bool show_guests_are_busy(struct show_hub *home, const uint8_t *key_hash,
                          int64_t now_ms);
void show_guests_forget_all(struct show_hub *home);

/* The record is another one, now NULL: gone. Guests here with a key that was revoked by
 * it, or went with it, are cut. */
void show_guests_follow(struct show_hub *hub, const struct show_record *before,
                        const struct show_record *now);
/* All with the key of this hash are cut, on every other loop too; as
 * show_publishers_cut_key(). */
void show_guests_cut_key(struct show_hub *hub, const uint8_t *key_hash,
                         const char *but_session, const char *sentence);
/* The home of the guest's key refuses it for a while; reason as show_key_use_cool(). */
void show_guests_cool(struct show_hub *hub, const struct show_passport *guest,
                      const char *reason);

#endif
