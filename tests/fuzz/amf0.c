/* AMF0, and what is read with it: commands and metadata. What a value contains lies within
 * the bytes and can be read by itself. The first byte of the input is not used. */
#include <string.h>

#include "core/err.h"
#include "core/require.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/command.h"
#include "server/rtmp/metadata.h"
#include "server/rtmp/session.h"
#include "tests/fuzz/exact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct bytes part, struct bytes whole)
{
    require(part.len <= whole.len);
    if (part.len > 0)
        require(part.data >= whole.data &&
                part.data + part.len <= whole.data + whole.len);
}

static void walk_value(const struct rtmp_amf0_value *value, struct bytes in,
                       unsigned depth);

static void walk(struct bytes in, bool properties, unsigned depth)
{
    require(depth <= RTMP_AMF0_DEPTH_MAX);
    struct rtmp_amf0_reader reader = rtmp_amf0_reader_of(in);
    struct rtmp_amf0_value value;
    struct bytes name = {0};
    int n;
    while ((n = properties ? rtmp_amf0_read_property(&reader, &name, &value)
                           : rtmp_amf0_read(&reader, &value)) > 0) {
        check_within(name, in);
        walk_value(&value, in, depth);
    }
    require(n == 0 || depth == 0); /* what contains it was read before */
}

static void walk_value(const struct rtmp_amf0_value *value, struct bytes in,
                       unsigned depth)
{
    check_within(value->text, in);
    check_within(value->content, in);
    require(value->text.len <= RTMP_AMF0_TEXT_MAX);
    if (value->kind == RTMP_AMF0_OBJECT || value->kind == RTMP_AMF0_ARRAY)
        walk(value->content, value->kind == RTMP_AMF0_OBJECT, depth + 1);
    if (value->kind == RTMP_AMF0_OBJECT) {
        struct rtmp_metadata metadata = rtmp_metadata_read(value->content);
        require(strlen(metadata.encoder) < sizeof metadata.encoder);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = exact_copy(data + 1, size - 1);
    struct bytes in = bytes_make(copy, size - 1);
    walk(in, false, 0);
    struct rtmp_command command;
    struct rtmp_connect connect;
    struct bytes name;
    if (rtmp_command_read(in, &command) == 0) {
        check_within(command.arguments, in);
        if (rtmp_command_read_connect(&command, &connect) == 0)
            check_within(connect.app, in);
        if (rtmp_command_read_publish(&command, &name) == 0)
            check_within(name, in);
    }
    alloc_free(copy);
    return 0;
}
