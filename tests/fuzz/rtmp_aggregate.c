/* An aggregate message taken apart: parts lie within it and have padding behind them. */
#include "core/buf.h"
#include "core/require.h"
#include "server/rtmp/message.h"
#include "tests/fuzz/exact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t check(const struct rtmp_message *part)
{
    require(part->len == 0 || part->data);
    for (size_t i = 0; part->data && i < BUF_PADDING; i++)
        require(part->data[part->len + i] == 0);
    return part->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtmp_message aggregate = {.type = RTMP_MESSAGE_AGGREGATE, .stamp_ms = 1000};
    aggregate.data = exact_copy(data, size);
    aggregate.len = size;
    struct rtmp_message_parts parts = rtmp_message_parts_of(&aggregate);
    struct rtmp_message part;
    size_t total = 0;
    unsigned n = 0;
    while (rtmp_message_next_part(&parts, &part) > 0) {
        require(n > 0 || part.stamp_ms == 1000);
        total += check(&part);
        rtmp_message_finish(&part);
        n++;
    }
    require(total + 11 * n <= size);
    require(n <= RTMP_MESSAGE_PARTS_MAX);
    rtmp_message_finish(&aggregate);
    return 0;
}
