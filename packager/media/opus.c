#include "packager/media/opus.h"

#include "core/be.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"

#define MAGIC "OpusHead"

enum {
    MAGIC_LEN = 8,
    VERSION_MAX = 15, /* of the header: a higher one is another layout */
    CODE_MANY = 3,    /* of a packet: the number of frames is told */
    STEREO = 2,
};

static bool is_head(struct bytes head)
{
    return bytes_has_prefix(head, MAGIC);
}

static uint16_t swapped16(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

static int check_mapping(struct be_reader *r, uint8_t family, uint8_t channels,
                         struct err *err)
{
    if (family == 0 && channels > STEREO)
        return err_set(err, ERR_MEDIA, "Opus configuration: %u channels, not mapped",
                       channels);
    if (family == 0)
        return 0;
    uint8_t n_streams = be_read_u8(r);
    uint8_t n_coupled = be_read_u8(r);
    (void)be_read_bytes(r, channels);
    if (n_streams == 0 || n_coupled > n_streams)
        r->failed = true;
    return 0;
}

int media_opus_parse_config(struct bytes head, struct opus_config *ret, struct err *err)
{
    if (head.len > OPUS_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "Opus configuration of %zu bytes, at most %d",
                       head.len, OPUS_CONFIG_MAX);
    struct be_reader r = be_reader_of(bytes_from(head, is_head(head) ? MAGIC_LEN : 0));
    uint8_t version = be_read_u8(&r);
    struct opus_config config = {.channels = be_read_u8(&r)};
    uint16_t pre_skip = be_read_u16(&r);
    config.pre_skip = is_head(head) ? swapped16(pre_skip) : pre_skip;
    (void)be_read_u32(&r); /* rate of what was put in */
    (void)be_read_u16(&r); /* gain */
    uint8_t family = be_read_u8(&r);
    int failed = check_mapping(&r, family, config.channels, err);
    if (failed)
        return failed;
    if (r.failed)
        return err_set(err, ERR_MEDIA, "Opus configuration is cut off");
    if (version > VERSION_MAX || (is_head(head) && version == 0))
        return err_set(err, ERR_MEDIA, "Opus configuration version %u is not known",
                       version);
    if (config.channels == 0)
        return err_set(err, ERR_MEDIA, "Opus configuration has no channels");
    *ret = config;
    return 0;
}

/* The family, and where there is one the table; nothing that stands behind. */
static struct bytes mapping_of(struct bytes rest, uint8_t channels)
{
    bool has_table = rest.len > 0 && rest.data[0] != 0;
    return bytes_first(rest, has_table ? 3 + (size_t)channels : 1);
}

struct buf *media_opus_head(struct bytes head)
{
    bool is_ogg = is_head(head);
    struct builder out;
    builder_init(&out, OPUS_CONFIG_MAX);
    struct be_reader r = be_reader_of(bytes_from(head, is_ogg ? MAGIC_LEN : 0));
    uint8_t version = be_read_u8(&r);
    uint8_t channels = be_read_u8(&r);
    uint16_t pre_skip = be_read_u16(&r);
    uint32_t rate = be_read_u32(&r);
    uint16_t gain = be_read_u16(&r);
    builder_text(&out, MAGIC);
    builder_u8(&out, is_ogg ? version : 1);
    builder_u8(&out, channels);
    builder_u16(&out, is_ogg ? pre_skip : swapped16(pre_skip));
    builder_u32(&out, is_ogg ? rate : __builtin_bswap32(rate));
    builder_u16(&out, is_ogg ? gain : swapped16(gain));
    builder_put(&out, mapping_of(r.rest, channels));
    struct buf *made = builder_take(&out);
    builder_finish(&out);
    return made;
}

/* RFC 6716 3.1, table 2, in samples at 48 kHz. */
static uint32_t frame_samples(uint8_t toc)
{
    static const uint16_t speech[] = {480, 960, 1920, 2880};
    static const uint16_t hybrid[] = {480, 960};
    static const uint16_t music[] = {120, 240, 480, 960};
    unsigned configuration = toc >> 3;
    if (configuration < 12)
        return speech[configuration & 3];
    if (configuration < 16)
        return hybrid[configuration & 1];
    return music[configuration & 3];
}

int media_opus_samples(struct bytes packet, uint32_t *ret, struct err *err)
{
    struct be_reader r = be_reader_of(packet);
    uint8_t toc = be_read_u8(&r);
    unsigned code = toc & 3;
    uint32_t n_frames = code == 0 ? 1 : 2;
    if (code == CODE_MANY)
        n_frames = be_read_u8(&r) & 0x3f;
    uint32_t samples = n_frames * frame_samples(toc);
    if (r.failed || samples == 0 || samples > OPUS_PACKET_SAMPLES)
        return err_set(err, ERR_MEDIA, "Opus packet that is none");
    *ret = samples;
    return 0;
}
