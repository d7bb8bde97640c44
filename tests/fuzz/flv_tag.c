/* FLV tags of audio (first byte 0) and video, with what is read of their payloads. */
#include "server/rtmp/flv_tag.h"
#include "core/require.h"
#include "server/rtmp/color.h"
#include "server/rtmp/hevc_record.h"
#include "tests/fuzz/exact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_video, struct bytes body, const struct rtmp_flv_tag *tag)
{
    require(tag->cts_ms >= -0x800000 && tag->cts_ms <= 0x7fffff);
    require(is_video || (tag->key && tag->kind != RTMP_FLV_TAG_METADATA));
    if (tag->payload.len == 0) {
        require(tag->kind == RTMP_FLV_TAG_END || tag->codec == RTMP_CODEC_OPUS);
        return;
    }
    require(tag->payload.data > body.data);
    require(tag->payload.data + tag->payload.len <= body.data + body.len);
    struct rtmp_color color;
    if (tag->kind == RTMP_FLV_TAG_METADATA)
        (void)rtmp_color_read(tag->payload, &color);
    if (tag->kind == RTMP_FLV_TAG_CONFIG)
        (void)rtmp_hevc_record_is(tag->payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t *copy = exact_copy(data + 1, size - 1);
    struct bytes body = bytes_make(copy, size - 1);
    bool is_video = data[0] != 0;
    struct rtmp_flv_tag_reader reader = rtmp_flv_tag_reader_of(is_video, body);
    struct rtmp_flv_tag tag;
    unsigned n = 0;
    while (rtmp_flv_tag_next(&reader, &tag)) {
        check(is_video, body, &tag);
        n++;
    }
    require(n <= RTMP_FLV_TAG_TRACKS_MAX);
    require(!rtmp_flv_tag_next(&reader, &tag));
    alloc_free(copy);
    return 0;
}
