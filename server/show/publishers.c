#include "server/show/publishers.h"

#include <stdio.h>
#include <string.h>

#include "server/loop/loop.h"
#include "server/loop/parcel.h"
#include "server/show/addresses.h"
#include "server/show/drain.h"
#include "server/show/hub.h"
#include "server/show/notices.h"
#include "server/show/publisher.h"

enum {
    PUBLISHERS_TOLD_MAX = 64, /* more than a hub has room for: to tell them so */
};

static const char CROWDED[] = "Too many connections of your address do not publish "
                              "yet; close some, or wait 10 s.";

/* Closed without words: whoever opens so many connections reads none of them. */
static void close_of_crowd(struct show_hub *hub, struct loop_parcel *parcel)
{
    char what[128];
    (void)snprintf(what, sizeof what, "a connection of %s was closed",
                   loop_parcel_host(parcel));
    show_notices_warn(&hub->breaks, hub->house->log, loop_parcel_host(parcel), what,
                      "too many of this address do not publish yet",
                      loop_now_ms(hub->loop));
    loop_parcel_destroy(parcel);
}

void show_publishers_accept(struct show_hub *hub, struct loop_parcel *parcel)
{
    counter_add(&hub->house->metrics->rtmp_connections_total, 1);
    if (!show_drain_lets_in(hub) ||
        hub->n_publishers >= PUBLISHERS_PER_HUB_MAX + PUBLISHERS_TOLD_MAX) {
        loop_parcel_destroy(parcel);
        return;
    }
    enum show_addresses_verdict verdict =
        show_addresses_arrive(hub->house->addresses, loop_parcel_host(parcel));
    if (verdict != SHOW_ADDRESSES_WELCOME)
        counter_add(&hub->house->metrics->rtmp_crowded_total, 1);
    if (verdict == SHOW_ADDRESSES_CLOSED)
        close_of_crowd(hub, parcel);
    else
        show_publisher_begin(hub, parcel,
                             verdict == SHOW_ADDRESSES_TOLD ? CROWDED : NULL);
}

static bool is_session(const struct show_publisher *publisher, const char *session)
{
    return strcmp(show_publisher_passport(publisher)->session, session) == 0;
}

static struct show_publisher *find_waiting(const struct show_hub *hub,
                                           const char *session)
{
    list_for_each (node, &hub->publishers) {
        struct show_publisher *publisher = show_publisher_of(node);
        if (show_publisher_waits(publisher) && is_session(publisher, session))
            return publisher;
    }
    return NULL;
}

bool show_publishers_answer(struct show_hub *hub, const char *session, bool allowed,
                            const char *words)
{
    struct show_publisher *publisher = find_waiting(hub, session);
    if (publisher)
        show_publisher_answer(publisher, allowed, words);
    return publisher != NULL;
}

bool show_publishers_bind(struct show_hub *hub, const char *session,
                          const struct hook_terms *terms)
{
    struct show_publisher *publisher = find_waiting(hub, session);
    if (publisher)
        show_publisher_bind(publisher, terms);
    return publisher != NULL;
}

void show_publishers_cut_key(struct show_hub *hub, const uint8_t *key_hash,
                             const char *but_session, const char *sentence)
{
    list_for_each_safe (node, &hub->publishers) {
        struct show_publisher *publisher = show_publisher_of(node);
        if (show_publisher_has_key(publisher, key_hash) &&
            !(but_session && is_session(publisher, but_session)))
            show_publisher_dismiss(publisher, sentence);
    }
}

bool show_publishers_key_is_busy(const struct show_hub *hub, const uint8_t *key_hash,
                                 const char *session)
{
    list_for_each (node, &hub->publishers) {
        const struct show_publisher *publisher = show_publisher_of(node);
        if (show_publisher_has_key(publisher, key_hash) &&
            !is_session(publisher, session) && !show_publisher_is_quiet(publisher))
            return true;
    }
    return false;
}
