#include "packager/mux/fmp4.h"

#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "packager/media/packet.h"
#include "packager/media/track.h"
#include "packager/mux/avmap.h"
#include "packager/mux/sink.h"

/* Boxes around the samples: fixed, and for each sample (trun). Only a first guess. */
enum { MOOF_BASE = 256, MOOF_SAMPLE = 16, OPEN_FIRST = 16 };

/* A packet of the part that is open. The muxer gathers a part in memory that grows again
 * and again; it gets the packets all at once, at the cut, so that no other stream's
 * memory lies between and nothing of it has gone cold. */
struct open_packet {
    struct packet packet;
    int64_t duration;
};

struct fmp4 {
    AVFormatContext *context;
    AVPacket *packet;
    struct sink *sink;
    struct buf *init;
    uint32_t timescale;
    int64_t shift; /* PTS - DTS of the first packet */
    int64_t end;   /* DTS + duration of the last packet */
    bool started;  /* there was a packet */
    bool takes_aac;
    size_t n_open; /* packets since the last cut */
    struct open_packet *open;
    size_t cap_open;
    size_t len_open; /* and their bytes */
};

static int set_options(AVFormatContext *context, uint32_t first_sequence)
{
    int rc = av_opt_set(context->priv_data, "movflags",
                        "cmaf+frag_custom+skip_trailer+frag_discont", 0);
    if (rc >= 0)
        rc = av_opt_set_int(context->priv_data, "video_track_timescale",
                            TRACK_VIDEO_TIMESCALE, 0);
    if (rc >= 0)
        rc = av_opt_set_int(context->priv_data, "fragment_index", first_sequence, 0);
    /* No creation times and names of libraries: equal tracks give equal bytes. No bit
     * stream filters of the library's choice: a raw frame must not be taken for ADTS. */
    context->flags |= AVFMT_FLAG_BITEXACT;
    context->flags &= ~AVFMT_FLAG_AUTO_BSF;
    context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
    return rc;
}

/* Writes ftyp and moov at once: everything that they need is in the configuration. */
static int write_init(struct fmp4 *fmp4, struct err *err)
{
    mux_sink_begin(fmp4->sink, bytes_make(NULL, 0), 0);
    int rc = avformat_write_header(fmp4->context, NULL);
    if (rc < 0)
        return mux_avmap_error(rc, "the MP4 header cannot be made", err);
    AVRational base = fmp4->context->streams[0]->time_base;
    if (base.num != 1 || base.den != (int)fmp4->timescale)
        return err_set(err, ERR_MEDIA, "MP4 timescale %d/%d instead of 1/%u", base.num,
                       base.den, fmp4->timescale);
    fmp4->init = mux_sink_take(fmp4->sink);
    return fmp4->init ? 0 : err_set(err, ERR_NOMEM, "no memory for the MP4 header");
}

static int open_muxer(struct fmp4 *fmp4, const struct track *track,
                      uint32_t first_sequence, struct err *err)
{
    av_log_set_level(AV_LOG_QUIET); /* what it says comes as an error code, too */
    fmp4->timescale = track->timescale;
    fmp4->takes_aac = track->codec == TRACK_AAC;
    fmp4->sink = mux_sink_create();
    fmp4->packet = av_packet_alloc();
    int rc = avformat_alloc_output_context2(&fmp4->context, NULL, "mp4", NULL);
    if (!fmp4->sink || !fmp4->packet || rc < 0)
        return err_set(err, ERR_NOMEM, "no memory for an MP4 muxer");
    fmp4->context->pb = mux_sink_pb(fmp4->sink);
    fmp4->context->flags |= AVFMT_FLAG_CUSTOM_IO;
    AVStream *stream = avformat_new_stream(fmp4->context, NULL);
    if (!stream)
        return err_set(err, ERR_NOMEM, "no memory for an MP4 muxer");
    rc = mux_avmap_parameters(track, stream->codecpar, err);
    if (rc < 0)
        return rc;
    stream->time_base = (AVRational){1, (int)fmp4->timescale};
    rc = mux_avmap_brightness(track, stream);
    if (rc >= 0)
        rc = set_options(fmp4->context, first_sequence);
    if (rc < 0)
        return mux_avmap_error(rc, "MP4 options", err);
    return write_init(fmp4, err);
}

int mux_fmp4_create(const struct track *track, uint32_t first_sequence,
                    struct fmp4 **ret_fmp4, struct err *err)
{
    struct fmp4 *fmp4 = alloc_zero(sizeof *fmp4);
    int rc = open_muxer(fmp4, track, first_sequence, err);
    if (rc < 0) {
        mux_fmp4_destroy(fmp4);
        return rc;
    }
    *ret_fmp4 = fmp4;
    return 0;
}

static void drop_open(struct fmp4 *fmp4)
{
    for (size_t i = 0; i < fmp4->n_open; i++)
        media_packet_finish(&fmp4->open[i].packet);
    fmp4->n_open = 0;
    fmp4->len_open = 0;
}

void mux_fmp4_destroy(struct fmp4 *fmp4)
{
    if (!fmp4)
        return;
    /* Frees what the muxer holds, too; without a trailer there is nothing to write. */
    avformat_free_context(fmp4->context);
    av_packet_free(&fmp4->packet);
    drop_open(fmp4);
    alloc_free(fmp4->open);
    mux_sink_destroy(fmp4->sink);
    buf_unref(fmp4->init);
    alloc_free(fmp4);
}

struct buf *mux_fmp4_init(const struct fmp4 *fmp4)
{
    return buf_ref(fmp4->init);
}

int64_t mux_fmp4_shift(const struct fmp4 *fmp4)
{
    return fmp4->shift;
}

static int64_t ticks_of_ms(const struct fmp4 *fmp4, int64_t ms)
{
    return ms * fmp4->timescale / 1000;
}

/* What the muxer takes for one, and refuses: such a frame, if it is none, has no sound. */
static bool looks_like_adts(struct bytes frame)
{
    return frame.len > 2 && frame.data[0] == 0xff && (frame.data[1] & 0xf0) == 0xf0;
}

/* What the muxer would silently bend is refused here: it "repairs" a DTS below the sum of
 * the durations before by giving up the PTS. */
static int check(const struct fmp4 *fmp4, const struct packet *packet, int64_t duration,
                 struct err *err)
{
    struct bytes data = buf_bytes(packet->data);
    if (data.len == 0 || data.len > MUX_FMP4_PART_MAX)
        return err_set(err, ERR_MEDIA, "packet of %zu bytes", data.len);
    if (data.len > MUX_FMP4_PART_MAX - fmp4->len_open)
        return err_set(err, ERR_MEDIA, "part of more than %d bytes", MUX_FMP4_PART_MAX);
    if (duration <= 0 || duration > ticks_of_ms(fmp4, MUX_FMP4_DURATION_MAX_MS))
        return err_set(err, ERR_INVALID, "packet lasts %lld ticks",
                       (long long)duration);
    if (packet->pts < packet->dts - ticks_of_ms(fmp4, MUX_FMP4_EARLY_MAX_MS))
        return err_set(err, ERR_MEDIA, "packet is shown %lld ticks before its DTS",
                       (long long)(packet->dts - packet->pts));
    if (!fmp4->started && fmp4->takes_aac && looks_like_adts(data))
        return err_set(err, ERR_MEDIA, "the first AAC frame has an ADTS header");
    bool fits = !fmp4->started || packet->dts == fmp4->end ||
                (fmp4->n_open == 0 && packet->dts > fmp4->end);
    if (!fits)
        return err_set(err, ERR_INVALID, "packet at %lld ticks where %lld is next",
                       (long long)packet->dts, (long long)fmp4->end);
    return 0;
}

int mux_fmp4_write(struct fmp4 *fmp4, const struct packet *packet, int64_t duration,
                   struct err *err)
{
    int rc = check(fmp4, packet, duration, err);
    if (rc < 0)
        return rc;
    if (fmp4->started && packet->dts != fmp4->end)
        (void)av_opt_set(fmp4->context->priv_data, "movflags", "+frag_discont", 0);
    if (!fmp4->started)
        fmp4->shift = packet->pts - packet->dts;
    if (fmp4->n_open == fmp4->cap_open) {
        fmp4->cap_open = fmp4->cap_open > 0 ? 2 * fmp4->cap_open : OPEN_FIRST;
        fmp4->open = alloc_resize(fmp4->open, fmp4->cap_open * sizeof *fmp4->open);
    }
    struct open_packet *open = &fmp4->open[fmp4->n_open++];
    *open = (struct open_packet){.packet = *packet, .duration = duration};
    (void)buf_ref(packet->data);
    fmp4->started = true;
    fmp4->end = packet->dts + duration;
    fmp4->len_open += buf_bytes(packet->data).len;
    return 0;
}

static int pass_on(struct fmp4 *fmp4, const struct open_packet *open)
{
    const struct packet *packet = &open->packet;
    struct bytes data = buf_bytes(packet->data);
    AVPacket *out = fmp4->packet;
    out->data = (uint8_t *)(uintptr_t)data.data; /* only read */
    out->size = (int)data.len;
    out->stream_index = 0;
    out->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
    out->duration = open->duration;
    out->pts = packet->pts;
    /* The library refuses PTS < DTS before the muxer moves all DTS by the first packet's
     * composition offset; a constant taken off DTS here is given back by that. */
    out->dts = packet->dts - ticks_of_ms(fmp4, MUX_FMP4_EARLY_MAX_MS);
    return av_write_frame(fmp4->context, out);
}

static int write_part(struct fmp4 *fmp4)
{
    int rc = 0;
    for (size_t i = 0; i < fmp4->n_open && rc >= 0; i++)
        rc = pass_on(fmp4, &fmp4->open[i]);
    return rc < 0 ? rc : av_write_frame(fmp4->context, NULL);
}

int mux_fmp4_cut(struct fmp4 *fmp4, struct bytes prefix, struct buf **ret_part,
                 struct err *err)
{
    if (fmp4->n_open == 0)
        return err_set(err, ERR_INVALID, "a part without packets");
    mux_sink_begin(fmp4->sink, prefix,
                   fmp4->len_open + fmp4->n_open * MOOF_SAMPLE + MOOF_BASE);
    int rc = write_part(fmp4);
    drop_open(fmp4);
    if (rc < 0)
        return mux_avmap_error(rc, "the MP4 muxer cannot end a part", err);
    struct buf *part = mux_sink_take(fmp4->sink);
    if (!part)
        return err_set(err, ERR_NOMEM, "no memory for a part");
    *ret_part = part;
    return 0;
}
