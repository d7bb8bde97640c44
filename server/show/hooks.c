#include "server/show/hooks.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/map.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/rtmp/session.h"
#include "server/show/admission.h"
#include "server/show/drain.h"
#include "server/show/hub.h"
#include "server/show/publishers.h"
#include "server/show/show.h"
#include "server/store/store.h"

enum { HELD_NAME_MAX = HOOK_SHOW_MAX + 8 };

static const char REFUSED[] = "The shop does not allow this stream now.";
static const char UNHEARD[] =
    "The shop could not be asked whether this stream may begin; try again in a minute.";

/* An event that is written down and has not happened yet. */
struct show_held {
    struct hook_event event;
    bool accepted; /* false: its publish may still be refused */
};

struct show_hooks {
    struct show_house *house;
    struct hook *hook;
    enum hook_mode mode;
    bool refuses_unheard;
    bool is_signed;
    atomic_ullong position; /* of the newest event in the store */
    /* by hub: session or "show:" and id: struct show_held */
    struct map *held[SHOW_HUBS_MAX];
    struct err load_error;
};

/* ---- the store ---- */

static void forget(void *ctx, const char *id)
{
    struct show_hooks *hooks = ctx;
    struct store_change *change = store_change_create(STORE_HOOK_DELETE);
    change->hook.id = alloc_text(id);
    store_submit(hooks->house->store, change);
}

static struct store_change *make_put(struct show_hooks *hooks,
                                     const struct hook_event *event, bool held)
{
    struct builder text;
    struct store_change *change = store_change_create(STORE_HOOK_PUT);
    builder_init(&text, HOOK_EVENT_MAX);
    hook_event_print(event, &text);
    require(!builder_failed(&text));
    change->hook.id = alloc_text(event->id);
    change->hook.position = atomic_fetch_add(&hooks->position, 1) + 1;
    change->hook.held = held;
    change->hook.event = bytes_to_text(builder_bytes(&text));
    builder_finish(&text);
    return change;
}

struct telling {
    struct hook *hook;
    struct hook_event event;
};

/* What could not be kept is told all the same. */
static void on_kept(struct store_change *change, int error, const struct err *err)
{
    (void)error;
    (void)err;
    struct telling *telling = change->ctx;
    hook_tell(telling->hook, &telling->event);
    alloc_free(telling);
    store_change_destroy(change);
}

/* The store is gone when the hubs are taken apart at the end: all has been said. */
static void keep_and_tell(struct show_hub *hub, const struct hook_event *event)
{
    struct show_hooks *hooks = hub->house->hooks;
    if (!hub->house->store)
        return;
    struct telling *telling = alloc_zero(sizeof *telling);
    struct store_change *change = make_put(hooks, event, false);
    telling->hook = hooks->hook;
    telling->event = *event;
    telling->event.query = NULL;
    change->ctx = telling;
    change->done = on_kept;
    change->loop = hub->loop;
    store_submit(hub->house->store, change);
}

/* ---- events that wait for their time ---- */

static struct show_held *hold(struct show_hub *hub, const char *name,
                              const struct hook_event *event)
{
    struct show_held *held = alloc_zero(sizeof *held);
    held->event = *event;
    alloc_free(map_put(hub->house->hooks->held[hub->index], bytes_text(name), held));
    return held;
}

/* No session has a colon in it. */
static void print_held_name(char name[HELD_NAME_MAX], enum hook_event_type type,
                            const char *show)
{
    (void)snprintf(name, HELD_NAME_MAX, "%s:%s", type == HOOK_SHOW_END ? "end" : "away",
                   show);
}

/* Its time has come. */
static void release(struct show_hub *hub, const char *name, const char *why)
{
    struct show_hooks *hooks = hub->house->hooks;
    struct show_held *held = map_remove(hooks->held[hub->index], bytes_text(name));
    if (!held)
        return;
    held->event.wall_ms = loop_wall_ms(hub->loop);
    hook_event_set(held->event.reason, sizeof held->event.reason, why);
    if (held->accepted)
        keep_and_tell(hub, &held->event);
    else if (hub->house->store)
        forget(hooks, held->event.id);
    alloc_free(held);
}

/* ---- on_publish ---- */

struct asking {
    struct hook_question question;
    struct show_hub *hub;
    char *query;
};

static void destroy_asking(struct asking *asking)
{
    alloc_free(asking->query);
    alloc_free(asking);
}

/* The words are about the show that it will feed, which may be another than the key's. */
static void set_shows(struct hook_event *event, const struct hook_terms *terms)
{
    if (!terms->stream[0] || strcmp(terms->stream, event->show) == 0)
        return;
    memcpy(event->key_show, event->show, sizeof event->key_show);
    memcpy(event->show, terms->stream, sizeof event->show);
}

/* The publisher may have gone while the question was on its way. */
static void let_in(struct asking *asking)
{
    const char *session = asking->question.event.session;
    (void)show_publishers_bind(asking->hub, session, &asking->question.answer.terms);
    if (!show_publishers_answer(asking->hub, session, true, ""))
        release(asking->hub, session, "");
    destroy_asking(asking);
}

static void on_held(struct store_change *change, int error, const struct err *err)
{
    (void)error; /* a disk that fails keeps nobody out; the store tells of it */
    (void)err;
    let_in(change->ctx);
    store_change_destroy(change);
}

/* Its end is written down before it begins. */
static void hold_end(struct asking *asking)
{
    struct show_hub *hub = asking->hub;
    struct hook_event event = asking->question.event;
    struct hook_event fresh;
    hook_event_init(&fresh, HOOK_UNPUBLISH, event.show, loop_wall_ms(hub->loop));
    event.type = HOOK_UNPUBLISH;
    event.wall_ms = fresh.wall_ms;
    event.query = NULL;
    memcpy(event.id, fresh.id, sizeof event.id);
    set_shows(&event, &asking->question.answer.terms);
    (void)hold(hub, event.session, &event);
    if (!hub->house->store) {
        let_in(asking);
        return;
    }
    struct store_change *change = make_put(hub->house->hooks, &event, true);
    change->ctx = asking;
    change->done = on_held;
    change->loop = hub->loop;
    store_submit(hub->house->store, change);
}

static void on_answered(struct hook_question *question)
{
    struct asking *asking = container_of(question, struct asking, question);
    const struct hook_answer *answer = &question->answer;
    const struct show_hooks *hooks = asking->hub->house->hooks;
    const char *words = NULL;
    if (!show_drain_lets_in(asking->hub))
        words = "The server is shutting down; try again in a minute.";
    else if (answer->verdict == HOOK_REFUSED)
        words = answer->reason[0] ? answer->reason : REFUSED;
    else if (answer->verdict == HOOK_UNANSWERED && hooks->refuses_unheard)
        words = UNHEARD;
    if (!words) {
        hold_end(asking);
        return;
    }
    (void)show_publishers_answer(asking->hub, question->event.session, false, words);
    destroy_asking(asking);
}

static void ask(void *ctx, struct show_hub *hub, const struct show_admission *admission)
{
    struct show_hooks *hooks = ctx;
    const struct rtmp_publish *request = admission->request;
    struct asking *asking = alloc_zero(sizeof *asking);
    struct bytes id = auth_stream_key_show(bytes_text(request->key));
    char *show = bytes_to_text(id);
    struct hook_event *event = &asking->question.event;
    hook_event_init(event, HOOK_PUBLISH, show, loop_wall_ms(hub->loop));
    alloc_free(show);
    show_hooks_describe(event, &admission->passport, request->encoder);
    asking->hub = hub;
    asking->query = hook_event_clean_query(request->query, request->key);
    event->query = asking->query;
    asking->question.loop = hub->loop;
    asking->question.answered = on_answered;
    hook_ask(hooks->hook, &asking->question);
}

/* ---- for the show and its publishers ---- */

void show_hooks_accept(struct show_hub *hub, const struct show_passport *passport)
{
    struct show_hooks *hooks = hub->house->hooks;
    struct bytes session = bytes_text(passport->session);
    struct show_held *held = hooks ? map_find(hooks->held[hub->index], session) : NULL;
    const char *role = show_admission_role_text(passport->role);
    if (!held)
        return;
    held->accepted = true;
    if (strcmp(held->event.role, role) == 0)
        return;
    hook_event_set(held->event.role, sizeof held->event.role, role);
    if (hub->house->store)
        store_submit(hub->house->store, make_put(hooks, &held->event, true));
}

void show_hooks_leave(struct show_hub *hub, const char *session, const char *why)
{
    if (hub->house->hooks)
        release(hub, session, why);
}

struct show_held *show_hooks_pack(struct show_hub *hub, const char *session)
{
    struct show_hooks *hooks = hub->house->hooks;
    return hooks ? map_remove(hooks->held[hub->index], bytes_text(session)) : NULL;
}

void show_hooks_unpack(struct show_hub *hub, const char *session,
                       struct show_held *held)
{
    if (held)
        alloc_free(
            map_put(hub->house->hooks->held[hub->index], bytes_text(session), held));
}

static bool is_held(const struct show_hub *hub, const char *name)
{
    return map_find(hub->house->hooks->held[hub->index], bytes_text(name)) != NULL;
}

/* Written down for a time to come, if it is not yet. */
static void hold_for_show(struct show_hub *hub, enum hook_event_type type,
                          const char *show)
{
    char name[HELD_NAME_MAX];
    struct hook_event event;
    print_held_name(name, type, show);
    if (is_held(hub, name))
        return;
    hook_event_init(&event, type, show, loop_wall_ms(hub->loop));
    hold(hub, name, &event)->accepted = true;
    if (hub->house->store)
        store_submit(hub->house->store, make_put(hub->house->hooks, &event, true));
}

/* A show may have begun when there were no hooks. */
static void tell_held(struct show_hub *hub, struct hook_event *event, const char *why)
{
    char name[HELD_NAME_MAX];
    print_held_name(name, event->type, event->show);
    if (is_held(hub, name)) {
        release(hub, name, why);
        return;
    }
    hook_event_set(event->reason, sizeof event->reason, why);
    keep_and_tell(hub, event);
}

/* Its time will not come any more. */
static void forget_held(struct show_hub *hub, enum hook_event_type type,
                        const char *show)
{
    char name[HELD_NAME_MAX];
    struct show_hooks *hooks = hub->house->hooks;
    print_held_name(name, type, show);
    struct show_held *held = map_remove(hooks->held[hub->index], bytes_text(name));
    if (held && hub->house->store)
        forget(hooks, held->event.id);
    alloc_free(held);
}

/* What will follow is written down with what it follows. */
void show_hooks_tell_show(struct show_hub *hub, enum hook_event_type type,
                          const char *show, const char *why)
{
    struct hook_event event;
    const struct show_hooks *hooks = hub->house->hooks;
    if (!hooks || !hook_body_has(hooks->mode, type) || strchr(show, '~'))
        return;
    hook_event_init(&event, type, show, loop_wall_ms(hub->loop));
    if (type == HOOK_SHOW_END || type == HOOK_SHOW_AWAY)
        tell_held(hub, &event, why);
    else
        keep_and_tell(hub, &event);
    if (type == HOOK_SHOW_LIVE)
        hold_for_show(hub, HOOK_SHOW_END, show);
    if (type == HOOK_SHOW_LIVE || type == HOOK_SHOW_BACK)
        hold_for_show(hub, HOOK_SHOW_AWAY, show);
    if (type == HOOK_SHOW_END)
        forget_held(hub, HOOK_SHOW_AWAY, show);
}

void show_hooks_tell(struct show_hub *hub, const struct hook_event *event)
{
    const struct show_hooks *hooks = hub->house->hooks;
    if (hooks && hook_body_has(hooks->mode, event->type))
        keep_and_tell(hub, event);
}

void show_hooks_describe(struct hook_event *event, const struct show_passport *passport,
                         const char *encoder)
{
    hook_event_set(event->session, sizeof event->session, passport->session);
    hook_event_set(event->key, sizeof event->key, passport->key_id);
    hook_event_set(event->key_show, sizeof event->key_show,
                   passport->is_guest ? passport->home : "");
    hook_event_set(event->address, sizeof event->address, passport->address);
    hook_event_set(event->role, sizeof event->role,
                   show_admission_role_text(passport->role));
    hook_event_set(event->encoder, sizeof event->encoder, encoder);
}

/* ---- start and stop ---- */

int show_hooks_create(struct show_house *house, const struct show_hooks_config *config,
                      struct err *err)
{
    struct show_hooks *hooks = alloc_zero(sizeof *hooks);
    struct hook_config outside = {
        .url = config->url,
        .mode = config->mode,
        .secret = config->secret,
        .timeout_ms = config->timeout_ms,
        .log = house->log,
        .delivered = forget,
        .ctx = hooks,
    };
    int failed = hook_create(&outside, &hooks->hook, err);
    if (failed) {
        alloc_free(hooks);
        return failed;
    }
    hooks->house = house;
    hooks->mode = config->mode;
    hooks->refuses_unheard = config->refuses_unheard;
    hooks->is_signed = config->secret && config->secret[0];
    for (size_t i = 0; i < SHOW_HUBS_MAX; i++)
        hooks->held[i] = map_create();
    house->hooks = hooks;
    house->gate = (struct show_gate){.ask = ask, .ctx = hooks};
    return 0;
}

static bool is_live(const struct show_hooks *hooks, const char *show)
{
    struct bytes id = bytes_text(show);
    const struct show *found = show_hub_show(show_hub_owner(hooks->house, id), id);
    return found && found->live_since_ms != 0;
}

static void hold_on(struct show_hooks *hooks, const struct hook_event *event)
{
    char name[HELD_NAME_MAX];
    struct show_hub *hub = show_hub_owner(hooks->house, bytes_text(event->show));
    print_held_name(name, event->type, event->show);
    hold(hub, name, event)->accepted = true;
}

/* What was held has happened while nobody was there; but a show that was live waits for
 * its encoder, as if that had gone, and one that is over is not away. */
static void load_held(struct show_hooks *hooks, struct hook_event *event)
{
    bool live = is_live(hooks, event->show);
    if (event->type == HOOK_SHOW_END && live) {
        hold_on(hooks, event);
        return;
    }
    if (event->type == HOOK_SHOW_AWAY && !live) {
        forget(hooks, event->id);
        return;
    }
    event->wall_ms = monotime_wall_ms();
    hook_event_set(event->reason, sizeof event->reason,
                   event->type == HOOK_SHOW_AWAY
                       ? ""
                       : "the server stopped and has started again");
    store_submit(hooks->house->store, make_put(hooks, event, false));
    hook_tell(hooks->hook, event);
}

struct loading {
    struct show_hooks *hooks;
    struct hook_event *events; /* of those that were held: they come last */
    size_t n, cap;
};

static void load_row(void *ctx, const struct store_hook *row)
{
    struct loading *loading = ctx;
    struct show_hooks *hooks = loading->hooks;
    struct hook_event event;
    if (row->position > atomic_load(&hooks->position))
        atomic_store(&hooks->position, row->position);
    if (hook_event_parse(bytes_text(row->event), row->id, &event, &hooks->load_error))
        return;
    if (!row->held) {
        hook_tell(hooks->hook, &event);
        return;
    }
    if (loading->n == loading->cap) {
        loading->cap = loading->cap ? 2 * loading->cap : 16;
        loading->events =
            alloc_resize(loading->events, loading->cap * sizeof *loading->events);
    }
    loading->events[loading->n++] = event;
}

int show_hooks_load(struct show_hooks *hooks, struct err *err)
{
    struct loading loading = {.hooks = hooks};
    int failed = store_load_hooks(hooks->house->store, load_row, &loading, err);
    if (!failed && hooks->load_error.code) {
        *err = hooks->load_error;
        failed = -(int)err->code;
    }
    for (size_t i = 0; i < loading.n && !failed; i++)
        load_held(hooks, &loading.events[i]);
    alloc_free(loading.events);
    return failed;
}

void show_hooks_start(struct show_hooks *hooks)
{
    char tc_url[HOOK_TEXT_MAX + 64];
    const struct show_house *house = hooks->house;
    bool named = house->public_host && house->public_host[0];
    (void)snprintf(tc_url, sizeof tc_url, "rtmp://%s:%u/live",
                   named ? house->public_host : "localhost", house->rtmp_port);
    log_info(house->log, "hooks go to %s", hook_get_name(hooks->hook));
    if (!hooks->is_signed && hooks->mode == HOOK_VITRINE)
        log_warn(house->log, "hooks are not signed: set hooks.secret");
    hook_start(hooks->hook, tc_url);
}

void show_hooks_stop(struct show_hooks *hooks)
{
    if (hooks)
        hook_stop(hooks->hook);
}

void show_hooks_destroy(struct show_hooks *hooks)
{
    if (!hooks)
        return;
    for (size_t i = 0; i < SHOW_HUBS_MAX; i++) {
        size_t cursor = 0;
        void *held;
        while (map_next(hooks->held[i], &cursor, NULL, &held))
            alloc_free(held);
        map_destroy(hooks->held[i]);
    }
    hook_destroy(hooks->hook);
    alloc_free(hooks);
}

void show_hooks_count(const struct show_house *house)
{
    struct metrics *metrics = house->metrics;
    if (!house->hooks)
        return;
    const struct hook_stats *stats = hook_get_stats(house->hooks->hook);
    counter_set(&metrics->hooks_sent_total, counter_get(&stats->sent));
    counter_set(&metrics->hooks_failed_total, counter_get(&stats->failed));
    counter_set(&metrics->hooks_dropped_total, counter_get(&stats->dropped));
    counter_set(&metrics->hooks_queued, counter_get(&stats->queued));
}
