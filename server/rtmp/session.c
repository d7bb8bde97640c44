#include "server/rtmp/session.h"

#include "core/alloc.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/chunk_reader.h"
#include "server/rtmp/dialogue.h"
#include "server/rtmp/event_queue.h"
#include "server/rtmp/handshake.h"
#include "server/rtmp/intake.h"
#include "server/rtmp/message.h"
#include "server/rtmp/reply.h"

enum {
    /* Answers to one feed; they are a few times its input at most. */
    OUTPUT_MAX = 1024 * 1024,
    /* A smaller window of the peer would make us answer byte by byte. */
    ACK_WINDOW_MIN = 4096,
};

const struct rtmp_limits rtmp_session_default_limits = {
    .media_message_max = 8 * 1024 * 1024,
    .command_message_max = 64 * 1024,
    .partial_total_max = 16 * 1024 * 1024,
    .chunk_streams_max = 64,
    .before_publish_max = 64 * 1024,
    .handshake_ms = 5000,
    .publish_ms = 10000,
    .verdict_ms = 10000,
    .first_media_ms = 20000,
    .idle_ms = 10000,
};

struct rtmp_session {
    struct rtmp_limits limits;
    struct rtmp_handshake handshake;
    struct rtmp_chunk_reader *reader;
    struct rtmp_dialogue dialogue;
    struct rtmp_intake intake;
    struct rtmp_event_queue events;
    struct builder out;
    struct builder waiting; /* input behind a publish that is not answered */
    struct err failure;     /* once set, every feed returns it */
    enum rtmp_limit passed; /* by the session itself, not by its reader */
    struct rtmp_session_stats stats;

    uint64_t n_read;           /* bytes taken by handshake and reader */
    uint64_t n_acked;          /* of them, those we acknowledged */
    uint64_t ack_window;       /* so many more make the next acknowledgement */
    uint32_t n_unpublished_in; /* bytes since the start or the last unpublish */

    int64_t heard_ms; /* when the last byte came */
    /* when the handshake or the publish began or ended, or was asked */
    int64_t state_ms;
    bool has_media; /* since the publish was accepted */
};

struct rtmp_session *rtmp_session_create(const struct rtmp_limits *limits,
                                         struct bytes random, int64_t now_ms)
{
    struct rtmp_session *session = alloc_zero(sizeof *session);
    session->limits = limits ? *limits : rtmp_session_default_limits;
    rtmp_handshake_init(&session->handshake, random);
    session->reader = rtmp_chunk_reader_create(&session->limits);
    rtmp_dialogue_init(&session->dialogue);
    rtmp_event_queue_init(&session->events);
    builder_init(&session->out, OUTPUT_MAX);
    builder_init(&session->waiting, session->limits.before_publish_max);
    session->ack_window = RTMP_REPLY_WINDOW;
    session->heard_ms = session->state_ms = now_ms;
    return session;
}

void rtmp_session_destroy(struct rtmp_session *session)
{
    if (!session)
        return;
    rtmp_handshake_finish(&session->handshake);
    rtmp_chunk_reader_destroy(session->reader);
    rtmp_dialogue_finish(&session->dialogue);
    rtmp_event_queue_finish(&session->events);
    builder_finish(&session->out);
    builder_finish(&session->waiting);
    alloc_free(session);
}

static bool is_publishing(const struct rtmp_session *session)
{
    return session->dialogue.state == RTMP_DIALOGUE_PUBLISHING;
}

/* Acknowledgements fall on fixed counts of bytes, however the input was cut. */
static void acknowledge(struct rtmp_session *session)
{
    if (session->n_read - session->n_acked < session->ack_window)
        return;
    session->n_acked = session->n_read;
    rtmp_reply_acknowledgement(&session->out, (uint32_t)session->n_read);
}

static void on_window_size(struct rtmp_session *session, uint32_t window)
{
    if (window == 0)
        return;
    uint32_t half = window / 2;
    if (window >= RTMP_REPLY_WINDOW)
        half = RTMP_REPLY_WINDOW;
    session->ack_window = half > ACK_WINDOW_MIN ? half : ACK_WINDOW_MIN;
}

static void on_user_control(struct rtmp_session *session, struct be_reader *in)
{
    uint16_t event = be_read_u16(in);
    uint32_t value = be_read_u32(in);
    if (event == RTMP_USER_CONTROL_PING_REQUEST && !in->failed)
        rtmp_reply_pong(&session->out, value);
    else
        session->stats.n_unknown++;
}

/* Control messages count on any chunk stream; cameras send them anywhere. */
static int take_control(struct rtmp_session *session,
                        const struct rtmp_message *message, struct err *err)
{
    struct be_reader in = be_reader_of(rtmp_message_body(message));
    if (message->type == RTMP_MESSAGE_USER_CONTROL) {
        on_user_control(session, &in);
        return 0;
    }
    uint32_t value = be_read_u32(&in);
    if (in.failed)
        return err_set(err, ERR_PROTO, "control message of type %u with %zu bytes",
                       message->type, message->len);
    if (message->type == RTMP_MESSAGE_SET_CHUNK_SIZE)
        return rtmp_chunk_reader_set_chunk_size(session->reader, value, err);
    if (message->type == RTMP_MESSAGE_ABORT)
        rtmp_chunk_reader_abort(session->reader, value);
    else if (message->type == RTMP_MESSAGE_WINDOW_SIZE)
        on_window_size(session, value);
    return 0;
}

static int take_command(struct rtmp_session *session,
                        const struct rtmp_message *message, int64_t now_ms,
                        struct err *err)
{
    bool published = is_publishing(session);
    enum rtmp_dialogue_state state = session->dialogue.state;
    int error = rtmp_dialogue_take(&session->dialogue, message, &session->out,
                                   &session->events, err);
    if (published && !is_publishing(session))
        session->n_unpublished_in = 0;
    bool asks = session->dialogue.state == RTMP_DIALOGUE_ASKED;
    if (session->dialogue.state != state && (published || asks))
        session->state_ms = now_ms;
    return error;
}

static void take_media(struct rtmp_session *session, struct rtmp_message *message)
{
    if (!is_publishing(session)) {
        session->stats.n_unknown++;
        return;
    }
    session->has_media = session->has_media || rtmp_message_is_media(message->type);
    if (!rtmp_intake_take(&session->intake, message, &session->events))
        session->stats.n_unknown++;
}

static int take_message(struct rtmp_session *session, struct rtmp_message *message,
                        int64_t now_ms, struct err *err)
{
    session->stats.n_messages++;
    switch (message->type) {
    case RTMP_MESSAGE_SET_CHUNK_SIZE:
    case RTMP_MESSAGE_ABORT:
    case RTMP_MESSAGE_ACKNOWLEDGEMENT:
    case RTMP_MESSAGE_USER_CONTROL:
    case RTMP_MESSAGE_WINDOW_SIZE:
    case RTMP_MESSAGE_PEER_BANDWIDTH:
        return take_control(session, message, err);
    case RTMP_MESSAGE_COMMAND:
    case RTMP_MESSAGE_COMMAND_AMF3:
        return take_command(session, message, now_ms, err);
    case RTMP_MESSAGE_AUDIO:
    case RTMP_MESSAGE_VIDEO:
    case RTMP_MESSAGE_AGGREGATE:
    case RTMP_MESSAGE_DATA:
    case RTMP_MESSAGE_DATA_AMF3:
        take_media(session, message);
        return 0;
    default:
        session->stats.n_unknown++;
        return 0;
    }
}

/* At most up to the next acknowledgement and the end of the next message. 1: there may be
 * a further message in the bytes the reader has. */
static int take_chunks(struct rtmp_session *session, struct bytes *in, int64_t now_ms,
                       struct err *err)
{
    uint64_t due = session->n_acked + session->ack_window;
    require(due > session->n_read);
    struct bytes piece = bytes_first(*in, (size_t)(due - session->n_read));
    size_t len = piece.len;
    struct rtmp_message message = {0};
    int result = rtmp_chunk_reader_feed(session->reader, &piece, &message, err);
    size_t taken = len - piece.len;
    session->n_read += taken;
    *in = bytes_from(*in, taken);
    if (result > 0) {
        int error = take_message(session, &message, now_ms, err);
        rtmp_message_finish(&message);
        result = error ? error : 1;
    }
    acknowledge(session);
    return result;
}

static int take_handshake(struct rtmp_session *session, struct bytes *in,
                          int64_t now_ms, struct err *err)
{
    size_t len = in->len;
    int error = rtmp_handshake_feed(&session->handshake, in, &session->out, err);
    session->n_read += len - in->len;
    if (session->handshake.state == RTMP_HANDSHAKE_DONE)
        session->state_ms = now_ms;
    return error;
}

static int take_piece(struct rtmp_session *session, struct bytes *in, int64_t now_ms,
                      struct err *err)
{
    if (session->handshake.state != RTMP_HANDSHAKE_DONE)
        return take_handshake(session, in, now_ms, err);
    if (session->dialogue.state == RTMP_DIALOGUE_ASKED)
        builder_put(&session->waiting, *in);
    else if (session->dialogue.state != RTMP_DIALOGUE_REFUSED)
        return take_chunks(session, in, now_ms, err);
    *in = bytes_make(NULL, 0);
    return 0;
}

static int take_all(struct rtmp_session *session, struct bytes in, int64_t now_ms,
                    struct err *err)
{
    int result;
    do {
        result = take_piece(session, &in, now_ms, err);
    } while (result > 0 || (result == 0 && in.len > 0));
    if (!result && builder_failed(&session->out)) {
        session->passed = RTMP_LIMIT_ANSWERS;
        result = err_set(err, ERR_LIMIT, "answers are not taken");
    }
    if (!result && builder_failed(&session->waiting))
        result = err_set(err, ERR_LIMIT, "no memory for what waits behind publish");
    return result;
}

static int count_unpublished(struct rtmp_session *session, struct bytes in,
                             struct err *err)
{
    if (is_publishing(session) || session->dialogue.state == RTMP_DIALOGUE_REFUSED)
        return 0;
    uint32_t max = session->limits.before_publish_max;
    if (in.len > max - session->n_unpublished_in) {
        session->passed = RTMP_LIMIT_BEFORE_PUBLISH;
        return err_set(err, ERR_LIMIT, "more than %u bytes without a publish", max);
    }
    session->n_unpublished_in += (uint32_t)in.len;
    return 0;
}

struct deadline {
    int64_t at_ms;
    enum rtmp_limit limit;
    const char *words;
};

static struct deadline earlier(struct deadline a, struct deadline b)
{
    return a.at_ms <= b.at_ms ? a : b;
}

static struct deadline next_deadline(const struct rtmp_session *session)
{
    const struct rtmp_limits *limits = &session->limits;
    struct deadline idle = {session->heard_ms + limits->idle_ms, RTMP_LIMIT_IDLE,
                            "no byte for too long"};
    struct deadline none = {INT64_MAX, RTMP_LIMIT_NONE, ""};
    if (session->handshake.state != RTMP_HANDSHAKE_DONE)
        return (struct deadline){session->state_ms + limits->handshake_ms,
                                 RTMP_LIMIT_HANDSHAKE,
                                 "handshake not finished in time"};
    switch (session->dialogue.state) {
    case RTMP_DIALOGUE_CONNECT:
    case RTMP_DIALOGUE_IDLE:
        return (struct deadline){session->state_ms + limits->publish_ms,
                                 RTMP_LIMIT_PUBLISH, "no publish in time"};
    case RTMP_DIALOGUE_PUBLISHING:
        if (session->has_media)
            return idle;
        return earlier(idle, (struct deadline){
                                 session->state_ms + limits->first_media_ms,
                                 RTMP_LIMIT_FIRST_MEDIA, "no media after the publish"});
    case RTMP_DIALOGUE_ASKED:
        return (struct deadline){session->state_ms + limits->verdict_ms,
                                 RTMP_LIMIT_VERDICT, "publish not answered in time"};
    case RTMP_DIALOGUE_REFUSED:
        return none;
    }
    return none;
}

static int check_deadline(struct rtmp_session *session, int64_t now_ms, struct err *err)
{
    struct deadline deadline = next_deadline(session);
    if (now_ms < deadline.at_ms)
        return 0;
    if (session->dialogue.state == RTMP_DIALOGUE_ASKED)
        rtmp_dialogue_refuse(&session->dialogue,
                             "The server took too long to decide; try again.",
                             &session->out);
    session->passed = deadline.limit;
    return err_set(err, ERR_LIMIT, "%s", deadline.words);
}

int rtmp_session_feed(struct rtmp_session *session, struct bytes in, int64_t now_ms,
                      struct err *err)
{
    struct err *failure = &session->failure;
    if (failure->code == ERR_NONE) {
        if (in.len > 0)
            session->heard_ms = now_ms;
        session->stats.bytes_in += in.len;
        int error = count_unpublished(session, in, failure);
        if (!error)
            error = take_all(session, in, now_ms, failure);
        if (!error)
            (void)check_deadline(session, now_ms, failure);
    }
    if (failure->code != ERR_NONE && err)
        *err = *failure;
    return -(int)failure->code;
}

bool rtmp_session_next(struct rtmp_session *session, struct rtmp_event *ret_event)
{
    return rtmp_event_queue_shift(&session->events, ret_event);
}

void rtmp_session_event_finish(struct rtmp_event *event)
{
    switch (event->type) {
    case RTMP_EVENT_PUBLISH:
        alloc_free(event->publish.app);
        alloc_free(event->publish.key);
        alloc_free(event->publish.query);
        alloc_free(event->publish.encoder);
        break;
    case RTMP_EVENT_VIDEO_CONFIG:
    case RTMP_EVENT_VIDEO:
    case RTMP_EVENT_AUDIO_CONFIG:
    case RTMP_EVENT_AUDIO:
        buf_unref(event->media.data);
        break;
    case RTMP_EVENT_DATA:
        buf_unref(event->data.values);
        break;
    case RTMP_EVENT_METADATA:
    case RTMP_EVENT_VIDEO_COLOR:
    case RTMP_EVENT_TRACK_END:
    case RTMP_EVENT_UNPUBLISH:
        break;
    }
    *event = (struct rtmp_event){.type = RTMP_EVENT_UNPUBLISH};
}

void rtmp_session_accept(struct rtmp_session *session, int64_t now_ms)
{
    if (session->failure.code != ERR_NONE ||
        session->dialogue.state != RTMP_DIALOGUE_ASKED)
        return;
    rtmp_dialogue_accept(&session->dialogue, &session->out);
    session->state_ms = session->heard_ms = now_ms;
    session->has_media = false;
    session->n_unpublished_in = 0;
    /* What has waited may hold a further publish, behind which the rest waits again. */
    struct buf *waited = builder_take(&session->waiting);
    (void)take_all(session, buf_bytes(waited), now_ms, &session->failure);
    buf_unref(waited);
}

void rtmp_session_refuse(struct rtmp_session *session, const char *sentence)
{
    if (session->dialogue.state != RTMP_DIALOGUE_REFUSED)
        rtmp_dialogue_refuse(&session->dialogue, sentence, &session->out);
}

void rtmp_session_refuse_connect(struct rtmp_session *session, const char *sentence)
{
    if (!rtmp_dialogue_refuse_connect(&session->dialogue, sentence))
        rtmp_session_refuse(session, sentence);
}

bool rtmp_session_ask_reconnect(struct rtmp_session *session, const char *sentence)
{
    return session->failure.code == ERR_NONE &&
           rtmp_dialogue_ask_reconnect(&session->dialogue, sentence, &session->out);
}

struct buf *rtmp_session_take_output(struct rtmp_session *session)
{
    if (builder_bytes(&session->out).len == 0)
        return NULL;
    return builder_take(&session->out);
}

int64_t rtmp_session_deadline_ms(const struct rtmp_session *session)
{
    if (session->failure.code != ERR_NONE)
        return INT64_MIN;
    return next_deadline(session).at_ms;
}

enum rtmp_limit rtmp_session_limit(const struct rtmp_session *session)
{
    if (session->failure.code != ERR_LIMIT)
        return RTMP_LIMIT_NONE;
    if (session->passed != RTMP_LIMIT_NONE)
        return session->passed;
    enum rtmp_limit passed = rtmp_chunk_reader_limit(session->reader);
    return passed == RTMP_LIMIT_NONE ? RTMP_LIMIT_OTHER : passed;
}

struct rtmp_session_stats rtmp_session_get_stats(const struct rtmp_session *session)
{
    struct rtmp_session_stats stats = session->stats;
    stats.n_unknown += session->dialogue.n_unknown;
    stats.n_restarted = rtmp_chunk_reader_n_restarted(session->reader);
    return stats;
}
