#include "packager/media/aac.h"

#include "core/err.h"
#include "packager/media/bits.h"

enum {
    TYPE_ESCAPE = 31,
    RATE_ESCAPE = 15,
    SYNC_SBR = 0x2b7, /* syncExtensionType */
    SYNC_PS = 0x548,
};

static const uint32_t rates[] = {
    96000, 88200, 64000, 48000, 44100, 32000, 24000,
    22050, 16000, 12000, 11025, 8000,  7350,
};

static uint32_t read_object_type(struct bits *bits)
{
    uint32_t type = media_bits_read(bits, 5);
    return type == TYPE_ESCAPE ? 32 + media_bits_read(bits, 6) : type;
}

/* 0 for a reserved index. */
static uint32_t read_rate(struct bits *bits)
{
    uint32_t index = media_bits_read(bits, 4);
    if (index == RATE_ESCAPE)
        return media_bits_read(bits, 24);
    return index < sizeof rates / sizeof rates[0] ? rates[index] : 0;
}

/* One list of a program config element: single channels or pairs. */
static uint32_t count_elements(struct bits *bits, uint32_t n)
{
    uint32_t channels = 0;
    for (uint32_t i = 0; i < n; i++) {
        channels += media_bits_flag(bits) ? 2 : 1;
        media_bits_skip(bits, 4);
    }
    return channels;
}

/* program_config_element(), 4.4.1.1, for layouts that have no number. */
static uint32_t read_program_channels(struct bits *bits)
{
    media_bits_skip(bits, 4 + 2 + 4);
    uint32_t n_front = media_bits_read(bits, 4);
    uint32_t n_side = media_bits_read(bits, 4);
    uint32_t n_back = media_bits_read(bits, 4);
    uint32_t n_lfe = media_bits_read(bits, 2);
    uint32_t n_data = media_bits_read(bits, 3);
    uint32_t n_coupling = media_bits_read(bits, 4);
    if (media_bits_flag(bits)) /* mono mixdown */
        media_bits_skip(bits, 4);
    if (media_bits_flag(bits)) /* stereo mixdown */
        media_bits_skip(bits, 4);
    if (media_bits_flag(bits)) /* matrix mixdown */
        media_bits_skip(bits, 3);
    uint32_t channels = count_elements(bits, n_front) + count_elements(bits, n_side) +
                        count_elements(bits, n_back) + n_lfe;
    media_bits_skip(bits,
                    (size_t)n_lfe * 4 + (size_t)n_data * 4 + (size_t)n_coupling * 5);
    media_bits_align(bits);
    media_bits_skip(bits, (size_t)media_bits_read(bits, 8) * 8); /* comment */
    return channels;
}

static uint32_t channels_of(uint32_t configuration)
{
    static const uint8_t counts[] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};
    return counts[configuration & 15];
}

/* What the bits say, before anything is made of it. */
struct fields {
    uint32_t core_rate, rate; /* of the coded sound, and of what is heard */
    uint32_t channels, frame;
    bool sbr, ps;
};

/* The backward compatible way: behind everything, for decoders that know SBR. */
static void read_sync_extension(struct bits *bits, struct fields *fields)
{
    if (media_bits_left(bits) < 16 || media_bits_read(bits, 11) != SYNC_SBR ||
        read_object_type(bits) != AAC_HE || !media_bits_flag(bits))
        return;
    uint32_t rate = read_rate(bits);
    if (media_bits_failed(bits))
        return;
    fields->sbr = true;
    fields->rate = rate;
    if (media_bits_left(bits) >= 12 && media_bits_read(bits, 11) == SYNC_PS)
        fields->ps = media_bits_flag(bits);
}

static int check(const struct aac_config *config, struct err *err)
{
    if (config->sample_rate < AAC_RATE_MIN || config->sample_rate > AAC_RATE_MAX)
        return err_set(err, ERR_MEDIA, "AAC sample rate %u is not usable",
                       config->sample_rate);
    if (config->channels == 0)
        return err_set(err, ERR_MEDIA, "AAC configuration has no channels");
    return 0;
}

static int read_fields(struct bits *bits, struct fields *ret, struct err *err)
{
    struct fields fields = {0};
    uint32_t type = read_object_type(bits);
    fields.core_rate = fields.rate = read_rate(bits);
    uint32_t configuration = media_bits_read(bits, 4);
    fields.ps = type == AAC_HE_V2;
    fields.sbr = type == AAC_HE || fields.ps;
    if (fields.sbr) {
        fields.rate = read_rate(bits);
        type = read_object_type(bits);
    }
    if (type != AAC_LC)
        return err_set(err, ERR_MEDIA,
                       "AAC object type %u is not supported, only LC and HE-AAC", type);
    fields.frame = media_bits_flag(bits) ? 960 : 1024;
    if (media_bits_flag(bits)) /* dependsOnCoreCoder */
        media_bits_skip(bits, 14);
    media_bits_skip(bits, 1); /* extensionFlag: nothing follows for LC */
    fields.channels =
        configuration == 0 ? read_program_channels(bits) : channels_of(configuration);
    if (media_bits_failed(bits))
        return err_set(err, ERR_MEDIA, "AAC configuration is cut off");
    if (!fields.sbr)
        read_sync_extension(bits, &fields);
    *ret = fields;
    return 0;
}

int media_aac_parse_config(struct bytes asc, struct aac_config *ret, struct err *err)
{
    if (asc.len == 0)
        return err_set(err, ERR_MEDIA, "AAC configuration is empty");
    if (asc.len > AAC_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "AAC configuration of %zu bytes, at most %d",
                       asc.len, AAC_CONFIG_MAX);
    struct bits bits = media_bits_of(asc);
    struct fields told = {0};
    int failed = read_fields(&bits, &told, err);
    if (failed)
        return failed;
    /* SBR doubles the rate, or keeps it (downsampled SBR, 4.6.18.4.3). */
    if (told.sbr && told.rate != told.core_rate && told.rate != told.core_rate * 2)
        return err_set(err, ERR_MEDIA, "AAC configuration: SBR from %u to %u Hz",
                       told.core_rate, told.rate);
    struct aac_config config = {
        .object_type = told.ps    ? AAC_HE_V2
                       : told.sbr ? AAC_HE
                                  : AAC_LC,
        .sample_rate = told.rate,
        .channels = told.ps && told.channels == 1 ? 2 : told.channels,
        .frame_samples = told.rate == told.core_rate ? told.frame : told.frame * 2,
    };
    int rc = check(&config, err);
    if (rc == 0)
        *ret = config;
    return rc;
}
