/* One publisher's connection: a socket and an RTMP session, which knows nothing of each
 * other. It starts on the loop that accepted it and moves, session and socket, to the
 * loop where its show lives, once its key names the show.
 *
 * Ownership: lives by itself from accept to close; the hub keeps a list.
 * Threads:   the loop's that has it. */
#ifndef SHOW_PUBLISHER_H
#define SHOW_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>

#include "server/show/admission.h"

struct loop_parcel;
struct show;
struct show_hub;
struct show_line_figures;
struct show_passport;
struct show_publisher;
struct show_replay;

enum {
    PUBLISHERS_PER_HUB_MAX = 2000, /* connections of one loop, accepted or not */
};

/* Takes the connection. */
void show_publisher_accept(struct show_hub *hub, struct loop_parcel *parcel);
/* Ends it with NetStream.Publish.BadName and the sentence (ASCII); the show lets go of it
 * at once, the socket closes when the words are out. */
void show_publisher_cut(struct show_publisher *publisher, const char *sentence);
void show_publisher_cut_all(struct show_hub *hub);

/* The same for all that publish with the key of this hash. */
void show_publisher_cut_key(struct show_hub *hub, const uint8_t *key_hash,
                            const char *sentence);
/* Another session than this one publishes with the key, and its media flows. */
bool show_publisher_is_busy(const struct show_hub *hub, const uint8_t *key_hash,
                            const char *session);

/* What whoever was asked says about the publisher of that number; words (ASCII) are for
 * a refusal. False, and nothing happens, when that publisher is gone, or waits no more. */
bool show_publisher_answer(struct show_hub *hub, const char *session, bool allowed,
                           const char *words);
/* It goes from a rehearsal, which has let go of it, to its show, and has that role there. */
void show_publisher_move_to(struct show_publisher *publisher, struct show *show,
                            enum show_role role);
/* What it has said; from its accept on. */
struct show_replay *show_publisher_replay(const struct show_publisher *publisher);
/* No media for a while: the encoder is gone, or in trouble. */
bool show_publisher_is_quiet(const struct show_publisher *publisher);
/* What its connection has carried so far. */
void show_publisher_measure(const struct show_publisher *publisher,
                            struct show_line_figures *ret);
/* Who it is; from its accept on. Valid as long as the publisher is. */
const struct show_passport *
show_publisher_passport(const struct show_publisher *publisher);

#endif
