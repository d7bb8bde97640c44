#include "server/rtmp/color.h"

#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"

/* ISO/IEC 23091-2: the value that says nothing, the same in all three tables. */
enum { UNSPECIFIED = 2 };

/* Steps of the box mdcv: 1/50000 of a chromaticity, 1/10000 of a cd/m2. */
static const double CHROMATICITY_STEPS = 50000;
static const double LUMINANCE_STEPS = 10000;

/* A property times steps, rounded; false when it is missing or past max. */
static bool read_scaled(struct bytes object, const char *name, double steps,
                        uint32_t max, uint32_t *ret)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(object, name, &value) || value.kind != RTMP_AMF0_NUMBER)
        return false;
    double scaled = value.number * steps + 0.5;
    /* NaN fails both comparisons. */
    if (!(scaled >= 0.5 && scaled < (double)max + 1))
        return false;
    *ret = (uint32_t)scaled;
    return true;
}

static uint8_t read_index(struct bytes object, const char *name, uint8_t otherwise)
{
    uint32_t index;
    return read_scaled(object, name, 1, UINT8_MAX, &index) ? (uint8_t)index : otherwise;
}

static void read_config(struct bytes object, struct rtmp_color *color)
{
    color->bit_depth = read_index(object, "bitDepth", 0);
    color->primaries = read_index(object, "colorPrimaries", UNSPECIFIED);
    color->transfer = read_index(object, "transferCharacteristics", UNSPECIFIED);
    color->matrix = read_index(object, "matrixCoefficients", UNSPECIFIED);
}

static void read_light_level(struct bytes object, struct rtmp_color *color)
{
    uint32_t cll, fall;
    if (!read_scaled(object, "maxCLL", 1, UINT16_MAX, &cll) ||
        !read_scaled(object, "maxFall", 1, UINT16_MAX, &fall))
        return;
    color->has_cll = true;
    color->max_cll = (uint16_t)cll;
    color->max_fall = (uint16_t)fall;
}

static void read_mastering(struct bytes object, struct rtmp_color *color)
{
    struct rtmp_mastering mastering = {0};
    const struct {
        const char *name;
        uint16_t *place;
    } points[] = {
        {"redX", &mastering.red_x},          {"redY", &mastering.red_y},
        {"greenX", &mastering.green_x},      {"greenY", &mastering.green_y},
        {"blueX", &mastering.blue_x},        {"blueY", &mastering.blue_y},
        {"whitePointX", &mastering.white_x}, {"whitePointY", &mastering.white_y},
    };
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint32_t scaled;
        if (!read_scaled(object, points[i].name, CHROMATICITY_STEPS, UINT16_MAX,
                         &scaled))
            return;
        *points[i].place = (uint16_t)scaled;
    }
    if (!read_scaled(object, "maxLuminance", LUMINANCE_STEPS, INT32_MAX,
                     &mastering.luminance_max) ||
        !read_scaled(object, "minLuminance", LUMINANCE_STEPS, INT32_MAX,
                     &mastering.luminance_min))
        return;
    color->has_mastering = true;
    color->mastering = mastering;
}

static struct rtmp_color read_info(struct bytes object)
{
    static const struct {
        const char *name;
        void (*read)(struct bytes object, struct rtmp_color *color);
    } sections[] = {
        {"colorConfig", read_config},
        {"hdrCll", read_light_level},
        {"hdrMdcv", read_mastering},
    };
    struct rtmp_color color = {
        .primaries = UNSPECIFIED, .transfer = UNSPECIFIED, .matrix = UNSPECIFIED};
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        struct rtmp_amf0_value value;
        if (rtmp_amf0_find(object, sections[i].name, &value) &&
            value.kind == RTMP_AMF0_OBJECT)
            sections[i].read(value.content, &color);
    }
    return color;
}

bool rtmp_color_read(struct bytes amf0, struct rtmp_color *ret_color)
{
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(amf0);
    struct rtmp_amf0_value name, value;
    while (rtmp_amf0_read(&in, &name) > 0 && rtmp_amf0_read(&in, &value) > 0) {
        if (name.kind != RTMP_AMF0_TEXT || !bytes_equal_text(name.text, "colorInfo"))
            continue;
        if (value.kind != RTMP_AMF0_OBJECT && value.kind != RTMP_AMF0_NULL)
            return false;
        *ret_color = read_info(value.content);
        return true;
    }
    return false;
}
