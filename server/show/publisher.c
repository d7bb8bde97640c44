#include "server/show/publisher_inside.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/require.h"
#include "server/auth/secret.h"
#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/loop/tcp.h"
#include "server/rtmp/session.h"
#include "server/show/addresses.h"
#include "server/show/entry.h"
#include "server/show/guests.h"
#include "server/show/hooks.h"
#include "server/show/hub.h"
#include "server/show/limits.h"
#include "server/show/line.h"
#include "server/show/replay.h"
#include "server/show/report.h"
#include "server/show/request.h"
#include "server/show/show.h"
#include "server/show/transfer.h"

enum {
    PUBLISHER_RANDOM = 1536,   /* S1, see rtmp_session_create() */
    PUBLISHER_FLUSH_MS = 1000, /* for the words of a refusal, then the socket closes */
};

static const char FULL[] = "The server is full; try again in 30 s.";

void show_publisher_set_state(struct show_publisher *publisher,
                              enum publisher_state state)
{
    require(publisher->state != PUBLISHER_CLOSING);
    publisher->state = state;
}

void show_publisher_count_no_more(struct show_publisher *publisher)
{
    if (publisher->is_stranger)
        show_addresses_leave(publisher->hub->house->addresses, publisher->address);
    publisher->is_stranger = false;
}

static void destroy(struct show_publisher *publisher)
{
    show_publisher_count_no_more(publisher);
    loop_after_cancel(&publisher->move);
    list_remove(&publisher->link);
    publisher->hub->n_publishers--;
    show_hooks_leave(publisher->hub, publisher->passport.session,
                     "the connection to the encoder was lost");
    show_replay_destroy(publisher->replay);
    rtmp_session_destroy(publisher->session);
    show_request_free(publisher->request);
    show_guests_unref(publisher->guest);
    log_destroy(publisher->log);
    alloc_free(publisher);
}

static void leave_show(struct show_publisher *publisher, const char *why)
{
    struct show *show = publisher->show;
    publisher->show = NULL;
    show_hooks_leave(publisher->hub, publisher->passport.session, why);
    if (show)
        show_detach(show, publisher, why);
}

static void flush(struct show_publisher *publisher)
{
    struct buf *output = rtmp_session_take_output(publisher->session);
    if (output)
        loop_tcp_write(publisher->tcp, output);
}

void show_publisher_close(struct show_publisher *publisher)
{
    show_publisher_set_state(publisher, PUBLISHER_CLOSING);
    flush(publisher);
    loop_tcp_close_flushed(publisher->tcp, PUBLISHER_FLUSH_MS);
}

struct show_report show_publisher_report(const struct show_publisher *publisher)
{
    return (struct show_report){.hub = publisher->hub,
                                .log = publisher->log,
                                .address = publisher->address,
                                .passport = &publisher->passport};
}

/* The line an operator looks for afterwards, of one that publishes. */
static void report_end(const struct show_publisher *publisher, enum log_level level,
                       const char *what, const char *why)
{
    struct show_report report = show_publisher_report(publisher);
    struct rtmp_session_stats stats = rtmp_session_get_stats(publisher->session);
    show_report_end(&report, level, what, why,
                    loop_now_ms(publisher->hub->loop) - publisher->accepted_ms,
                    stats.bytes_in - publisher->bytes_before);
}

void show_publisher_cut(struct show_publisher *publisher, const char *sentence)
{
    if (publisher->state == PUBLISHER_CLOSING)
        return;
    publisher->show = NULL;
    show_hooks_leave(publisher->hub, publisher->passport.session, sentence);
    if (publisher->state == PUBLISHER_PUBLISHING)
        report_end(publisher, LOG_INFO, "cut off", sentence);
    else
        log_info(publisher->log, "publisher cut off: %s", sentence);
    rtmp_session_refuse(publisher->session, sentence);
    show_publisher_close(publisher);
}

void show_publisher_measure(const struct show_publisher *publisher,
                            struct show_line_figures *ret)
{
    show_line_measure(publisher->session, publisher->tcp, ret);
}

const struct show_passport *
show_publisher_passport(const struct show_publisher *publisher)
{
    return &publisher->passport;
}

void show_publisher_move_to(struct show_publisher *publisher, struct show *show,
                            enum show_role role)
{
    require(publisher->state == PUBLISHER_PUBLISHING);
    publisher->show = show;
    publisher->passport.role = role;
    show_hooks_accept(publisher->hub, &publisher->passport);
    show_replay_forget_media(publisher->replay);
    show_attach(show, publisher);
}

struct show_terms_watch *show_publisher_terms_watch(struct show_publisher *publisher)
{
    return &publisher->terms_watch;
}

struct show_replay *show_publisher_replay(const struct show_publisher *publisher)
{
    return publisher->replay;
}

bool show_publisher_is_quiet(const struct show_publisher *publisher)
{
    return loop_now_ms(publisher->hub->loop) - publisher->last_media_ms >=
           PUBLISHER_QUIET_MS;
}

void show_publisher_hear(struct show_publisher *publisher)
{
    publisher->last_media_ms = loop_now_ms(publisher->hub->loop);
    show_guests_hear(publisher->guest, publisher->last_media_ms);
}

static void handle_event(struct show_publisher *publisher, struct rtmp_event *event)
{
    switch (event->type) {
    case RTMP_EVENT_PUBLISH:
        show_entry_ask(publisher, &event->publish);
        return;
    case RTMP_EVENT_UNPUBLISH:
        if (publisher->state == PUBLISHER_PUBLISHING) {
            show_publisher_set_state(publisher, PUBLISHER_ASKING);
            report_end(publisher, LOG_INFO, "stopped", "its encoder said so");
            leave_show(publisher, "the encoder stopped");
        }
        return;
    case RTMP_EVENT_METADATA:
    case RTMP_EVENT_VIDEO_CONFIG:
    case RTMP_EVENT_VIDEO:
    case RTMP_EVENT_AUDIO_CONFIG:
    case RTMP_EVENT_AUDIO:
    case RTMP_EVENT_VIDEO_COLOR:
    case RTMP_EVENT_TRACK_END:
    case RTMP_EVENT_DATA:
        if (publisher->show)
            show_media(publisher->show, publisher, event);
        return;
    }
}

/* Its session is looked at: neither is it going, nor is it waiting for somebody. */
static bool is_active(const struct show_publisher *publisher)
{
    return publisher->state == PUBLISHER_ASKING ||
           publisher->state == PUBLISHER_PUBLISHING;
}

/* Events until there are none, or the publisher waits or is leaving this loop. */
static void pump(struct show_publisher *publisher)
{
    struct rtmp_event event;
    while (is_active(publisher) && rtmp_session_next(publisher->session, &event)) {
        handle_event(publisher, &event);
        rtmp_session_event_finish(&event);
    }
    if (publisher->state == PUBLISHER_WAITING)
        flush(publisher);
    if (!is_active(publisher))
        return;
    flush(publisher);
    loop_tcp_set_deadline(publisher->tcp, rtmp_session_deadline_ms(publisher->session));
}

/* The session has ended the connection: connect was rejected, or the peer broke rules. */
static void break_off(struct show_publisher *publisher, const struct err *err)
{
    struct metrics *metrics = publisher->hub->house->metrics;
    struct show_report report = show_publisher_report(publisher);
    if (err->code == ERR_CLOSED) {
        show_report_rejection(&report, err->text);
        counter_add(&metrics->rtmp_refused_total, 1);
    } else {
        if (publisher->state == PUBLISHER_PUBLISHING)
            report_end(publisher, LOG_WARN, "broken off", err->text);
        else
            show_report_break(&report, err->text);
        counter_add(&metrics->rtmp_errors_total, 1);
        show_limits_count(metrics, rtmp_session_limit(publisher->session));
    }
    leave_show(publisher, err->text);
    show_publisher_close(publisher);
}

static void feed(struct show_publisher *publisher, struct bytes in)
{
    struct err err;
    if (!is_active(publisher))
        return;
    counter_add(&publisher->hub->house->metrics->rtmp_bytes_total, (int64_t)in.len);
    if (publisher->show && in.len > 0)
        show_arrival(publisher->show, publisher, in.len);
    int failed = rtmp_session_feed(publisher->session, in,
                                   loop_now_ms(publisher->hub->loop), &err);
    pump(publisher);
    if (failed && publisher->state != PUBLISHER_CLOSING)
        break_off(publisher, &err);
}

static void on_readable(void *ctx, struct bytes in)
{
    feed(ctx, in);
}

static void on_expired(void *ctx)
{
    struct show_publisher *publisher = ctx;
    if (publisher->state == PUBLISHER_WAITING) {
        loop_tcp_resume(publisher->tcp);
        show_entry_refuse(publisher,
                          "The server could not check this stream key in time; try "
                          "again in a minute.");
        return;
    }
    feed(publisher, bytes_make(NULL, 0));
}

/* The publisher waits no more. */
static void go_on(struct show_publisher *publisher, bool asked)
{
    show_entry_go_on(publisher, asked);
    pump(publisher);
}

bool show_publisher_waits(const struct show_publisher *publisher)
{
    return publisher->state == PUBLISHER_WAITING;
}

void show_publisher_bind(struct show_publisher *publisher,
                         const struct hook_terms *terms)
{
    publisher->passport.terms = *terms;
}

void show_publisher_answer(struct show_publisher *publisher, bool allowed,
                           const char *words)
{
    require(publisher->state == PUBLISHER_WAITING);
    loop_tcp_resume(publisher->tcp);
    if (!allowed) {
        show_entry_refuse(publisher, words);
        return;
    }
    show_publisher_set_state(publisher, PUBLISHER_ASKING);
    go_on(publisher, true);
}

static void on_drained(void *ctx)
{
    struct show_publisher *publisher = ctx;
    if (publisher->state == PUBLISHER_MOVING)
        loop_after(publisher->hub->loop, &publisher->move);
}

static void on_closed(void *ctx, const struct err *why)
{
    struct show_publisher *publisher = ctx;
    if (publisher->state == PUBLISHER_PUBLISHING)
        report_end(publisher, LOG_INFO, "gone", why->text);
    leave_show(publisher, "the connection to the encoder was lost");
    destroy(publisher);
}

static const struct loop_tcp_handler tcp_handler = {
    .readable = on_readable,
    .drained = on_drained,
    .expired = on_expired,
    .closed = on_closed,
};

/* Replies are a few hundred bytes; a peer that takes none of them is gone. */
static const struct loop_tcp_limits tcp_limits = {.queue_max = 256 * 1024,
                                                  .stall_ms = 10000};

/* Leaves for the other loop, unless words of ours are still on their way out. */
static void try_to_move(struct loop_after *after)
{
    struct show_publisher *publisher = container_of(after, struct show_publisher, move);
    if (loop_tcp_queued(publisher->tcp) > 0)
        return; /* on_drained() comes back to it */
    struct loop_parcel *parcel = loop_tcp_detach(publisher->tcp);
    if (!parcel)
        return; /* it is closing: on_closed() comes */
    struct show_transfer *transfer = show_transfer_create(publisher->owner);
    transfer->passport = publisher->passport;
    transfer->is_stranger = publisher->is_stranger;
    transfer->parcel = parcel;
    transfer->session = publisher->session;
    transfer->request = publisher->request;
    transfer->held = show_hooks_pack(publisher->hub, publisher->passport.session);
    transfer->guest = publisher->guest;
    publisher->is_stranger = false;
    publisher->guest = NULL;
    publisher->session = NULL;
    publisher->request = NULL;
    destroy(publisher);
    show_transfer_send(transfer);
}

/* Takes connection and session. */
static struct show_publisher *create(struct show_hub *hub, struct loop_parcel *parcel,
                                     struct rtmp_session *session)
{
    struct show_publisher *publisher = alloc_zero(sizeof *publisher);
    publisher->hub = hub;
    publisher->session = session;
    loop_after_init(&publisher->move, try_to_move);
    publisher->tcp =
        loop_tcp_adopt_parcel(hub->loop, parcel, &tcp_handler, &tcp_limits, publisher);
    (void)snprintf(publisher->address, sizeof publisher->address, "%s",
                   loop_tcp_host(publisher->tcp));
    loop_tcp_notice_death(publisher->tcp, hub->house->rtmp_limits.idle_ms);
    publisher->log =
        log_child(hub->house->log, "publisher", loop_tcp_peer(publisher->tcp));
    list_push(&hub->publishers, &publisher->link);
    hub->n_publishers++;
    return publisher;
}

void show_publisher_begin(struct show_hub *hub, struct loop_parcel *parcel,
                          const char *sentence)
{
    uint8_t random[PUBLISHER_RANDOM];
    auth_secret_random(random, sizeof random);
    struct rtmp_session *session =
        rtmp_session_create(&hub->house->rtmp_limits, bytes_make(random, sizeof random),
                            loop_now_ms(hub->loop));
    create(hub, parcel, session)->is_stranger = true;
    if (hub->n_publishers > PUBLISHERS_PER_HUB_MAX)
        sentence = FULL;
    if (sentence)
        rtmp_session_refuse_connect(session, sentence);
}

void show_publisher_arrive(struct show_transfer *transfer)
{
    struct show_publisher *publisher =
        create(transfer->hub, transfer->parcel, transfer->session);
    publisher->passport = transfer->passport;
    publisher->is_stranger = transfer->is_stranger;
    publisher->request = transfer->request;
    publisher->guest = transfer->guest;
    show_hooks_unpack(publisher->hub, publisher->passport.session, transfer->held);
    if (transfer->hub->n_publishers > PUBLISHERS_PER_HUB_MAX)
        show_entry_refuse(publisher, FULL);
    else
        go_on(publisher, publisher->passport.is_guest);
}

struct show_publisher *show_publisher_of(struct list *link)
{
    return container_of(link, struct show_publisher, link);
}

bool show_publisher_has_key(const struct show_publisher *publisher,
                            const uint8_t *key_hash)
{
    bool leaves = publisher->state == PUBLISHER_MOVING && publisher->passport.is_guest;
    return (publisher->show || leaves) &&
           memcmp(publisher->passport.key_hash, key_hash, AUTH_HASH_SIZE) == 0;
}

void show_publisher_dismiss(struct show_publisher *publisher, const char *sentence)
{
    leave_show(publisher, sentence);
    show_publisher_cut(publisher, sentence);
}

/* Clients that told so come back by themselves when they are asked, and would take a
 * refusal for the end. */
static bool ask_to_come_back(struct show_publisher *publisher)
{
    if (publisher->state == PUBLISHER_CLOSING ||
        !rtmp_session_ask_reconnect(publisher->session,
                                    "The server is restarting; connect again."))
        return false;
    log_info(publisher->log, "publisher asked to connect again");
    show_publisher_close(publisher);
    return true;
}

/* Encoders take the end of a connection that was theirs for a fault of the line, and try
 * again within seconds; words would make some of them stop. */
static void let_go(struct show_publisher *publisher)
{
    if (publisher->state == PUBLISHER_CLOSING)
        return;
    log_info(publisher->log, "connection closed: the server is being replaced");
    show_publisher_close(publisher);
}

void show_publisher_send_away(struct show_publisher *publisher)
{
    bool hands_over = publisher->hub->hands_over;
    leave_show(publisher, hands_over ? "the server is being replaced"
                                     : "the server is shutting down");
    if (ask_to_come_back(publisher))
        return;
    if (hands_over)
        let_go(publisher);
    else
        show_publisher_cut(publisher,
                           "The server is shutting down; try again in a minute.");
}

bool show_publisher_has_show(const struct show_publisher *publisher)
{
    return publisher->show != NULL;
}

bool show_publisher_is_on_air(const struct show_publisher *publisher)
{
    return publisher->show && !publisher->show->rehearses &&
           publisher->show->publisher == publisher &&
           !show_publisher_is_quiet(publisher);
}

bool show_publisher_may_ask(const struct show_publisher *publisher)
{
    return !publisher->show && publisher->state != PUBLISHER_CLOSING;
}
