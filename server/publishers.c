#include "server/publishers.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "server/show/hub.h"

struct listed {
    const char *show;
    const struct show_figures *figures;
};

struct list_of {
    struct listed *entries;
    size_t n; /* all */
    size_t n_listed;
};

/* One kind of series: what each show has of it. known false: nothing to tell of that one. */
struct series {
    const char *name, *type, *help;
    unsigned digits; /* behind the point: value is in tenths, … of the unit */
    bool (*value)(const struct show_figures *figures, int64_t *ret);
};

#define VALUE(name, is_known, expression)                              \
    static bool name(const struct show_figures *figures, int64_t *ret) \
    {                                                                  \
        const struct show_meter_reading *reading = &figures->reading;  \
        (void)reading;                                                 \
        if (!(is_known))                                               \
            return false;                                              \
        *ret = (int64_t)(expression);                                  \
        return true;                                                   \
    }

VALUE(value_bytes, true, figures->line.bytes)
VALUE(value_uptime, true, figures->sampled_ms - figures->connected_ms)
VALUE(value_reconnects, true, figures->n_reconnects)
VALUE(value_fps, reading->tracks[TRACK_VIDEO].seen, reading->fps_milli)
VALUE(value_keyframe, reading->keyframe_ms > 0, reading->keyframe_ms)
VALUE(value_keyframe_age, reading->has_key, reading->keyframe_age_ms)
VALUE(value_b_frames, reading->tracks[TRACK_VIDEO].seen, reading->b_frames)
VALUE(value_offset, reading->has_offset, reading->offset_ms)
VALUE(value_drift, reading->has_offset, reading->drift_ms)
VALUE(value_gap, true, reading->max_gap_ms)
VALUE(value_behind, true, reading->lag_ms)
VALUE(value_rtt, figures->line.rtt_us > 0, figures->line.rtt_us)
VALUE(value_retransmits, true, figures->line.retransmits)
VALUE(value_out_of_order, true, figures->line.out_of_order)
VALUE(value_messages, true, figures->line.n_messages)
VALUE(value_unknown, true, figures->line.n_unknown)
VALUE(value_restarted, true, figures->line.n_restarted)
VALUE(value_jumps, true, reading->n_jumps)
VALUE(value_reanchored, true, figures->timeline.n_reanchored)
VALUE(value_clamped, true, figures->timeline.n_clamped)
VALUE(value_resynced, true, figures->timeline.n_resynced)

static const struct series all_series[] = {
    {"received_bytes_total", "counter", "Bytes received from the publisher", 0,
     value_bytes},
    {"uptime_seconds", "gauge", "How long the publisher has been connected", 3,
     value_uptime},
    {"reconnects_total", "counter",
     "Publishers since the show went live, but the first", 0, value_reconnects},
    {"frames_per_second", "gauge", "Pictures that arrive in a second", 3, value_fps},
    {"keyframe_interval_seconds", "gauge", "Between the last two key frames", 3,
     value_keyframe},
    {"keyframe_age_seconds", "gauge", "Since the last key frame arrived", 3,
     value_keyframe_age},
    {"bidirectional_frames", "gauge", "Most B-frames in a row in the last 10 seconds",
     0, value_b_frames},
    {"av_offset_seconds", "gauge",
     "Newest stamp of sound minus that of pictures at arrival", 3, value_offset},
    {"av_drift_seconds", "gauge", "What that offset has changed by since the start", 3,
     value_drift},
    {"max_gap_seconds", "gauge",
     "Longest pause between two arrivals in the last 10 seconds", 3, value_gap},
    {"behind_seconds", "gauge", "How far media has fallen behind at arrival", 3,
     value_behind},
    {"rtt_seconds", "gauge", "Round trip on the publisher's line", 6, value_rtt},
    {"retransmits_total", "counter", "TCP segments sent to the publisher again", 0,
     value_retransmits},
    {"out_of_order_total", "counter",
     "TCP segments of the publisher that came too early: one was lost or overtaken", 0,
     value_out_of_order},
    {"messages_total", "counter", "RTMP messages received", 0, value_messages},
    {"unknown_messages_total", "counter", "RTMP messages ignored", 0, value_unknown},
    {"restarted_messages_total", "counter", "RTMP messages left half finished", 0,
     value_restarted},
    {"clock_jumps_total", "counter", "Jumps of the publisher's clock", 0, value_jumps},
    {"clock_reanchored_total", "counter", "Jumps that all tracks made", 0,
     value_reanchored},
    {"clock_clamped_total", "counter", "Jumps of one track that were not believed", 0,
     value_clamped},
    {"clock_resynced_total", "counter", "Times that sound was put right by its stamps",
     0, value_resynced},
};

/* ---- who is listed ---- */

static int compare_age(const void *a, const void *b)
{
    const struct listed *left = a;
    const struct listed *right = b;
    if (left->figures->connected_ms != right->figures->connected_ms)
        return left->figures->connected_ms < right->figures->connected_ms ? -1 : 1;
    return strcmp(left->show, right->show);
}

static struct list_of list_publishers(const struct show_hub *hub, size_t listed_max)
{
    const struct show_directory *directory = hub->directory;
    struct list_of list = {
        .entries = alloc_array(directory->n_shows + 1, sizeof *list.entries)};
    for (size_t i = 0; i < directory->n_shows; i++) {
        const char *id = directory->shows[i]->row.id;
        const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(id));
        if (shelf && shelf->view && shelf->view->figures)
            list.entries[list.n++] =
                (struct listed){.show = id, .figures = shelf->view->figures};
    }
    qsort(list.entries, list.n, sizeof *list.entries, compare_age);
    list.n_listed = list.n < listed_max ? list.n : listed_max;
    return list;
}

/* ---- text ---- */

static void put_head(struct builder *out, const char *name, const char *type,
                     const char *help)
{
    builder_printf(out, "# HELP vitrine_%s %s\n# TYPE vitrine_%s %s\n", name, help,
                   name, type);
}

/* A label's value: backslash, quote and line break escaped (exposition format 0.0.4). */
static void put_label(struct builder *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\\' || *c == '"')
            builder_u8(out, '\\');
        builder_u8(out, (uint8_t)((unsigned char)*c < 0x20 ? ' ' : *c));
    }
}

static void put_decimal(struct builder *out, int64_t value, unsigned digits)
{
    uint64_t parts = 1;
    for (unsigned i = 0; i < digits; i++)
        parts *= 10;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    builder_printf(out, "%s%llu", value < 0 ? "-" : "",
                   (unsigned long long)(size / parts));
    if (digits > 0)
        builder_printf(out, ".%0*llu", (int)digits, (unsigned long long)(size % parts));
    builder_text(out, "\n");
}

static void put_series(const struct list_of *list, const struct series *series,
                       struct builder *out)
{
    char name[64] = "publisher_";
    bool headed = false;
    strncat(name, series->name, sizeof name - sizeof "publisher_");
    for (size_t i = 0; i < list->n_listed; i++) {
        int64_t value;
        if (!series->value(list->entries[i].figures, &value))
            continue;
        if (!headed)
            put_head(out, name, series->type, series->help);
        headed = true;
        builder_printf(out, "vitrine_%s{show=\"%s\"} ", name, list->entries[i].show);
        put_decimal(out, value, series->digits);
    }
}

static void put_info(const struct list_of *list, struct builder *out)
{
    if (list->n_listed > 0)
        put_head(out, "publisher_info", "gauge", "Who publishes; always 1");
    for (size_t i = 0; i < list->n_listed; i++) {
        const struct show_figures *figures = list->entries[i].figures;
        const struct track *video = figures->tracks[TRACK_VIDEO];
        const struct track *audio = figures->tracks[TRACK_AUDIO];
        builder_printf(out, "vitrine_publisher_info{show=\"%s\",role=\"%s\",encoder=\"",
                       list->entries[i].show, show_admission_role_text(figures->role));
        put_label(out, figures->encoder);
        builder_printf(out, "\",video=\"%s\",audio=\"%s\"", video ? video->codecs : "",
                       audio ? audio->codecs : "");
        builder_printf(out, ",size=\"%ux%u\"} 1\n", video ? video->width : 0,
                       video ? video->height : 0);
    }
}

/* kb/s are 125 bytes a second. */
static void put_rates(const struct list_of *list, struct builder *out)
{
    static const char name[] = "publisher_receive_bytes_per_second";
    uint64_t total = 0;
    if (list->n_listed > 0)
        put_head(out, name, "gauge",
                 "Media received, by the window that it is a mean of");
    for (size_t i = 0; i < list->n; i++) {
        const struct show_meter_reading *reading = &list->entries[i].figures->reading;
        total += reading->kbps;
        if (i >= list->n_listed)
            continue;
        builder_printf(out, "vitrine_%s{show=\"%s\",window=\"1s\"} %llu\n", name,
                       list->entries[i].show, reading->kbps * 125ull);
        builder_printf(out, "vitrine_%s{show=\"%s\",window=\"10s\"} %llu\n", name,
                       list->entries[i].show, reading->kbps_long * 125ull);
    }
    put_head(out, "publishers_receive_bytes_per_second", "gauge",
             "Media received in the last second, all publishers");
    builder_printf(out, "vitrine_publishers_receive_bytes_per_second %llu\n",
                   (unsigned long long)(total * 125));
}

static void put_findings(const struct list_of *list, struct builder *out)
{
    unsigned totals[COACH_PROBLEM + 1] = {0};
    if (list->n_listed > 0)
        put_head(out, "publisher_findings", "gauge",
                 "What the coach finds, by how bad it is");
    for (size_t i = 0; i < list->n; i++) {
        const struct show_figures *figures = list->entries[i].figures;
        unsigned n[COACH_PROBLEM + 1] = {0};
        for (size_t k = 0; k < figures->n_findings; k++)
            n[figures->findings[k].level]++;
        for (enum coach_level level = COACH_INFO; level <= COACH_PROBLEM; level++) {
            totals[level] += n[level];
            if (i < list->n_listed)
                builder_printf(
                    out, "vitrine_publisher_findings{show=\"%s\",level=\"%s\"} %u\n",
                    list->entries[i].show, show_coach_level_text(level), n[level]);
        }
    }
    put_head(out, "publishers_findings", "gauge",
             "What the coach finds with all publishers, by how bad it is");
    for (enum coach_level level = COACH_INFO; level <= COACH_PROBLEM; level++)
        builder_printf(out, "vitrine_publishers_findings{level=\"%s\"} %u\n",
                       show_coach_level_text(level), totals[level]);
}

void server_publishers_print(const struct show_hub *hub, size_t listed_max,
                             struct builder *out)
{
    struct list_of list = list_publishers(hub, listed_max);
    put_info(&list, out);
    put_rates(&list, out);
    for (size_t i = 0; i < sizeof all_series / sizeof all_series[0]; i++)
        put_series(&list, &all_series[i], out);
    put_findings(&list, out);
    put_head(out, "publishers_unlisted", "gauge",
             "Publishers without series of their own: there are too many");
    builder_printf(out, "vitrine_publishers_unlisted %zu\n", list.n - list.n_listed);
    alloc_free(list.entries);
}
