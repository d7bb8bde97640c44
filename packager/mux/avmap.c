#include "packager/mux/avmap.h"

#include <libavcodec/codec_par.h>
#include <libavcodec/defs.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#include "core/buf.h"
#include "core/err.h"
#include "packager/media/track.h"

int mux_avmap_error(int averror, const char *what, struct err *err)
{
    if (averror == AVERROR(ENOMEM))
        return err_set(err, ERR_NOMEM, "%s: no memory", what);
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    (void)av_strerror(averror, text, sizeof text);
    return err_set(err, ERR_MEDIA, "%s: %s", what, text);
}

static enum AVCodecID codec_id(enum track_codec codec)
{
    switch (codec) {
    case TRACK_H264:
        return AV_CODEC_ID_H264;
    case TRACK_HEVC:
        return AV_CODEC_ID_HEVC;
    case TRACK_AV1:
        return AV_CODEC_ID_AV1;
    case TRACK_VP9:
        return AV_CODEC_ID_VP9;
    case TRACK_AAC:
        return AV_CODEC_ID_AAC;
    case TRACK_OPUS:
        return AV_CODEC_ID_OPUS;
    }
    return AV_CODEC_ID_NONE;
}

/* The sample entries that stand for configuration records without parameter sets in the
 * samples; 0: the muxer knows the name. */
static uint32_t sample_entry(enum track_codec codec)
{
    return codec == TRACK_HEVC ? MKTAG('h', 'v', 'c', '1') : 0;
}

static enum AVPixelFormat pixel_format(const struct track_vp9 *vp9)
{
    static const enum AVPixelFormat formats[3][3] = {
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P},
        {AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV444P10},
        {AV_PIX_FMT_YUV420P12, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV444P12},
    };
    int depth = vp9->bit_depth == 12 ? 2 : vp9->bit_depth == 10 ? 1 : 0;
    return formats[depth][vp9->chroma > 1 ? vp9->chroma - 1 : 0];
}

/* The muxer makes VP9's record itself, of these. */
static void put_vp9(const struct track *track, struct AVCodecParameters *par)
{
    par->profile = track->vp9.profile;
    par->level = track->vp9.level;
    par->format = pixel_format(&track->vp9);
    par->chroma_location =
        track->vp9.chroma == 0 ? AVCHROMA_LOC_LEFT : AVCHROMA_LOC_TOPLEFT;
    par->color_range = track->color.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

static void put_color(const struct track_color *color, struct AVCodecParameters *par)
{
    if (!color->known)
        return;
    par->color_primaries = color->primaries;
    par->color_trc = color->transfer;
    par->color_space = color->matrix;
    par->color_range = color->full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

static int put_config(struct bytes config, struct AVCodecParameters *par,
                      struct err *err)
{
    par->extradata = av_mallocz(config.len + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!par->extradata)
        return err_set(err, ERR_NOMEM, "no memory for a track");
    memcpy(par->extradata, config.data, config.len);
    par->extradata_size = (int)config.len;
    return 0;
}

int mux_avmap_parameters(const struct track *track, struct AVCodecParameters *par,
                         struct err *err)
{
    int failed = put_config(buf_bytes(track->config), par, err);
    if (failed)
        return failed;
    par->codec_id = codec_id(track->codec);
    par->codec_tag = sample_entry(track->codec);
    if (track->kind == TRACK_VIDEO) {
        par->codec_type = AVMEDIA_TYPE_VIDEO;
        par->width = track->width;
        par->height = track->height;
        if (track->codec == TRACK_VP9)
            put_vp9(track, par);
        put_color(&track->color, par);
    } else {
        par->codec_type = AVMEDIA_TYPE_AUDIO;
        par->sample_rate = (int)track->sample_rate;
        par->frame_size = (int)track->frame_samples;
        av_channel_layout_default(&par->ch_layout, (int)track->channels);
    }
    return 0;
}

static AVRational chromaticity(uint16_t value)
{
    return (AVRational){value, 50000};
}

static AVRational luminance(uint32_t value)
{
    return (AVRational){value < INT32_MAX ? (int)value : INT32_MAX, 10000};
}

static int add_mastering(const struct track_color *color, AVStream *stream)
{
    static const int places[] = {1, 2, 0}; /* ours are green, blue, red */
    AVMasteringDisplayMetadata *metadata = av_mastering_display_metadata_alloc();
    if (!metadata)
        return AVERROR(ENOMEM);
    for (int i = 0; i < 3; i++)
        for (int xy = 0; xy < 2; xy++)
            metadata->display_primaries[places[i]][xy] =
                chromaticity(color->mastering_xy[i][xy]);
    for (int xy = 0; xy < 2; xy++)
        metadata->white_point[xy] = chromaticity(color->mastering_xy[3][xy]);
    metadata->max_luminance = luminance(color->luminance_max);
    metadata->min_luminance = luminance(color->luminance_min);
    metadata->has_primaries = metadata->has_luminance = 1;
    int rc = av_stream_add_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
                                     (uint8_t *)metadata, sizeof *metadata);
    if (rc < 0)
        av_free(metadata);
    return rc;
}

static int add_light_level(const struct track_color *color, AVStream *stream)
{
    size_t size;
    AVContentLightMetadata *metadata = av_content_light_metadata_alloc(&size);
    if (!metadata)
        return AVERROR(ENOMEM);
    metadata->MaxCLL = color->max_cll;
    metadata->MaxFALL = color->max_fall;
    int rc = av_stream_add_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
                                     (uint8_t *)metadata, size);
    if (rc < 0)
        av_free(metadata);
    return rc;
}

int mux_avmap_brightness(const struct track *track, struct AVStream *stream)
{
    int rc = 0;
    if (track->color.has_mastering)
        rc = add_mastering(&track->color, stream);
    if (rc >= 0 && track->color.has_light_level)
        rc = add_light_level(&track->color, stream);
    return rc;
}
