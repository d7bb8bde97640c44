#include "server/rtmp/metadata.h"

#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"

void rtmp_metadata_printable(struct bytes text, char *out, size_t out_size)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len && n + 1 < out_size; i++) {
        uint8_t c = text.data[i];
        if (c >= ' ' && c <= '~')
            out[n++] = (char)c;
    }
    out[n] = '\0';
}

/* Codec ids come as numbers, FourCC numbers or texts; 0 and nothing mean no track. */
static bool announces(const struct rtmp_amf0_value *value)
{
    return (value->kind == RTMP_AMF0_NUMBER && value->number != 0) ||
           (value->kind == RTMP_AMF0_TEXT && value->text.len > 0);
}

static void read_number(const struct rtmp_amf0_value *value, double *ret)
{
    /* NaN fails both comparisons. */
    if (value->kind == RTMP_AMF0_NUMBER && value->number > 0 &&
        value->number <= RTMP_METADATA_NUMBER_MAX)
        *ret = value->number;
}

static void read_property(struct bytes name, const struct rtmp_amf0_value *value,
                          struct rtmp_metadata *metadata)
{
    const struct {
        const char *name;
        double *number;
    } numbers[] = {
        {"width", &metadata->width},
        {"height", &metadata->height},
        {"framerate", &metadata->frame_rate},
        {"fps", &metadata->frame_rate},
        {"videodatarate", &metadata->video_kbps},
        {"audiodatarate", &metadata->audio_kbps},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (bytes_equal_text(name, numbers[i].name))
            read_number(value, numbers[i].number);
    }
    if (bytes_equal_text(name, "audiocodecid"))
        metadata->has_audio = announces(value);
    else if (bytes_equal_text(name, "videocodecid"))
        metadata->has_video = announces(value);
    else if (bytes_equal_text(name, "encoder") && value->kind == RTMP_AMF0_TEXT)
        rtmp_metadata_printable(value->text, metadata->encoder,
                                sizeof metadata->encoder);
}

struct rtmp_metadata rtmp_metadata_read(struct bytes content)
{
    struct rtmp_metadata metadata = {0};
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(content);
    struct bytes name;
    struct rtmp_amf0_value value;
    while (rtmp_amf0_read_property(&in, &name, &value) > 0)
        read_property(name, &value, &metadata);
    return metadata;
}
