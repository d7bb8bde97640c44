/* A publisher's connection as publisher.c, which has it, and entry.c, which lets its
 * publish in, see it. */
#ifndef SHOW_PUBLISHER_INSIDE_H
#define SHOW_PUBLISHER_INSIDE_H

#include "core/list.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/report.h"
#include "server/show/terms.h"

struct loop_tcp;
struct rtmp_publish;
struct rtmp_session;
struct show_guest;

enum publisher_state {
    PUBLISHER_ASKING, /* handshake and commands; has not published, or has stopped */
    PUBLISHER_MOVING, /* its show lives on another loop: waits until nothing is queued */
    PUBLISHER_WAITING,    /* somebody is asked about it; nothing is read meanwhile */
    PUBLISHER_PUBLISHING, /* a show takes its media */
    PUBLISHER_CLOSING,    /* refused, cut or broken: the socket goes */
};

struct show_publisher {
    struct list link; /* show_hub.publishers */
    struct show_hub *hub;
    struct loop_tcp *tcp;
    struct rtmp_session *session;
    enum publisher_state state;
    struct show *show;            /* while PUBLISHING */
    struct rtmp_publish *request; /* while MOVING or WAITING */
    struct show_passport passport;
    int64_t last_media_ms;
    int64_t accepted_ms;        /* when its publish was, and */
    uint64_t bytes_before;      /* what its connection had carried by then */
    struct show_replay *replay; /* while PUBLISHING */
    struct show_terms_watch terms_watch;
    struct show_guest *guest; /* its key's show lives on another loop; or NULL */
    char address[ADMISSION_ADDRESS_MAX];
    bool is_stranger;       /* counted as one that does not publish yet */
    struct show_hub *owner; /* where it moves to */
    struct loop_after move; /* leaves at the end of the turn, not inside a callback */
    struct log *log;
};

void show_publisher_set_state(struct show_publisher *publisher,
                              enum publisher_state state);
/* It publishes, or is gone: no stranger of its address any more. */
void show_publisher_count_no_more(struct show_publisher *publisher);
/* The socket goes when what was said is out. */
void show_publisher_close(struct show_publisher *publisher);
/* For the log; valid as long as the publisher is. */
struct show_report show_publisher_report(const struct show_publisher *publisher);

#endif
