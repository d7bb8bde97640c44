/* Writes the seed files of the fuzz targets rtmp_session, rtmp_chunk, rtmp_aggregate, amf0
 * and flv_tag from the scripted dialogues, each content once:
 *
 *   rtmp_seeds tests/fuzz/corpus */
#include <stdio.h>
#include <stdlib.h>

#include "core/builder.h"
#include "core/err.h"
#include "server/rtmp/chunk_reader.h"
#include "server/rtmp/message.h"
#include "server/rtmp/session.h"
#include "tests/unit/server/rtmp/dialogues.h"

enum {
    HANDSHAKE = 1 + 2 * RTMP_DIGEST_BLOCK,
    BODY_MAX = 64,
    COLOR_MAX = 300,
    PATH_SIZE = 512
};

static void write_file(const char *folder, const char *target, const char *name,
                       unsigned number, uint8_t first, struct bytes content)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof path, "%s/%s/%s-%u", folder, target, name, number);
    FILE *out = len < (int)sizeof path ? fopen(path, "wb") : NULL;
    if (!out || fputc(first, out) == EOF ||
        fwrite(content.data, 1, content.len, out) != content.len || fclose(out) != 0) {
        (void)fprintf(stderr, "%s cannot be written\n", path);
        exit(1);
    }
}

/* What has been written: dialogues say much alike. */
static bool is_new(struct bytes content)
{
    static uint64_t seen[1024];
    static size_t n;
    uint64_t sum = content.len;
    for (size_t i = 0; i < content.len; i++)
        sum = (sum ^ content.data[i]) * 0x100000001b3;
    for (size_t i = 0; i < n; i++) {
        if (seen[i] == sum)
            return false;
    }
    if (n < sizeof seen / sizeof seen[0])
        seen[n++] = sum;
    return true;
}

static void write_message(const char *folder, const char *name, unsigned number,
                          const struct rtmp_message *message)
{
    struct bytes body = rtmp_message_body(message);
    bool is_tag =
        message->type == RTMP_MESSAGE_AUDIO || message->type == RTMP_MESSAGE_VIDEO;
    if (is_tag) /* colours have more to say than media, of which the head is enough */
        body = bytes_first(body, body.len < COLOR_MAX ? COLOR_MAX : BODY_MAX);
    if (!is_new(body))
        return;
    if (message->type == RTMP_MESSAGE_COMMAND || message->type == RTMP_MESSAGE_DATA)
        write_file(folder, "amf0", name, number, 0, body);
    else if (is_tag)
        write_file(folder, "flv_tag", name, number, message->type == RTMP_MESSAGE_VIDEO,
                   body);
    else if (message->type == RTMP_MESSAGE_AGGREGATE)
        write_file(folder, "rtmp_aggregate", name, number, body.data[0],
                   bytes_from(body, 1));
}

static void write_messages(const char *folder, const char *name, struct bytes chunks)
{
    struct rtmp_chunk_reader *reader =
        rtmp_chunk_reader_create(&rtmp_session_default_limits);
    struct rtmp_message message;
    unsigned number = 0;
    while (rtmp_chunk_reader_feed(reader, &chunks, &message, NULL) > 0) {
        write_message(folder, name, number++, &message);
        if (message.type == RTMP_MESSAGE_SET_CHUNK_SIZE)
            (void)rtmp_chunk_reader_set_chunk_size(
                reader, (uint32_t)message.data[2] << 8 | message.data[3], NULL);
        rtmp_message_finish(&message);
    }
    rtmp_chunk_reader_destroy(reader);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct script script;
        script_init(&script);
        dialogues[i].write(&script);
        const char *name = dialogues[i].name;
        struct bytes whole = script_bytes(&script);
        struct bytes chunks = bytes_from(whole, HANDSHAKE);
        write_file(argv[1], "rtmp_session", name, 0, 1, chunks);
        write_file(argv[1], "rtmp_chunk", name, 0, 7, chunks);
        write_messages(argv[1], name, chunks);
        script_finish(&script);
    }
    return 0;
}
