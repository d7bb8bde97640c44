/* The chunk reader: the same messages, restarts and end however the bytes are cut. The
 * first byte of the input chooses the cuts. */
#include "core/be.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/chunk_reader.h"
#include "server/rtmp/message.h"
#include "server/rtmp/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trace {
    struct rtmp_chunk_reader *reader;
    uint64_t sum; /* over all messages */
    uint64_t n_messages;
};

/* Small, so that inputs of a fuzzer's size reach them. */
static const struct rtmp_limits limits = {
    .media_message_max = 2000,
    .command_message_max = 500,
    .partial_total_max = 3000,
    .chunk_streams_max = 6,
};

static void add(struct trace *trace, uint64_t value)
{
    trace->sum = (trace->sum ^ value) * 0x100000001b3;
}

static int take(struct trace *trace, struct rtmp_message *message)
{
    trace->n_messages++;
    add(trace, message->type);
    add(trace, message->stamp_ms);
    add(trace, message->stream_id);
    add(trace, message->len);
    for (size_t i = 0; i < message->len; i++)
        add(trace, message->data[i]);
    for (size_t i = 0; message->data && i < BUF_PADDING; i++)
        require(message->data[message->len + i] == 0);
    require(message->len <= (rtmp_message_is_media(message->type)
                                 ? limits.media_message_max
                                 : limits.command_message_max));
    struct be_reader body = be_reader_of(rtmp_message_body(message));
    if (message->type == RTMP_MESSAGE_SET_CHUNK_SIZE)
        return rtmp_chunk_reader_set_chunk_size(trace->reader, be_read_u32(&body),
                                                NULL);
    if (message->type == RTMP_MESSAGE_ABORT)
        rtmp_chunk_reader_abort(trace->reader, be_read_u32(&body));
    return 0;
}

static int feed(struct trace *trace, struct bytes in)
{
    struct rtmp_message message;
    int result;
    while ((result = rtmp_chunk_reader_feed(trace->reader, &in, &message, NULL)) > 0) {
        int error = take(trace, &message);
        rtmp_message_finish(&message);
        if (error)
            return error;
    }
    require(result < 0 || in.len == 0);
    return result;
}

static int feed_cut(struct trace *trace, struct bytes in, uint32_t seed)
{
    int result = 0;
    while (result == 0 && in.len > 0) {
        seed = seed * 1103515245 + 12345;
        size_t n = 1 + (seed >> 16) % 9;
        result = feed(trace, bytes_first(in, n));
        in = bytes_from(in, n);
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct bytes in = bytes_make(data + 1, size - 1);
    struct trace whole = {.reader = rtmp_chunk_reader_create(&limits)};
    struct trace cut = {.reader = rtmp_chunk_reader_create(&limits)};
    int whole_end = feed(&whole, in);
    int cut_end = feed_cut(&cut, in, data[0]);
    require(whole_end == cut_end);
    require(whole.n_messages == cut.n_messages && whole.sum == cut.sum);
    require(rtmp_chunk_reader_n_restarted(whole.reader) ==
            rtmp_chunk_reader_n_restarted(cut.reader));
    rtmp_chunk_reader_destroy(whole.reader);
    rtmp_chunk_reader_destroy(cut.reader);
    return 0;
}
