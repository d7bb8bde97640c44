#include "server/api/figures_text.h"

#include "core/builder.h"
#include "core/json.h"
#include "server/show/hub.h"
#include "server/show/rehearsal.h"

static const struct show_figures *figures_of(const struct show_hub *hub, const char *id)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
    return shelf && shelf->view ? shelf->view->figures : NULL;
}

const struct show_figures *api_figures_text_find(const struct show_hub *hub,
                                                 const char *show)
{
    char shadow[SHOW_PUBLIC_ID_MAX + 1];
    const struct show_figures *figures = figures_of(hub, show);
    if (figures || show_rehearsal_is_id(bytes_text(show)))
        return figures;
    show_rehearsal_print_id(hub->house, show, shadow);
    return figures_of(hub, shadow);
}

static void put_number(struct builder *out, const char *name, int64_t value)
{
    builder_printf(out, ",\"%s\":%lld", name, (long long)value);
}

/* "name":29.9 of thousandths. */
static void put_milli(struct builder *out, const char *name, uint32_t value)
{
    builder_printf(out, ",\"%s\":%u.%u", name, value / 1000, value % 1000 / 100);
}

static void put_if(struct builder *out, const char *name, bool known, int64_t value)
{
    if (known)
        put_number(out, name, value);
    else
        builder_printf(out, ",\"%s\":null", name);
}

void api_figures_text_print_findings(const struct show_figures *figures,
                                     struct builder *out)
{
    builder_text(out, "[");
    for (size_t i = 0; figures && i < figures->n_findings; i++) {
        const struct coach_finding *finding = &figures->findings[i];
        builder_printf(
            out, "%s{\"code\":\"%s\",\"level\":\"%s\",\"text\":", i > 0 ? "," : "",
            show_coach_name(finding->code), show_coach_level_text(finding->level));
        json_put_text(out, finding->text);
        builder_printf(out, ",\"value\":%lld,\"unit\":\"%s\",\"since_ms\":%lld}",
                       (long long)finding->value, show_coach_unit(finding->code),
                       (long long)finding->since_ms);
    }
    builder_text(out, "]");
}

static void print_identity(const struct show_figures *figures, struct builder *out)
{
    builder_printf(out, "{\"session\":\"%s\",\"key_id\":\"%s\",\"role\":\"%s\"",
                   figures->session, figures->key_id,
                   show_admission_role_text(figures->role));
    builder_text(out, ",\"address\":");
    json_put_text(out, figures->address);
    builder_text(out, ",\"encoder\":");
    json_put_text(out, figures->encoder);
    builder_text(out, ",\"key_show\":");
    if (figures->key_show[0])
        json_put_text(out, figures->key_show);
    else
        builder_text(out, "null");
    put_if(out, "max_kbps", figures->max_kbps > 0, figures->max_kbps);
    put_if(out, "expires_ms", figures->expires_ms > 0, figures->expires_ms);
    put_number(out, "sampled_ms", figures->sampled_ms);
    put_number(out, "connected_ms", figures->connected_ms);
    put_number(out, "uptime_ms", figures->sampled_ms - figures->connected_ms);
    put_number(out, "reconnects", figures->n_reconnects);
}

static void print_rates(const struct show_meter_reading *reading, struct builder *out)
{
    put_number(out, "in_kbps", reading->kbps);
    put_number(out, "in_kbps_10s", reading->kbps_long);
    put_number(out, "pace_percent", reading->pace_permille / 10);
    put_number(out, "behind_ms", reading->lag_ms);
    put_number(out, "max_gap_ms", reading->max_gap_ms);
    put_number(out, "silent_ms", reading->silent_ms);
    put_if(out, "av_offset_ms", reading->has_offset, reading->offset_ms);
    put_if(out, "av_drift_ms", reading->has_offset, reading->drift_ms);
    put_if(out, "av_start_ms", reading->has_start, reading->start_ms);
}

static void print_video(const struct show_figures *figures, struct builder *out)
{
    const struct show_meter_reading *reading = &figures->reading;
    const struct track *track = figures->tracks[TRACK_VIDEO];
    builder_text(out, ",\"video\":");
    if (!track) {
        builder_text(out, "null");
        return;
    }
    builder_printf(out, "{\"codec\":\"%s\",\"width\":%u,\"height\":%u", track->codecs,
                   track->width, track->height);
    put_number(out, "kbps", reading->tracks[TRACK_VIDEO].kbps);
    put_milli(out, "fps", reading->fps_milli);
    put_milli(out, "media_fps", reading->media_fps_milli);
    put_if(out, "keyframe_ms", reading->keyframe_ms > 0, reading->keyframe_ms);
    put_if(out, "keyframe_age_ms", reading->has_key, reading->keyframe_age_ms);
    put_number(out, "b_frames", reading->b_frames);
    builder_text(out, "}");
}

static void print_audio(const struct show_figures *figures, struct builder *out)
{
    const struct track *track = figures->tracks[TRACK_AUDIO];
    builder_text(out, ",\"audio\":");
    if (!track) {
        builder_text(out, "null");
        return;
    }
    builder_printf(out, "{\"codec\":\"%s\",\"sample_rate\":%u,\"channels\":%u",
                   track->codecs, track->sample_rate, track->channels);
    put_number(out, "kbps", figures->reading.tracks[TRACK_AUDIO].kbps);
    builder_text(out, "}");
}

static void print_line(const struct show_figures *figures, struct builder *out)
{
    const struct show_line_figures *line = &figures->line;
    builder_printf(out, ",\"line\":{\"bytes\":%llu", (unsigned long long)line->bytes);
    builder_printf(out, ",\"rtt_ms\":%u.%u", line->rtt_us / 1000,
                   line->rtt_us % 1000 / 100);
    put_number(out, "retransmits", line->retransmits);
    put_number(out, "out_of_order", line->out_of_order);
    put_number(out, "messages", (int64_t)line->n_messages);
    put_number(out, "unknown_messages", (int64_t)line->n_unknown);
    put_number(out, "restarted_messages", (int64_t)line->n_restarted);
    builder_printf(out, "},\"clock\":{\"jumps\":%u", figures->reading.n_jumps);
    put_number(out, "reanchored", (int64_t)figures->timeline.n_reanchored);
    put_number(out, "clamped", (int64_t)figures->timeline.n_clamped);
    put_number(out, "resynced", (int64_t)figures->timeline.n_resynced);
    builder_text(out, "}");
}

void api_figures_text_print(const struct show_figures *figures, struct builder *out)
{
    print_identity(figures, out);
    print_rates(&figures->reading, out);
    print_video(figures, out);
    print_audio(figures, out);
    print_line(figures, out);
    builder_text(out, ",\"findings\":");
    api_figures_text_print_findings(figures, out);
    builder_text(out, "}");
}
