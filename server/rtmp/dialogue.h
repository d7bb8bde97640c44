/* The commands of one connection and their answers: connect, then publish, as often as the
 * encoder likes, one at a time.
 *
 *   state       connect  publish     accept()    refuse()  FCUnpublish, closeStream,
 *                                                          deleteStream
 *   CONNECT     IDLE     protocol    -           REFUSED   protocol
 *   IDLE        protocol ASKED       -           REFUSED   (answered only)
 *   ASKED       -        -           PUBLISHING  REFUSED   -
 *   PUBLISHING  protocol BadName     -           REFUSED   IDLE and RTMP_EVENT_UNPUBLISH
 *   REFUSED     -        -           -           -         -
 *
 * In ASKED and REFUSED the owner gives no commands in (-); "protocol" is ERR_PROTO. After
 * rtmp_dialogue_refuse_connect(), connect leads from CONNECT to REFUSED, and is ERR_CLOSED.
 *
 * Ownership: init/finish. Threads: one at a time. */
#ifndef RTMP_DIALOGUE_H
#define RTMP_DIALOGUE_H

#include "core/bytes.h"

struct builder;
struct err;
struct rtmp_event_queue;
struct rtmp_message;

enum { RTMP_DIALOGUE_SENTENCE_MAX = 200 }; /* FFmpeg shows that much of a description */

enum rtmp_dialogue_state {
    RTMP_DIALOGUE_CONNECT,    /* connect has not come */
    RTMP_DIALOGUE_IDLE,       /* connected; nothing is published */
    RTMP_DIALOGUE_ASKED,      /* publish has come, the owner has not answered */
    RTMP_DIALOGUE_PUBLISHING, /* accepted: media is let through */
    RTMP_DIALOGUE_REFUSED,    /* nothing is listened to any more */
};

struct rtmp_dialogue {
    /* private, but state may be read */
    enum rtmp_dialogue_state state;
    char *app; /* as connect said, with query */
    char *tc_url;
    char encoder[65];
    uint32_t caps; /* enum rtmp_caps */
    bool rejects;  /* the connect to come, with this sentence */
    char rejection[RTMP_DIALOGUE_SENTENCE_MAX + 1];
    uint32_t stream_id; /* of the publish */
    uint64_t n_unknown; /* commands without a meaning here */
};

void rtmp_dialogue_init(struct rtmp_dialogue *dialogue);
void rtmp_dialogue_finish(struct rtmp_dialogue *dialogue);
/* Takes a command message; answers go to out, events to events. */
int rtmp_dialogue_take(struct rtmp_dialogue *dialogue,
                       const struct rtmp_message *message, struct builder *out,
                       struct rtmp_event_queue *events, struct err *err);
void rtmp_dialogue_accept(struct rtmp_dialogue *dialogue, struct builder *out);
void rtmp_dialogue_refuse(struct rtmp_dialogue *dialogue, const char *sentence,
                          struct builder *out);
/* The connect that is to come will be rejected; false when it has come. */
bool rtmp_dialogue_refuse_connect(struct rtmp_dialogue *dialogue, const char *sentence);
/* False when the client cannot be asked. */
bool rtmp_dialogue_ask_reconnect(const struct rtmp_dialogue *dialogue,
                                 const char *sentence, struct builder *out);

#endif
