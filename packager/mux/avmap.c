#include "packager/mux/avmap.h"

#include <libavcodec/codec_par.h>
#include <libavcodec/defs.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
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

int mux_avmap_parameters(const struct track *track, struct AVCodecParameters *par,
                         struct err *err)
{
    struct bytes config = buf_bytes(track->config);
    par->extradata = av_mallocz(config.len + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!par->extradata)
        return err_set(err, ERR_NOMEM, "no memory for a track");
    memcpy(par->extradata, config.data, config.len);
    par->extradata_size = (int)config.len;
    par->codec_id = codec_id(track->codec);
    par->codec_tag = 0; /* the muxer knows the sample entry's name */
    if (track->kind == TRACK_VIDEO) {
        par->codec_type = AVMEDIA_TYPE_VIDEO;
        par->width = track->width;
        par->height = track->height;
    } else {
        par->codec_type = AVMEDIA_TYPE_AUDIO;
        par->sample_rate = (int)track->sample_rate;
        par->frame_size = (int)track->frame_samples;
        av_channel_layout_default(&par->ch_layout, (int)track->channels);
    }
    return 0;
}
