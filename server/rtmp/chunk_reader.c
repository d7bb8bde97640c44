#include "server/rtmp/chunk_reader.h"

#include <string.h>

#include "core/alloc.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/message.h"
#include "server/rtmp/session.h"

enum {
    STAMP_EXTENDED = 0xffffff,
    EXTENDED_LEN = 4,
    HEADER_MAX = 3 + 11 + EXTENDED_LEN,
    /* First memory of a message, if it is that long: most fit. 64 of them stay under 1 MiB. */
    MESSAGE_FIRST_CAP = 12 * 1024,
};

/* Types of chunk headers, 5.3.1.2. */
enum header_type { HEADER_FULL, HEADER_SAME_STREAM, HEADER_STAMP_ONLY, HEADER_NONE };

struct chunk_stream {
    uint32_t csid;
    /* as the last header said */
    uint32_t stamp_ms;
    uint32_t delta_ms;
    uint32_t extended; /* the four bytes of the last header that had them */
    uint32_t len;
    uint32_t stream_id;
    uint8_t type;
    bool has_extended;
    /* the message being received */
    bool open;
    uint8_t *data;
    size_t n_in;
    size_t cap;
};

enum expect {
    EXPECT_HEADER,  /* basic and message header, as long as they turn out to be */
    EXPECT_REPEAT,  /* maybe the extended stamp once more, behind a type 3 header */
    EXPECT_PAYLOAD, /* the chunk's share of the message */
};

struct rtmp_chunk_reader {
    const struct rtmp_limits *limits;
    enum rtmp_limit passed;
    uint32_t chunk_size;
    uint64_t n_restarted;
    size_t partial_total; /* n_in of all open messages */

    enum expect expect;
    uint8_t head[HEADER_MAX]; /* the header, or the repeated stamp so far */
    size_t head_len;
    /* Bytes that looked like a repeated stamp and were not: read again, before the input. */
    uint8_t replay[EXTENDED_LEN];
    size_t replay_len;

    struct chunk_stream *current; /* of the chunk being read */
    size_t chunk_left;

    struct chunk_stream *streams[256]; /* as many as the limit allows */
    size_t n_streams;
};

struct rtmp_chunk_reader *rtmp_chunk_reader_create(const struct rtmp_limits *limits)
{
    struct rtmp_chunk_reader *reader = alloc_zero(sizeof *reader);
    require(limits->chunk_streams_max <=
            sizeof reader->streams / sizeof reader->streams[0]);
    reader->limits = limits;
    reader->chunk_size = RTMP_CHUNK_SIZE_FIRST;
    return reader;
}

void rtmp_chunk_reader_destroy(struct rtmp_chunk_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->n_streams; i++) {
        alloc_free(reader->streams[i]->data);
        alloc_free(reader->streams[i]);
    }
    alloc_free(reader);
}

static void set_expect(struct rtmp_chunk_reader *reader, enum expect expect)
{
    reader->expect = expect;
    reader->head_len = 0;
}

static struct chunk_stream *find_stream(struct rtmp_chunk_reader *reader, uint32_t csid)
{
    if (reader->current && reader->current->csid == csid)
        return reader->current;
    for (size_t i = 0; i < reader->n_streams; i++) {
        if (reader->streams[i]->csid == csid)
            return reader->streams[i];
    }
    return NULL;
}

static struct chunk_stream *add_stream(struct rtmp_chunk_reader *reader, uint32_t csid)
{
    if (reader->n_streams == reader->limits->chunk_streams_max)
        return NULL;
    struct chunk_stream *stream = alloc_zero(sizeof *stream);
    stream->csid = csid;
    reader->streams[reader->n_streams++] = stream;
    return stream;
}

static void drop_partial(struct rtmp_chunk_reader *reader, struct chunk_stream *stream)
{
    reader->partial_total -= stream->n_in;
    alloc_free(stream->data);
    stream->data = NULL;
    stream->n_in = stream->cap = 0;
    stream->open = false;
}

/* How long the header in head is, as far as its bytes tell; more than head_len means that
 * bytes are missing. */
static size_t header_len(const uint8_t *head, size_t head_len)
{
    static const size_t message_len[] = {11, 7, 3, 0};
    if (head_len == 0)
        return 1;
    unsigned id = head[0] & 0x3f;
    size_t basic_len = id == 0 ? 2 : id == 1 ? 3 : 1;
    size_t len = basic_len + message_len[head[0] >> 6];
    if (head_len < len || head[0] >> 6 == HEADER_NONE)
        return len;
    struct be_reader in = be_reader_of(bytes_make(head + basic_len, 3));
    return be_read_u24(&in) == STAMP_EXTENDED ? len + EXTENDED_LEN : len;
}

static uint32_t read_csid(struct be_reader *in, enum header_type *ret_type)
{
    uint8_t first = be_read_u8(in);
    *ret_type = first >> 6;
    uint32_t id = first & 0x3f;
    if (id == 0)
        return 64 + (uint32_t)be_read_u8(in);
    if (id == 1) {
        uint32_t low = be_read_u8(in);
        return 64 + low + ((uint32_t)be_read_u8(in) << 8);
    }
    return id;
}

/* What a header with fields says. */
struct fields {
    enum header_type type;
    uint32_t stamp; /* absolute in a full header, else a delta */
    bool has_extended;
    uint32_t len;
    uint8_t message_type;
    uint32_t stream_id;
};

static uint32_t read_u32_little(struct be_reader *in)
{
    return __builtin_bswap32(be_read_u32(in));
}

static struct fields read_fields(struct be_reader *in, enum header_type type,
                                 const struct chunk_stream *stream)
{
    struct fields fields = {
        .type = type,
        .stamp = be_read_u24(in),
        .len = stream->len,
        .message_type = stream->type,
        .stream_id = stream->stream_id,
    };
    if (type <= HEADER_SAME_STREAM) {
        fields.len = be_read_u24(in);
        fields.message_type = be_read_u8(in);
    }
    if (type == HEADER_FULL)
        fields.stream_id = read_u32_little(in);
    fields.has_extended = fields.stamp == STAMP_EXTENDED;
    if (fields.has_extended)
        fields.stamp = be_read_u32(in);
    return fields;
}

/* In the middle of a message: does this header begin another one? */
static bool restarts(const struct chunk_stream *stream, const struct fields *fields)
{
    return fields->type == HEADER_FULL || fields->len != stream->len ||
           fields->message_type != stream->type;
}

static int check_len(struct rtmp_chunk_reader *reader,
                     const struct chunk_stream *stream, struct err *err)
{
    bool media = rtmp_message_is_media(stream->type);
    uint32_t max =
        media ? reader->limits->media_message_max : reader->limits->command_message_max;
    if (stream->len > max) {
        reader->passed = media ? RTMP_LIMIT_MEDIA_MESSAGE : RTMP_LIMIT_COMMAND_MESSAGE;
        return err_set(err, ERR_LIMIT, "message of type %u with %u bytes, %u allowed",
                       stream->type, stream->len, max);
    }
    return 0;
}

/* Fields of a header in the middle of a message change its further chunks only. */
static void apply_fields(struct rtmp_chunk_reader *reader, struct chunk_stream *stream,
                         const struct fields *fields)
{
    if (stream->open && restarts(stream, fields)) {
        drop_partial(reader, stream);
        reader->n_restarted++;
    }
    stream->has_extended = fields->has_extended;
    stream->extended = fields->stamp;
    if (stream->open)
        return;
    if (fields->type == HEADER_FULL) {
        stream->stamp_ms = fields->stamp;
        stream->delta_ms = 0;
    } else {
        stream->stamp_ms += fields->stamp;
        stream->delta_ms = fields->stamp;
    }
    stream->len = fields->len;
    stream->type = fields->message_type;
    stream->stream_id = fields->stream_id;
    stream->open = true;
}

static void begin_payload(struct rtmp_chunk_reader *reader)
{
    struct chunk_stream *stream = reader->current;
    size_t left = stream->len - stream->n_in;
    reader->chunk_left = left < reader->chunk_size ? left : reader->chunk_size;
    set_expect(reader, EXPECT_PAYLOAD);
}

static int take_header(struct rtmp_chunk_reader *reader, struct err *err)
{
    struct be_reader in = be_reader_of(bytes_make(reader->head, reader->head_len));
    enum header_type type;
    uint32_t csid = read_csid(&in, &type);
    struct chunk_stream *stream = find_stream(reader, csid);
    if (!stream)
        stream = add_stream(reader, csid);
    if (!stream) {
        reader->passed = RTMP_LIMIT_CHUNK_STREAMS;
        return err_set(err, ERR_LIMIT, "more than %u chunk streams in use",
                       reader->limits->chunk_streams_max);
    }
    reader->current = stream;
    if (type == HEADER_NONE) {
        if (!stream->open) {
            stream->stamp_ms += stream->delta_ms;
            stream->open = true;
        }
        if (stream->has_extended) {
            set_expect(reader, EXPECT_REPEAT);
            return 0;
        }
    } else {
        struct fields fields = read_fields(&in, type, stream);
        apply_fields(reader, stream, &fields);
    }
    require(!in.failed);
    begin_payload(reader);
    return check_len(reader, stream, err);
}

static int expect_header(struct rtmp_chunk_reader *reader, struct bytes *from,
                         struct err *err)
{
    while (from->len > 0) {
        reader->head[reader->head_len++] = from->data[0];
        *from = bytes_from(*from, 1);
        if (reader->head_len == header_len(reader->head, reader->head_len))
            return take_header(reader, err);
    }
    return 0;
}

/* head holds the first len bytes of value, as it would be on the wire. */
static bool begins(uint32_t value, const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (head[i] != (uint8_t)(value >> (24 - 8 * i)))
            return false;
    }
    return true;
}

/* Byte by byte, so that a difference shows before four bytes have come: at the end of a
 * message they may not come for long. The stamp is the header's field or, with some
 * encoders, the message's time. */
static void expect_repeat(struct rtmp_chunk_reader *reader, struct bytes *from)
{
    const struct chunk_stream *stream = reader->current;
    while (from->len > 0) {
        reader->head[reader->head_len++] = from->data[0];
        *from = bytes_from(*from, 1);
        if (!begins(stream->extended, reader->head, reader->head_len) &&
            !begins(stream->stamp_ms, reader->head, reader->head_len)) {
            /* None: what was taken for it goes back in front of all that follows. */
            uint8_t back[2 * EXTENDED_LEN];
            size_t n_back = reader->head_len;
            memcpy(back, reader->head, n_back);
            memcpy(back + n_back, reader->replay, reader->replay_len);
            require(n_back + reader->replay_len <= EXTENDED_LEN);
            reader->replay_len += n_back;
            memcpy(reader->replay, back, reader->replay_len);
            begin_payload(reader);
            return;
        }
        if (reader->head_len == EXTENDED_LEN) {
            begin_payload(reader);
            return;
        }
    }
}

/* Room for more bytes and the padding; doubles, and ends exactly at the message. */
static bool reserve(struct chunk_stream *stream, size_t more)
{
    size_t wanted = stream->n_in + more + BUF_PADDING;
    if (wanted <= stream->cap)
        return true;
    size_t cap = stream->cap ? 2 * stream->cap : MESSAGE_FIRST_CAP;
    if (cap < wanted)
        cap = wanted;
    if (cap > stream->len + BUF_PADDING)
        cap = stream->len + BUF_PADDING;
    uint8_t *data = alloc_try_resize(stream->data, cap);
    if (!data)
        return false;
    stream->data = data;
    stream->cap = cap;
    return true;
}

static void take_message(struct rtmp_chunk_reader *reader, struct chunk_stream *stream,
                         struct rtmp_message *ret_message)
{
    if (stream->data)
        memset(stream->data + stream->len, 0, BUF_PADDING);
    *ret_message = (struct rtmp_message){
        .type = stream->type,
        .stream_id = stream->stream_id,
        .stamp_ms = stream->stamp_ms,
        .data = stream->data,
        .len = stream->len,
    };
    stream->data = NULL;
    drop_partial(reader, stream);
}

/* 1 when the message is whole. */
static int expect_payload(struct rtmp_chunk_reader *reader, struct bytes *from,
                          struct rtmp_message *ret_message, struct err *err)
{
    struct chunk_stream *stream = reader->current;
    struct bytes piece = bytes_first(*from, reader->chunk_left);
    if (piece.len > 0) {
        if (reader->partial_total + piece.len > reader->limits->partial_total_max) {
            reader->passed = RTMP_LIMIT_PARTIAL_MESSAGES;
            return err_set(err, ERR_LIMIT, "more than %u bytes of unfinished messages",
                           reader->limits->partial_total_max);
        }
        if (!reserve(stream, piece.len))
            return err_set(err, ERR_LIMIT, "no memory for a message of %u bytes",
                           stream->len);
        memcpy(stream->data + stream->n_in, piece.data, piece.len);
        stream->n_in += piece.len;
        reader->partial_total += piece.len;
        reader->chunk_left -= piece.len;
        *from = bytes_from(*from, piece.len);
    }
    if (reader->chunk_left > 0)
        return 0;
    set_expect(reader, EXPECT_HEADER);
    if (stream->n_in < stream->len)
        return 0;
    take_message(reader, stream, ret_message);
    return 1;
}

static int step(struct rtmp_chunk_reader *reader, struct bytes *from,
                struct rtmp_message *ret_message, struct err *err)
{
    switch (reader->expect) {
    case EXPECT_HEADER:
        return expect_header(reader, from, err);
    case EXPECT_REPEAT:
        expect_repeat(reader, from);
        return 0;
    case EXPECT_PAYLOAD:
        return expect_payload(reader, from, ret_message, err);
    }
    return 0;
}

/* One step on the bytes to be read again. They are taken out first: the step may put some
 * back. */
static int step_replay(struct rtmp_chunk_reader *reader,
                       struct rtmp_message *ret_message, struct err *err)
{
    uint8_t again = reader->replay[0];
    struct bytes from = bytes_make(&again, 1);
    reader->replay_len--;
    memmove(reader->replay, reader->replay + 1, reader->replay_len);
    int result = step(reader, &from, ret_message, err);
    if (from.len > 0) { /* a chunk without payload took none */
        memmove(reader->replay + 1, reader->replay, reader->replay_len);
        reader->replay[0] = again;
        reader->replay_len++;
    }
    return result;
}

/* A message that is already whole needs no further byte to be given out. */
static bool is_whole(const struct rtmp_chunk_reader *reader)
{
    return reader->expect == EXPECT_PAYLOAD && reader->chunk_left == 0;
}

int rtmp_chunk_reader_feed(struct rtmp_chunk_reader *reader, struct bytes *in,
                           struct rtmp_message *ret_message, struct err *err)
{
    int result = 0;
    while (result == 0 && (reader->replay_len > 0 || in->len > 0 || is_whole(reader))) {
        if (reader->replay_len > 0)
            result = step_replay(reader, ret_message, err);
        else
            result = step(reader, in, ret_message, err);
    }
    return result;
}

int rtmp_chunk_reader_set_chunk_size(struct rtmp_chunk_reader *reader, uint32_t size,
                                     struct err *err)
{
    if (size == 0 || size > INT32_MAX)
        return err_set(err, ERR_PROTO, "chunk size %u", size);
    reader->chunk_size = size < RTMP_CHUNK_SIZE_MAX ? size : RTMP_CHUNK_SIZE_MAX;
    return 0;
}

void rtmp_chunk_reader_abort(struct rtmp_chunk_reader *reader, uint32_t csid)
{
    struct chunk_stream *stream = find_stream(reader, csid);
    if (stream && stream->open)
        drop_partial(reader, stream);
}

enum rtmp_limit rtmp_chunk_reader_limit(const struct rtmp_chunk_reader *reader)
{
    return reader->passed;
}

uint64_t rtmp_chunk_reader_n_restarted(const struct rtmp_chunk_reader *reader)
{
    return reader->n_restarted;
}
