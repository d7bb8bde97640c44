#include "server/show/entry.h"

#include <stdio.h>

#include "server/auth/secret.h"
#include "server/loop/tcp.h"
#include "server/rtmp/session.h"
#include "server/show/addresses.h"
#include "server/show/admission.h"
#include "server/show/guests.h"
#include "server/show/hooks.h"
#include "server/show/hub.h"
#include "server/show/keys.h"
#include "server/show/publisher_inside.h"
#include "server/show/replay.h"
#include "server/show/request.h"
#include "server/show/show.h"

void show_entry_refuse(struct show_publisher *publisher, const char *sentence)
{
    struct show_report report = show_publisher_report(publisher);
    show_report_refusal(&report, sentence);
    counter_add(&publisher->hub->house->metrics->rtmp_refused_total, 1);
    rtmp_session_refuse(publisher->session, sentence);
    show_publisher_close(publisher);
}

/* Whoever had its one-time key was silent, and may be on another loop, or have another
 * part or show: it shall not go on beside this one. */
static void cut_rivals_for_key(const struct show_publisher *publisher)
{
    const struct show_passport *passport = &publisher->passport;
    if (passport->one_time)
        show_guests_cut_key(publisher->hub, passport->key_hash, passport->session,
                            "This key is in use by another encoder.");
}

static void begin_publishing(struct show_publisher *publisher,
                             const struct show_admission *admission)
{
    struct show *show = admission->show;
    show_publisher_set_state(publisher, PUBLISHER_PUBLISHING);
    show_publisher_count_no_more(publisher);
    publisher->show = show;
    show_replay_destroy(publisher->replay);
    publisher->replay = show_replay_create();
    publisher->terms_watch = (struct show_terms_watch){0};
    int64_t now_ms = loop_now_ms(publisher->hub->loop);
    rtmp_session_accept(publisher->session, now_ms);
    show_hooks_accept(publisher->hub, &publisher->passport);
    struct show_report report = show_publisher_report(publisher);
    show_report_begin(&report, admission);
    publisher->last_media_ms = publisher->accepted_ms = now_ms;
    publisher->bytes_before = rtmp_session_get_stats(publisher->session).bytes_in;
    show_keys_note_use(admission->home, &publisher->passport);
    show_attach(show, publisher);
    cut_rivals_for_key(publisher);
}

/* Somebody is asked: nothing is read meanwhile, and not for ever. */
static void begin_waiting(struct show_publisher *publisher)
{
    show_publisher_set_state(publisher, PUBLISHER_WAITING);
    loop_tcp_pause(publisher->tcp);
    loop_tcp_set_deadline(publisher->tcp,
                          loop_now_ms(publisher->hub->loop) + ADMISSION_WAIT_MS);
}

static void begin_moving(struct show_publisher *publisher)
{
    const struct show_passport *passport = &publisher->passport;
    show_publisher_set_state(publisher, PUBLISHER_MOVING);
    /* Now: its key is in use while its last words go out, which take as long as its
     * encoder likes. */
    if (passport->is_guest && passport->one_time)
        publisher->guest = show_guests_add(publisher->hub, passport->key_hash);
    loop_tcp_pause(publisher->tcp); /* what comes now is for the other loop to read */
    loop_after(publisher->hub->loop, &publisher->move);
}

static void tell_of_rivals(struct show *show)
{
    counter_add(&show->hub->house->metrics->rtmp_rivals_total, 1);
    if (show->publisher)
        show_health_rival(&show->health, loop_now_ms(show->hub->loop));
}

/* Answers publish, or begins what is needed to answer it. Takes the texts of the request
 * when it is not answered at once. */
static void decide(struct show_publisher *publisher, struct rtmp_publish *request,
                   bool asked)
{
    struct show_admission admission = {
        .request = request, .asked = asked, .passport = publisher->passport};
    const struct show_gate *gate = &publisher->hub->house->gate;
    enum show_verdict verdict = show_admission_decide(publisher->hub, &admission);
    publisher->passport = admission.passport;
    switch (verdict) {
    case SHOW_VERDICT_ACCEPT:
        begin_publishing(publisher, &admission);
        return;
    case SHOW_VERDICT_REFUSE:
        if (admission.wrong_key)
            show_addresses_fail(publisher->hub->house->addresses, publisher->address,
                                loop_now_ms(publisher->hub->loop));
        if (admission.rivals)
            tell_of_rivals(admission.show);
        show_entry_refuse(publisher, admission.sentence);
        return;
    case SHOW_VERDICT_MOVE:
        show_request_keep(&publisher->request, request);
        publisher->owner = admission.owner;
        begin_moving(publisher);
        return;
    case SHOW_VERDICT_ASK:
        show_request_keep(&publisher->request, request);
        admission.request = publisher->request;
        begin_waiting(publisher);
        gate->ask(gate->ctx, publisher->hub, &admission);
        return;
    case SHOW_VERDICT_CLAIM:
        show_request_keep(&publisher->request, request);
        begin_waiting(publisher);
        show_keys_claim(admission.key_show, &publisher->passport);
        return;
    }
}

/* A session is one publish, not one connection: encoders may stop and publish again. */
void show_entry_ask(struct show_publisher *publisher, struct rtmp_publish *request)
{
    struct show_passport *passport = &publisher->passport;
    show_guests_unref(publisher->guest); /* of the publish before */
    publisher->guest = NULL;
    *passport = (struct show_passport){0};
    auth_secret_random_text(passport->session, ADMISSION_SESSION_LEN);
    (void)snprintf(passport->address, sizeof passport->address, "%s",
                   publisher->address);
    decide(publisher, request, false);
}

void show_entry_go_on(struct show_publisher *publisher, bool asked)
{
    struct rtmp_publish *request = publisher->request;
    publisher->request = NULL;
    decide(publisher, request, asked);
    show_request_free(request);
}
