#include "server/rtmp/dialogue.h"

#include "core/alloc.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/address.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/command.h"
#include "server/rtmp/event_queue.h"
#include "server/rtmp/message.h"
#include "server/rtmp/metadata.h"
#include "server/rtmp/reply.h"

/* What a handler of a command works on. */
struct call {
    struct rtmp_dialogue *dialogue;
    const struct rtmp_message *message;
    const struct rtmp_command *command;
    struct builder *out;
    struct rtmp_event_queue *events;
    struct err *err;
};

void rtmp_dialogue_init(struct rtmp_dialogue *dialogue)
{
    *dialogue = (struct rtmp_dialogue){.state = RTMP_DIALOGUE_CONNECT};
}

void rtmp_dialogue_finish(struct rtmp_dialogue *dialogue)
{
    alloc_free(dialogue->app);
    alloc_free(dialogue->tc_url);
    rtmp_dialogue_init(dialogue);
}

static void set_state(struct rtmp_dialogue *dialogue, enum rtmp_dialogue_state state)
{
    static const bool allowed[][RTMP_DIALOGUE_REFUSED + 1] = {
        [RTMP_DIALOGUE_CONNECT] =
            {[RTMP_DIALOGUE_IDLE] = true, [RTMP_DIALOGUE_REFUSED] = true},
        [RTMP_DIALOGUE_IDLE] =
            {[RTMP_DIALOGUE_ASKED] = true, [RTMP_DIALOGUE_REFUSED] = true},
        [RTMP_DIALOGUE_ASKED] =
            {[RTMP_DIALOGUE_PUBLISHING] = true, [RTMP_DIALOGUE_REFUSED] = true},
        [RTMP_DIALOGUE_PUBLISHING] =
            {[RTMP_DIALOGUE_IDLE] = true, [RTMP_DIALOGUE_REFUSED] = true},
        [RTMP_DIALOGUE_REFUSED] = {false},
    };
    require(allowed[dialogue->state][state]);
    dialogue->state = state;
}

static bool wants_answer(const struct call *call)
{
    return call->command->transaction != 0;
}

/* Texts become C strings later: a NUL inside would hide what is behind it. */
static int check_text(struct bytes text, size_t max, const char *what, struct err *err)
{
    if (text.len > max)
        return err_set(err, ERR_LIMIT, "%s with %zu bytes, %zu allowed", what, text.len,
                       max);
    if (bytes_index(text, 0, '\0') < text.len)
        return err_set(err, ERR_PROTO, "%s with a NUL byte", what);
    return 0;
}

static int reject(struct call *call)
{
    const char *sentence = call->dialogue->rejection;
    rtmp_reply_rejected(call->out, call->command->transaction, sentence);
    set_state(call->dialogue, RTMP_DIALOGUE_REFUSED);
    return err_set(call->err, ERR_CLOSED, "%s", sentence);
}

static int on_connect(struct call *call)
{
    struct rtmp_dialogue *dialogue = call->dialogue;
    if (dialogue->state != RTMP_DIALOGUE_CONNECT)
        return err_set(call->err, ERR_PROTO, "connect came twice");
    struct rtmp_connect connect;
    if (rtmp_command_read_connect(call->command, &connect) < 0)
        return err_set(call->err, ERR_PROTO, "connect without a readable object");
    int error = check_text(connect.app, RTMP_APP_MAX, "app", call->err);
    if (!error)
        error = check_text(connect.tc_url, RTMP_APP_MAX, "tcUrl", call->err);
    if (error)
        return error;
    if (dialogue->rejects)
        return reject(call);
    dialogue->app = bytes_to_text(connect.app);
    dialogue->tc_url = bytes_to_text(connect.tc_url);
    rtmp_metadata_printable(connect.flash_version, dialogue->encoder,
                            sizeof dialogue->encoder);
    dialogue->caps = connect.caps;
    rtmp_reply_connected(call->out, call->command->transaction);
    set_state(dialogue, RTMP_DIALOGUE_IDLE);
    return 0;
}

static int on_call_without_effect(struct call *call)
{
    if (wants_answer(call))
        rtmp_reply_result(call->out, call->command->transaction);
    return 0;
}

static int on_fc_publish(struct call *call)
{
    (void)on_call_without_effect(call);
    rtmp_reply_fc(call->out, "onFCPublish", "NetStream.Publish.Start");
    return 0;
}

static int on_create_stream(struct call *call)
{
    if (wants_answer(call))
        rtmp_reply_stream_created(call->out, call->command->transaction);
    return 0;
}

static void bad_name(struct builder *out, uint32_t stream_id, const char *description)
{
    rtmp_reply_status(out, stream_id, "error", "NetStream.Publish.BadName",
                      description);
}

static int on_publish(struct call *call)
{
    struct rtmp_dialogue *dialogue = call->dialogue;
    if (dialogue->state == RTMP_DIALOGUE_PUBLISHING) {
        bad_name(call->out, call->message->stream_id,
                 "This connection is publishing already.");
        return 0;
    }
    struct bytes name;
    if (rtmp_command_read_publish(call->command, &name) < 0)
        return err_set(call->err, ERR_PROTO, "publish without a readable name");
    int error = check_text(name, RTMP_KEY_MAX, "stream name", call->err);
    if (error)
        return error;
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH};
    rtmp_address_read(bytes_text(dialogue->tc_url), bytes_text(dialogue->app), name,
                      &event.publish);
    event.publish.encoder = alloc_text(dialogue->encoder);
    event.publish.caps = dialogue->caps;
    rtmp_event_queue_push(call->events, &event);
    dialogue->stream_id = call->message->stream_id;
    set_state(dialogue, RTMP_DIALOGUE_ASKED);
    return 0;
}

static int on_stop(struct call *call)
{
    struct rtmp_dialogue *dialogue = call->dialogue;
    if (wants_answer(call))
        rtmp_reply_result(call->out, call->command->transaction);
    if (dialogue->state != RTMP_DIALOGUE_PUBLISHING)
        return 0;
    rtmp_reply_fc(call->out, "onFCUnpublish", "NetStream.Unpublish.Success");
    rtmp_reply_status(call->out, dialogue->stream_id, "status",
                      "NetStream.Unpublish.Success", "Stopped.");
    set_state(dialogue, RTMP_DIALOGUE_IDLE);
    struct rtmp_event event = {.type = RTMP_EVENT_UNPUBLISH};
    rtmp_event_queue_push(call->events, &event);
    return 0;
}

/* Of streams beside the one that publishes nothing is known; encoders that name none mean
 * that one. */
static bool is_ours(const struct call *call, uint32_t stream_id)
{
    const struct rtmp_dialogue *dialogue = call->dialogue;
    return stream_id == 0 || dialogue->stream_id == 0 ||
           stream_id == dialogue->stream_id;
}

static int on_close_stream(struct call *call)
{
    return is_ours(call, call->message->stream_id) ? on_stop(call)
                                                   : on_call_without_effect(call);
}

static int on_delete_stream(struct call *call)
{
    uint32_t stream_id = 0;
    (void)rtmp_command_read_stream(call->command, &stream_id);
    return is_ours(call, stream_id) ? on_stop(call) : on_call_without_effect(call);
}

static int on_unknown(struct call *call)
{
    call->dialogue->n_unknown++;
    if (wants_answer(call))
        rtmp_reply_call_failed(call->out, call->command->transaction);
    return 0;
}

static int on_answer(struct call *call)
{
    call->dialogue->n_unknown++;
    return 0;
}

static int (*const handlers[RTMP_COMMANDS])(struct call *call) = {
    [RTMP_COMMAND_UNKNOWN] = on_unknown,
    [RTMP_COMMAND_CONNECT] = on_connect,
    [RTMP_COMMAND_RELEASE_STREAM] = on_call_without_effect,
    [RTMP_COMMAND_FC_PUBLISH] = on_fc_publish,
    [RTMP_COMMAND_CREATE_STREAM] = on_create_stream,
    [RTMP_COMMAND_PUBLISH] = on_publish,
    [RTMP_COMMAND_FC_UNPUBLISH] = on_stop,
    [RTMP_COMMAND_CLOSE_STREAM] = on_close_stream,
    [RTMP_COMMAND_DELETE_STREAM] = on_delete_stream,
    [RTMP_COMMAND_CHECK_BANDWIDTH] = on_call_without_effect,
    [RTMP_COMMAND_ANSWER] = on_answer,
};

int rtmp_dialogue_take(struct rtmp_dialogue *dialogue,
                       const struct rtmp_message *message, struct builder *out,
                       struct rtmp_event_queue *events, struct err *err)
{
    require(dialogue->state != RTMP_DIALOGUE_ASKED &&
            dialogue->state != RTMP_DIALOGUE_REFUSED);
    struct rtmp_command command;
    bool is_readable = rtmp_command_read(rtmp_command_amf0_of(message), &command) == 0;
    /* Whatever a Flash client tells of itself: what matters comes as AMF0. */
    if (!is_readable && message->type == RTMP_MESSAGE_COMMAND_AMF3 &&
        dialogue->state != RTMP_DIALOGUE_CONNECT)
        return 0;
    if (!is_readable)
        return err_set(err, ERR_PROTO, "command that cannot be read");
    if (dialogue->state == RTMP_DIALOGUE_CONNECT && command.id != RTMP_COMMAND_CONNECT)
        return err_set(err, ERR_PROTO, "the first command is not connect");
    struct call call = {
        .dialogue = dialogue,
        .message = message,
        .command = &command,
        .out = out,
        .events = events,
        .err = err,
    };
    return handlers[command.id](&call);
}

void rtmp_dialogue_accept(struct rtmp_dialogue *dialogue, struct builder *out)
{
    rtmp_reply_status(out, dialogue->stream_id, "status", "NetStream.Publish.Start",
                      "Publishing.");
    set_state(dialogue, RTMP_DIALOGUE_PUBLISHING);
}

void rtmp_dialogue_refuse(struct rtmp_dialogue *dialogue, const char *sentence,
                          struct builder *out)
{
    char description[RTMP_DIALOGUE_SENTENCE_MAX + 1];
    rtmp_metadata_printable(bytes_text(sentence), description, sizeof description);
    bad_name(out, dialogue->stream_id, description);
    set_state(dialogue, RTMP_DIALOGUE_REFUSED);
}

bool rtmp_dialogue_refuse_connect(struct rtmp_dialogue *dialogue, const char *sentence)
{
    if (dialogue->state != RTMP_DIALOGUE_CONNECT)
        return false;
    dialogue->rejects = true;
    rtmp_metadata_printable(bytes_text(sentence), dialogue->rejection,
                            sizeof dialogue->rejection);
    return true;
}

bool rtmp_dialogue_ask_reconnect(const struct rtmp_dialogue *dialogue,
                                 const char *sentence, struct builder *out)
{
    if (!(dialogue->caps & RTMP_CAPS_RECONNECT) ||
        dialogue->state == RTMP_DIALOGUE_REFUSED)
        return false;
    char description[RTMP_DIALOGUE_SENTENCE_MAX + 1];
    rtmp_metadata_printable(bytes_text(sentence), description, sizeof description);
    rtmp_reply_status(out, 0, "status", "NetConnection.Connect.ReconnectRequest",
                      description);
    return true;
}
