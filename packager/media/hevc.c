#include "packager/media/hevc.h"

#include <stdio.h>
#include <string.h>

#include "core/be.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/err.h"
#include "packager/media/hevc_sei.h"
#include "packager/media/hevc_sps.h"
#include "packager/media/nal.h"

enum {
    NAL_VCL_MAX = 31, /* below are parts of a picture (H.265 table 7-1) */
    NAL_IRAP_FIRST = 16,
    NAL_IRAP_LAST = 23,
    NAL_VPS = 32,
    NAL_SPS = 33,
    NAL_PPS = 34,
    NAL_NONE = 64,
    NAL_HEADER = 2,

    RECORD_LENGTH_SIZE_AT = 21,
    RECORD_ARRAYS_AT = 22,
    ARRAY_COMPLETE = 0x80,
};

static unsigned nal_type(struct bytes nal)
{
    return nal.len >= NAL_HEADER ? nal.data[0] >> 1 & 0x3f : NAL_NONE;
}

/* The parameter sets of a record, one after the other. */
struct sets {
    struct be_reader r;
    unsigned n_arrays, n_left; /* left to come; left of this array */
    unsigned type;
};

static struct sets sets_of(struct bytes hvcc)
{
    struct sets sets = {.r = be_reader_of(bytes_from(hvcc, RECORD_ARRAYS_AT))};
    sets.n_arrays = be_read_u8(&sets.r);
    return sets;
}

/* False at the end, and when the record is cut off (r.failed). */
static bool next_set(struct sets *sets, struct bytes *ret_set)
{
    while (sets->n_left == 0) {
        if (sets->n_arrays == 0 || sets->r.failed)
            return false;
        sets->n_arrays--;
        sets->type = be_read_u8(&sets->r) & 0x3f;
        sets->n_left = be_read_u16(&sets->r);
    }
    sets->n_left--;
    *ret_set = be_read_bytes(&sets->r, be_read_u16(&sets->r));
    return !sets->r.failed;
}

static int read_sets(struct bytes hvcc, struct bytes *ret_sps, struct err *err)
{
    static const char *const names[] = {"video", "sequence", "picture"};
    bool has[3] = {false};
    struct sets sets = sets_of(hvcc);
    struct bytes set;
    while (next_set(&sets, &set)) {
        if (nal_type(set) != sets.type)
            return err_set(err, ERR_MEDIA,
                           "HEVC configuration: NAL unit of type %u where %u belongs",
                           nal_type(set), sets.type);
        if (sets.type < NAL_VPS || sets.type > NAL_PPS)
            continue;
        if (sets.type == NAL_SPS && !has[NAL_SPS - NAL_VPS])
            *ret_sps = set;
        has[sets.type - NAL_VPS] = true;
    }
    if (sets.r.failed)
        return err_set(err, ERR_MEDIA, "HEVC configuration is cut off");
    for (int i = 0; i < 3; i++)
        if (!has[i])
            return err_set(err, ERR_MEDIA, "HEVC configuration has no %s parameter set",
                           names[i]);
    return 0;
}

static void read_light(struct bytes hvcc, struct track_color *color)
{
    struct sets sets = sets_of(hvcc);
    struct bytes set;
    while (next_set(&sets, &set))
        if (sets.type == HEVC_SEI_PREFIX)
            media_hevc_sei_read(set, color);
}

static int read_head(struct bytes hvcc, struct hevc_config *config, struct err *err)
{
    struct be_reader r = be_reader_of(hvcc);
    uint8_t version = be_read_u8(&r);
    uint8_t profile = be_read_u8(&r);
    config->profile_space = profile >> 6;
    config->high_tier = (profile & 0x20) != 0;
    config->profile = profile & 0x1f;
    config->compatibility = be_read_u32(&r);
    struct bytes constraints = be_read_bytes(&r, sizeof config->constraints);
    config->level = be_read_u8(&r);
    if (hvcc.len <= RECORD_ARRAYS_AT)
        return err_set(err, ERR_MEDIA, "HEVC configuration is cut off");
    /* Records of old encoders have version 0, and are the same otherwise. */
    if (version > 1)
        return err_set(err, ERR_MEDIA, "HEVC configuration version %u is not known",
                       version);
    memcpy(config->constraints, constraints.data, sizeof config->constraints);
    config->nal_length_size = (uint8_t)((hvcc.data[RECORD_LENGTH_SIZE_AT] & 3) + 1);
    if (config->nal_length_size == 3)
        return err_set(err, ERR_MEDIA, "HEVC configuration: NAL lengths of 3 bytes");
    return 0;
}

int media_hevc_parse_config(struct bytes hvcc, struct hevc_config *ret, struct err *err)
{
    if (hvcc.len > HEVC_CONFIG_MAX)
        return err_set(err, ERR_MEDIA, "HEVC configuration of %zu bytes, at most %d",
                       hvcc.len, HEVC_CONFIG_MAX);
    struct hevc_config config = {0};
    struct bytes sps = {0};
    struct hevc_sps fields;
    int failed = read_head(hvcc, &config, err);
    if (!failed)
        failed = read_sets(hvcc, &sps, err);
    if (!failed)
        failed = media_hevc_sps_parse(sps, &fields, err);
    if (failed)
        return failed;
    config.width = fields.width;
    config.height = fields.height;
    config.rate_num = fields.rate_num;
    config.rate_den = fields.rate_den;
    config.color = fields.color;
    read_light(hvcc, &config.color);
    *ret = config;
    return 0;
}

static uint32_t reversed(uint32_t bits)
{
    uint32_t out = 0;
    for (int i = 0; i < 32; i++)
        out |= (bits >> i & 1) << (31 - i);
    return out;
}

void media_hevc_codecs(const struct hevc_config *config, char *out, size_t out_size)
{
    static const char *const spaces[] = {"", "A", "B", "C"};
    int len =
        snprintf(out, out_size, "hvc1.%s%u.%X.%c%u", spaces[config->profile_space & 3],
                 config->profile, reversed(config->compatibility),
                 config->high_tier ? 'H' : 'L', config->level);
    size_t n = sizeof config->constraints;
    while (n > 0 && config->constraints[n - 1] == 0)
        n--;
    for (size_t i = 0; i < n && len > 0 && (size_t)len < out_size; i++)
        len +=
            snprintf(out + len, out_size - (size_t)len, ".%X", config->constraints[i]);
}

struct buf *media_hevc_complete_config(struct bytes hvcc)
{
    struct builder out;
    builder_init(&out, HEVC_CONFIG_MAX);
    builder_u8(&out, 1);
    builder_put(&out, bytes_from(bytes_first(hvcc, RECORD_ARRAYS_AT + 1), 1));
    struct be_reader r = be_reader_of(bytes_from(hvcc, RECORD_ARRAYS_AT));
    unsigned n_arrays = be_read_u8(&r);
    for (unsigned i = 0; i < n_arrays; i++) {
        uint8_t type = be_read_u8(&r) & 0x3f;
        uint16_t n = be_read_u16(&r);
        bool is_set = type >= NAL_VPS && type <= NAL_PPS;
        builder_u8(&out, (uint8_t)(is_set ? ARRAY_COMPLETE | type : type));
        builder_u16(&out, n);
        for (unsigned k = 0; k < n; k++) {
            uint16_t len = be_read_u16(&r);
            builder_u16(&out, len);
            builder_put(&out, be_read_bytes(&r, len));
        }
    }
    struct buf *config = builder_take(&out);
    builder_finish(&out);
    return config;
}

bool media_hevc_is_key(struct bytes au, const struct track *track)
{
    struct be_reader r = be_reader_of(au);
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal)) {
        unsigned type = nal_type(nal);
        if (type <= NAL_VCL_MAX)
            return type >= NAL_IRAP_FIRST && type <= NAL_IRAP_LAST;
    }
    return false;
}

void media_hevc_read_light(struct bytes au, const struct track *track,
                           struct track_color *color)
{
    struct be_reader r = be_reader_of(au);
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal) &&
           nal_type(nal) > NAL_VCL_MAX)
        if (nal_type(nal) == HEVC_SEI_PREFIX)
            media_hevc_sei_read(nal, color);
}

static bool is_known_set(struct bytes nal, const struct track *track)
{
    unsigned type = nal_type(nal);
    if (type < NAL_VPS || type > NAL_PPS)
        return false;
    struct sets sets = sets_of(buf_bytes(track->config));
    struct bytes set;
    while (next_set(&sets, &set))
        if (bytes_equal(set, nal))
            return true;
    return false;
}

static bool is_waste(struct bytes nal, const struct track *track)
{
    return nal.len == 0 || is_known_set(nal, track);
}

static struct buf *without_waste(struct bytes au, const struct track *track)
{
    struct builder out;
    builder_init(&out, au.len);
    struct be_reader r = be_reader_of(au);
    struct bytes before = au;
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal)) {
        if (!is_waste(nal, track))
            builder_put(&out, bytes_first(before, track->nal_length_size + nal.len));
        before = r.rest;
    }
    struct buf *clean = builder_take(&out);
    builder_finish(&out);
    return clean;
}

int media_hevc_clean(struct buf *au, const struct track *track, struct buf **ret_au,
                     struct err *err)
{
    struct be_reader r = be_reader_of(buf_bytes(au));
    bool has_picture = false;
    bool has_waste = false;
    struct bytes nal;
    while (media_nal_next(&r, track->nal_length_size, &nal)) {
        has_picture = has_picture || nal_type(nal) <= NAL_VCL_MAX;
        has_waste = has_waste || is_waste(nal, track);
    }
    if (r.failed)
        return err_set(err, ERR_MEDIA,
                       "HEVC access unit with NAL lengths that do not fit its size");
    if (!has_picture)
        return err_set(err, ERR_MEDIA, "HEVC access unit without a picture");
    if (!has_waste) {
        *ret_au = buf_ref(au);
        return 0;
    }
    struct buf *clean = without_waste(buf_bytes(au), track);
    if (!clean)
        return err_set(err, ERR_NOMEM, "no memory for an access unit");
    *ret_au = clean;
    return 0;
}
