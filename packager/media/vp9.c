#include "packager/media/vp9.h"

#include <stdio.h>

#include "core/be.h"
#include "core/err.h"
#include "packager/media/bits.h"

enum {
    BOX_VERSION_FLAGS = 0x01000000,
    BOX_HEAD = 4,
    RECORD_SIZE = 8,
    PROFILE_MAX = 3,
    LEVEL_MAX = 62,
    FRAME_MARKER = 2,
    SYNC_CODE = 0x498342,
    COLOR_SPACE_RGB = 7,
    CHROMA_420 = 1,
    CHROMA_MAX = 3,
};

static int check(const struct track_vp9 *config, struct err *err)
{
    uint8_t depth = config->bit_depth;
    if (config->profile > PROFILE_MAX || config->level > LEVEL_MAX)
        return err_set(err, ERR_MEDIA, "VP9 profile %u, level %u are not known",
                       config->profile, config->level);
    if ((depth != 8 && depth != 10 && depth != 12) || config->chroma > CHROMA_MAX)
        return err_set(err, ERR_MEDIA, "VP9 configuration: %u bits, chroma format %u",
                       depth, config->chroma);
    return 0;
}

int media_vp9_parse_config(struct bytes vpcc, struct vp9_config *ret, struct err *err)
{
    if (vpcc.len > VP9_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "VP9 configuration of %zu bytes, at most %d",
                       vpcc.len, VP9_CONFIG_MAX);
    /* Some encoders leave the box's version and flags in front. A level 0 of profile 1 in
     * 0 bits cannot be meant. */
    struct be_reader head = be_reader_of(vpcc);
    if (vpcc.len >= BOX_HEAD + RECORD_SIZE && be_read_u32(&head) == BOX_VERSION_FLAGS)
        vpcc = bytes_from(vpcc, BOX_HEAD);
    struct bits bits = media_bits_of(vpcc);
    struct vp9_config config = {0};
    config.fields.profile = (uint8_t)media_bits_read(&bits, 8);
    config.fields.level = (uint8_t)media_bits_read(&bits, 8);
    config.fields.bit_depth = (uint8_t)media_bits_read(&bits, 4);
    config.fields.chroma = (uint8_t)media_bits_read(&bits, 3);
    config.color.full_range = media_bits_flag(&bits);
    config.color.primaries = (uint8_t)media_bits_read(&bits, 8);
    config.color.transfer = (uint8_t)media_bits_read(&bits, 8);
    config.color.matrix = (uint8_t)media_bits_read(&bits, 8);
    media_bits_skip(&bits, 16); /* codecInitializationDataSize: 0 for VP9 */
    if (media_bits_failed(&bits))
        return err_set(err, ERR_MEDIA, "VP9 configuration is cut off");
    config.color.known =
        config.color.transfer != TRACK_COLOR_UNSPECIFIED && config.color.transfer != 0;
    int failed = check(&config.fields, err);
    if (!failed)
        *ret = config;
    return failed;
}

uint8_t media_vp9_level_of(uint16_t width, uint16_t height)
{
    static const struct {
        uint32_t samples;
        uint8_t level;
    } levels[] = {
        {36864, 10},  {73728, 11},   {122880, 20},  {245760, 21},   {552960, 30},
        {983040, 31}, {2228224, 40}, {8912896, 50}, {35651584, 60},
    };
    uint32_t samples = (uint32_t)width * height;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (samples <= levels[i].samples)
            return levels[i].level;
    return LEVEL_MAX;
}

void media_vp9_codecs(const struct track_vp9 *fields, const struct track_color *color,
                      char *out, size_t out_size)
{
    int len = snprintf(out, out_size, "vp09.%02u.%02u.%02u", fields->profile,
                       fields->level, fields->bit_depth);
    bool is_bt709 = color->primaries == 1 && color->transfer == 1 && color->matrix == 1;
    bool is_default = fields->chroma <= CHROMA_420 && (!color->known || is_bt709) &&
                      !color->full_range;
    if (is_default || len < 0 || (size_t)len >= out_size)
        return;
    (void)snprintf(out + len, out_size - (size_t)len, ".%02u.%02u.%02u.%02u.%02u",
                   fields->chroma, color->primaries, color->transfer, color->matrix,
                   color->full_range);
}

/* color_config(), 7.2.2. */
static void skip_color(struct bits *bits, unsigned profile)
{
    if (profile >= 2)
        media_bits_skip(bits, 1); /* ten_or_twelve_bit */
    bool has_layout = (profile & 1) != 0;
    if (media_bits_read(bits, 3) == COLOR_SPACE_RGB)
        media_bits_skip(bits, has_layout ? 1 : 0);
    else
        media_bits_skip(bits, has_layout ? 4 : 1);
}

int media_vp9_read_frame(struct bytes frame, struct vp9_frame *ret, struct err *err)
{
    struct bits bits = media_bits_of(frame);
    if (media_bits_read(&bits, 2) != FRAME_MARKER)
        return err_set(err, ERR_MEDIA, "VP9 frame without its marker");
    unsigned profile = media_bits_read(&bits, 1);
    profile |= media_bits_read(&bits, 1) << 1;
    if (profile == PROFILE_MAX)
        media_bits_skip(&bits, 1);
    struct vp9_frame read = {0};
    bool is_repeat = media_bits_flag(&bits); /* show_existing_frame */
    read.key = !is_repeat && !media_bits_flag(&bits);
    if (!read.key) {
        *ret = read;
        return 0;
    }
    media_bits_skip(&bits, 2); /* show_frame, error_resilient_mode */
    bool in_sync = media_bits_read(&bits, 24) == SYNC_CODE;
    skip_color(&bits, profile);
    uint32_t width = media_bits_read(&bits, 16) + 1;
    uint32_t height = media_bits_read(&bits, 16) + 1;
    if (media_bits_failed(&bits) || !in_sync || width > UINT16_MAX ||
        height > UINT16_MAX)
        return err_set(err, ERR_MEDIA, "VP9 key frame with a broken header");
    read.width = (uint16_t)width;
    read.height = (uint16_t)height;
    *ret = read;
    return 0;
}
