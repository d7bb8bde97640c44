#include "server/stat.h"

#include <unistd.h>

#include "core/buf.h"
#include "core/builder.h"
#include "server/loop/loop.h"
#include "server/metrics/process.h"
#include "server/show/hub.h"

/* Readers take bits a second as 32 bits. */
enum { STAT_KBPS_MAX = 4000000 };

/* A stream takes up to 2 KiB, and there may be ten thousand. */
enum { STAT_STREAMS_MAX = 32 * 1024 * 1024 };

/* Text of an element: what stands for itself in XML 1.0, and nothing that may not be there. */
static void put_text(struct builder *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '<')
            builder_text(out, "&lt;");
        else if (*c == '>')
            builder_text(out, "&gt;");
        else if (*c == '&')
            builder_text(out, "&amp;");
        else
            builder_u8(out, (uint8_t)(*c < 0x20 || *c > 0x7e ? ' ' : *c));
    }
}

static void put_rate(struct builder *out, const char *name, uint64_t kbps)
{
    uint64_t shown = kbps < STAT_KBPS_MAX ? kbps : STAT_KBPS_MAX;
    builder_printf(out, "<bw_%s>%llu</bw_%s>\n", name,
                   (unsigned long long)(shown * 1000), name);
}

static void put_bytes(struct builder *out, const char *name, uint64_t bytes)
{
    builder_printf(out, "<bytes_%s>%llu</bytes_%s>\n", name, (unsigned long long)bytes,
                   name);
}

static uint8_t byte_at(struct bytes config, size_t at)
{
    return at < config.len ? config.data[at] : 0;
}

static const char *h264_profile(uint8_t profile)
{
    switch (profile) {
    case 66:
        return "Baseline";
    case 77:
        return "Main";
    case 88:
        return "Extended";
    case 100:
        return "High";
    case 110:
        return "High 10";
    default:
        return "";
    }
}

/* Codec, profile, compatibility and level. Programs that read this want all four, so there
 * are zeros where a codec has no such thing. */
static void put_video_codec(const struct track *track, struct builder *out)
{
    static const char form[] = "<codec>%s</codec><profile>%s</profile>"
                               "<compat>%u</compat><level>%u.%u</level>";
    struct bytes config = buf_bytes(track->config);
    uint8_t level = byte_at(config, 3);
    switch (track->codec) {
    case TRACK_H264: /* avcC: version, profile, compatibility, level */
        builder_printf(out, form, "H264", h264_profile(byte_at(config, 1)),
                       byte_at(config, 2), level / 10, level % 10);
        return;
    case TRACK_HEVC: /* hvcC: version, profile, …, level in thirtieths */
        builder_printf(out, form, "HEVC",
                       (byte_at(config, 1) & 31) == 2 ? "Main 10" : "Main", 0,
                       byte_at(config, 12) / 30, byte_at(config, 12) % 30 / 3);
        return;
    case TRACK_AV1:
        builder_printf(out, form, "AV1", "", 0, 0, 0);
        return;
    case TRACK_VP9:
        builder_printf(out, form, "VP9", "", 0, 0, 0);
        return;
    case TRACK_AAC:
    case TRACK_OPUS:
        return;
    }
}

static void put_meta(const struct show_figures *figures, struct builder *out)
{
    const struct track *video = figures->tracks[TRACK_VIDEO];
    const struct track *audio = figures->tracks[TRACK_AUDIO];
    if (!video && !audio)
        return;
    builder_text(out, "<meta><video>");
    if (video) {
        builder_printf(out,
                       "<width>%u</width><height>%u</height>"
                       "<frame_rate>%u</frame_rate>",
                       video->width, video->height,
                       (figures->reading.fps_milli + 500) / 1000);
        put_video_codec(video, out);
    }
    builder_text(out, "</video><audio>");
    if (audio)
        builder_printf(out,
                       "<codec>%s</codec><profile>%s</profile><channels>%u</channels>"
                       "<sample_rate>%u</sample_rate>",
                       audio->codec == TRACK_AAC ? "AAC" : "Opus",
                       audio->codec == TRACK_AAC ? "LC" : "", audio->channels,
                       audio->sample_rate);
    builder_text(out, "</audio></meta>\n");
}

/* A number for the connection, which is all that readers want: the session's letters say
 * who it is. */
static unsigned number_of(const char *session)
{
    unsigned number = 0;
    for (int i = 0; i < 6 && session[i]; i++)
        number = number * 26 + (unsigned)(session[i] - 'a') % 26;
    return number;
}

static void put_client(const struct show_figures *figures, struct builder *out)
{
    int64_t age_ms = figures->sampled_ms - figures->connected_ms;
    builder_printf(out, "<client><id>%u</id><address>", number_of(figures->session));
    put_text(out, figures->address);
    builder_printf(out, "</address><time>%lld</time><flashver>", (long long)age_ms);
    put_text(out, figures->encoder);
    builder_printf(out,
                   "</flashver><dropped>0</dropped><avsync>%d</avsync>"
                   "<timestamp>%lld</timestamp><publishing/><active/></client>\n",
                   figures->reading.offset_ms, (long long)age_ms);
}

static void put_stream(const char *id, const struct show_figures *figures,
                       int64_t viewers, struct builder *out)
{
    const struct show_meter_reading *reading = &figures->reading;
    builder_text(out, "<stream>\n<name>");
    put_text(out, id);
    builder_printf(out, "</name>\n<time>%lld</time>",
                   (long long)(figures->sampled_ms - figures->connected_ms));
    put_rate(out, "in", reading->kbps_short);
    put_bytes(out, "in", figures->line.bytes);
    put_rate(out, "out", 0);
    put_bytes(out, "out", 0);
    put_rate(out, "audio", reading->tracks[TRACK_AUDIO].kbps_short);
    put_rate(out, "video", reading->tracks[TRACK_VIDEO].kbps_short);
    put_client(figures, out);
    put_meta(figures, out);
    builder_printf(out,
                   "<nclients>%lld</nclients>\n<publishing/>\n<active/>\n</stream>\n",
                   (long long)(viewers + 1));
}

struct totals {
    uint64_t kbps;
    int64_t n_clients;
};

static void put_streams(const struct show_hub *hub, struct totals *totals,
                        struct builder *out)
{
    for (size_t i = 0; i < hub->directory->n_shows; i++) {
        const char *id = hub->directory->shows[i]->row.id;
        const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
        const struct show_view *view = shelf ? shelf->view : NULL;
        if (!view || !view->figures ||
            view->figures->reading.silent_ms >= STAT_SILENT_MS)
            continue;
        int64_t viewers = counter_get(&view->tally->viewers);
        put_stream(id, view->figures, viewers, out);
        totals->kbps += view->figures->reading.kbps_short;
        totals->n_clients += viewers + 1;
    }
}

static void put_head(const struct show_hub *hub, uint64_t kbps, struct builder *out)
{
    const struct metrics *metrics = hub->house->metrics;
    struct metrics_process process;
    metrics_process_read(&process);
    int64_t up_ms = loop_wall_ms(hub->loop) - process.start_wall_ms;
    builder_printf(
        out,
        "<nginx_version>Vitrine</nginx_version>\n"
        "<nginx_rtmp_version>1.2.2</nginx_rtmp_version>\n"
        "<compiler></compiler>\n<built></built>\n"
        "<pid>%ld</pid>\n<uptime>%lld</uptime>\n<naccepted>%lld</naccepted>\n",
        (long)getpid(), (long long)(up_ms > 0 ? up_ms / 1000 : 0),
        (long long)counter_get(&metrics->rtmp_connections_total));
    put_rate(out, "in", kbps);
    put_bytes(out, "in", (uint64_t)counter_get(&metrics->rtmp_bytes_total));
    put_rate(out, "out", 0);
    put_bytes(out, "out", (uint64_t)counter_get(&metrics->http_sent_bytes_total));
}

void server_stat_print(const struct show_hub *hub, struct builder *out)
{
    struct builder streams;
    struct totals totals = {0};
    builder_init(&streams, STAT_STREAMS_MAX);
    put_streams(hub, &totals, &streams);
    builder_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rtmp>\n");
    put_head(hub, totals.kbps, out);
    builder_text(out, "<server>\n<application>\n<name>live</name>\n<live>\n");
    builder_put(out, builder_bytes(&streams));
    builder_printf(out,
                   "<nclients>%lld</nclients>\n</live>\n</application>\n</server>\n"
                   "</rtmp>\n",
                   (long long)totals.n_clients);
    builder_finish(&streams);
}
