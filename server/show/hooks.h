/* What the shop is asked and told about publishers and shows: the hooks, with the store
 * behind them, so that what has happened is told even after a crash.
 *
 * on_unpublish is written down before its publish is accepted, as something that has not
 * happened yet (held), and on_show_end and on_show_away with on_show_live. When it happens
 * the words are put right and it is told; a server that finds it held at its start knows
 * that it happened when nobody was there to say so.
 *
 * Ownership: create, load, start, stop, destroy, as app does it.
 * Threads:   what is given a hub runs on that hub's loop; the rest on the thread that
 *   starts and stops.
 * Limits:    as server/hook/queue.h, in the store and in memory. */
#ifndef SHOW_HOOKS_H
#define SHOW_HOOKS_H

#include "server/hook/hook.h"

struct show_held;
struct show_hooks;
struct show_house;
struct show_hub;
struct show_passport;

struct show_hooks_config {
    const char *url; /* borrowed until destroy, as the secret */
    enum hook_mode mode;
    const char *secret;
    uint32_t timeout_ms;
    /* when there is no answer to on_publish; else it is allowed */
    bool refuses_unheard;
};

/* Becomes house->hooks and house->gate. */
int show_hooks_create(struct show_house *house, const struct show_hooks_config *config,
                      struct err *err);
/* What was left to tell. Blocking, before the loops run. */
int show_hooks_load(struct show_hooks *hooks, struct err *err);
void show_hooks_start(struct show_hooks *hooks);
void show_hooks_stop(struct show_hooks *hooks);    /* NULL: nothing */
void show_hooks_destroy(struct show_hooks *hooks); /* NULL: nothing */
/* Brings the hooks' figures into the metrics; any thread. */
void show_hooks_count(const struct show_house *house);

/* These do nothing when there are no hooks. */

/* The publish of that session is accepted, and again when its role has changed: its end
 * is told with the newest one. */
void show_hooks_accept(struct show_hub *hub, const struct show_passport *passport);
/* It is over, for this reason: again, or of one that was never accepted: nothing is
 * told. */
void show_hooks_leave(struct show_hub *hub, const char *session, const char *why);

/* What is to be told of a session goes with its publisher to another loop. NULL: there is
 * nothing. */
struct show_held *show_hooks_pack(struct show_hub *hub, const char *session);
void show_hooks_unpack(struct show_hub *hub, const char *session,
                       struct show_held *held);

/* LIVE, AWAY, BACK or END of a show; why for END. Rehearsals are told of to nobody. */
void show_hooks_tell_show(struct show_hub *hub, enum hook_event_type type,
                          const char *show, const char *why);

/* Any other event, from hook_event_init(). */
void show_hooks_tell(struct show_hub *hub, const struct hook_event *event);
/* Fills in who publishes. */
void show_hooks_describe(struct hook_event *event, const struct show_passport *passport,
                         const char *encoder);

#endif
