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

struct list;
struct loop_parcel;
struct show;
struct show_hub;
struct show_line_figures;
struct show_passport;
struct show_publisher;
struct show_replay;
struct show_terms_watch;
struct show_transfer;

enum {
    PUBLISHERS_PER_HUB_MAX = 2000, /* connections of one loop, accepted or not */
    PUBLISHER_QUIET_MS = 2000, /* without media: the encoder is gone, or in trouble */
};

/* Takes the connection of somebody who has just come. With a sentence, or above
 * PUBLISHERS_PER_HUB_MAX, that one is told so as soon as it connects, and goes. */
void show_publisher_begin(struct show_hub *hub, struct loop_parcel *parcel,
                          const char *sentence);
/* Takes what comes from another loop, and decides its publish here. */
void show_publisher_arrive(struct show_transfer *transfer);
/* The one that has this link in its hub's list. */
struct show_publisher *show_publisher_of(struct list *link);

/* Ends it with NetStream.Publish.BadName and the sentence (ASCII); the show has let go of
 * it, the socket closes when the words are out. */
void show_publisher_cut(struct show_publisher *publisher, const char *sentence);
/* The same for one that its show has not let go of yet. */
void show_publisher_dismiss(struct show_publisher *publisher, const char *sentence);
/* The process ends: an encoder that can is asked to connect again, others are told why;
 * at a hand-over (server/show/drain.h) these are closed without words, and come again. */
void show_publisher_send_away(struct show_publisher *publisher);

/* Somebody was asked about it, and has not answered. */
bool show_publisher_waits(const struct show_publisher *publisher);
/* The yes that may come is bound to these terms. */
void show_publisher_bind(struct show_publisher *publisher,
                         const struct hook_terms *terms);
/* What that one says about one that waits; words (ASCII) are for a refusal. */
void show_publisher_answer(struct show_publisher *publisher, bool allowed,
                           const char *words);
/* It goes from a rehearsal, which has let go of it, to its show, and has that role there. */
void show_publisher_move_to(struct show_publisher *publisher, struct show *show,
                            enum show_role role);
/* What it has said; from its accept on. */
struct show_replay *show_publisher_replay(const struct show_publisher *publisher);
/* It feeds a show, or is on its way to another loop as a guest, with the key of this
 * hash. */
bool show_publisher_has_key(const struct show_publisher *publisher,
                            const uint8_t *key_hash);
bool show_publisher_has_show(const struct show_publisher *publisher);
/* A show takes its media, which flows, and it is no rehearsal. */
bool show_publisher_is_on_air(const struct show_publisher *publisher);
/* It does not publish, and may begin to. */
bool show_publisher_may_ask(const struct show_publisher *publisher);
/* Media that can be shown came from it. */
void show_publisher_hear(struct show_publisher *publisher);
/* No such media for a while: the encoder is gone, or in trouble. */
bool show_publisher_is_quiet(const struct show_publisher *publisher);
/* What its connection has carried so far. */
void show_publisher_measure(const struct show_publisher *publisher,
                            struct show_line_figures *ret);
/* How it has kept to its terms; from its accept on. */
struct show_terms_watch *show_publisher_terms_watch(struct show_publisher *publisher);
/* Who it is; from its accept on. Valid as long as the publisher is. */
const struct show_passport *
show_publisher_passport(const struct show_publisher *publisher);

#endif
