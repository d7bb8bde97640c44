#include "packager/media/hevc_sei.h"

#include "core/be.h"
#include "packager/media/nal.h"

enum {
    NAL_HEADER = 2,
    TYPE_MASTERING = 137,
    TYPE_LIGHT_LEVEL = 144,
    GOES_ON =
        0xff, /* 7.3.5: types and sizes are sums of bytes up to one that is less */
};

static uint32_t read_sum(struct be_reader *r)
{
    uint32_t sum = 0;
    for (;;) {
        uint8_t byte = be_read_u8(r);
        sum += byte;
        if (byte != GOES_ON || r->failed)
            return sum;
    }
}

/* Green, blue, red and white, as the track has them. */
static void read_mastering(struct be_reader r, struct track_color *color)
{
    struct track_color read = *color;
    for (int i = 0; i < 4; i++)
        for (int xy = 0; xy < 2; xy++)
            read.mastering_xy[i][xy] = be_read_u16(&r);
    read.luminance_max = be_read_u32(&r);
    read.luminance_min = be_read_u32(&r);
    read.has_mastering = true;
    if (!r.failed)
        *color = read;
}

static void read_light_level(struct be_reader r, struct track_color *color)
{
    uint16_t max_cll = be_read_u16(&r);
    uint16_t max_fall = be_read_u16(&r);
    if (r.failed)
        return;
    color->max_cll = max_cll;
    color->max_fall = max_fall;
    color->has_light_level = true;
}

void media_hevc_sei_read(struct bytes nal, struct track_color *color)
{
    uint8_t payload[HEVC_SEI_BYTES_MAX];
    size_t len =
        media_nal_unescape(bytes_from(nal, nal.len < NAL_HEADER ? nal.len : NAL_HEADER),
                           payload, sizeof payload);
    struct be_reader r = be_reader_of(bytes_make(payload, len));
    /* The last byte is the one that ends all NAL units. */
    while (r.rest.len > 1) {
        uint32_t type = read_sum(&r);
        struct bytes message = be_read_bytes(&r, read_sum(&r));
        if (r.failed)
            return;
        if (type == TYPE_MASTERING && !color->has_mastering)
            read_mastering(be_reader_of(message), color);
        else if (type == TYPE_LIGHT_LEVEL && !color->has_light_level)
            read_light_level(be_reader_of(message), color);
    }
}
