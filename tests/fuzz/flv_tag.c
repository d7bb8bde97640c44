/* FLV tag headers of audio (first byte 0) and video. */
#include <string.h>

#include "core/alloc.h"
#include "core/require.h"
#include "server/rtmp/flv_tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = alloc_zero(size - 1); /* exact: reads behind the end are seen */
    if (size > 1)
        memcpy(copy, data + 1, size - 1);
    struct bytes body = bytes_make(copy, size - 1);
    struct rtmp_flv_tag tag =
        data[0] ? rtmp_flv_tag_read_video(body) : rtmp_flv_tag_read_audio(body);
    if (tag.kind != RTMP_FLV_TAG_NOTHING) {
        require(tag.payload_at < body.len);
        require(tag.cts_ms >= -0x800000 && tag.cts_ms <= 0x7fffff);
        require(data[0] || tag.key);
    }
    alloc_free(copy);
    return 0;
}
