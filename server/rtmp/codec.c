#include "server/rtmp/codec.h"

#include "core/be.h"

const struct rtmp_codec_entry rtmp_codec_table[] = {
    {RTMP_CODEC_H264, true, true, 7, "avc1"},
    /* 12 is no number of Adobe's: encoders of before the FourCCs use it. */
    {RTMP_CODEC_HEVC, true, true, 12, "hvc1"},
    {RTMP_CODEC_AV1, true, true, 0, "av01"},
    {RTMP_CODEC_VP9, true, true, 0, "vp09"},
    {RTMP_CODEC_AAC, false, true, 10, "mp4a"},
    {RTMP_CODEC_OPUS, false, true, 0, "Opus"},
};
const size_t rtmp_codec_table_n = sizeof rtmp_codec_table / sizeof rtmp_codec_table[0];

static uint32_t fourcc_of(const struct rtmp_codec_entry *entry)
{
    struct be_reader in = be_reader_of(bytes_make(entry->fourcc, 4));
    return be_read_u32(&in);
}

enum rtmp_codec rtmp_codec_of_fourcc(bool is_video, uint32_t fourcc)
{
    for (size_t i = 0; i < rtmp_codec_table_n; i++) {
        if (rtmp_codec_table[i].is_video == is_video &&
            fourcc_of(&rtmp_codec_table[i]) == fourcc)
            return rtmp_codec_table[i].codec;
    }
    return RTMP_CODEC_OTHER;
}

enum rtmp_codec rtmp_codec_of_flv_id(bool is_video, unsigned id)
{
    for (size_t i = 0; i < rtmp_codec_table_n; i++) {
        if (rtmp_codec_table[i].is_video == is_video && id != 0 &&
            rtmp_codec_table[i].flv_id == id)
            return rtmp_codec_table[i].codec;
    }
    return RTMP_CODEC_OTHER;
}
