#include "server/show/color.h"

#include <string.h>

static uint8_t told_or(uint8_t told, uint8_t coded, bool is_known)
{
    if (told != TRACK_COLOR_UNSPECIFIED && told != 0)
        return told;
    return is_known ? coded : TRACK_COLOR_UNSPECIFIED;
}

struct track_color show_color_merge(const struct rtmp_color *told,
                                    const struct track_color *coded)
{
    const struct rtmp_mastering *on = &told->mastering;
    struct track_color color = {
        .primaries = told_or(told->primaries, coded->primaries, coded->known),
        .transfer = told_or(told->transfer, coded->transfer, coded->known),
        .matrix = told_or(told->matrix, coded->matrix, coded->known),
        .full_range = coded->full_range,
        .has_light_level = told->has_cll || coded->has_light_level,
        .max_cll = told->has_cll ? told->max_cll : coded->max_cll,
        .max_fall = told->has_cll ? told->max_fall : coded->max_fall,
        .has_mastering = coded->has_mastering,
        .luminance_max = coded->luminance_max,
        .luminance_min = coded->luminance_min,
    };
    memcpy(color.mastering_xy, coded->mastering_xy, sizeof color.mastering_xy);
    color.known = color.primaries != TRACK_COLOR_UNSPECIFIED ||
                  color.transfer != TRACK_COLOR_UNSPECIFIED ||
                  color.matrix != TRACK_COLOR_UNSPECIFIED;
    if (!told->has_mastering)
        return color;
    const uint16_t xy[4][2] = {{on->green_x, on->green_y},
                               {on->blue_x, on->blue_y},
                               {on->red_x, on->red_y},
                               {on->white_x, on->white_y}};
    memcpy(color.mastering_xy, xy, sizeof xy);
    color.has_mastering = true;
    color.luminance_max = on->luminance_max;
    color.luminance_min = on->luminance_min;
    return color;
}
