#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"

struct packager_config sim_usual_config(void)
{
    return (struct packager_config){
        .part_ms = 334,
        .segment_ms = 2000,
        .window_ms = 16000,
        .first_msn = 1,
        .constants = {.wall_anchor_ms = SIM_WALL_ANCHOR_S * 1000LL},
    };
}

void sim_init(struct sim *sim, const struct packager_config *config,
              const struct checker_config *checks)
{
    struct checker_config checker = {.same_boundaries = true};
    if (checks)
        checker = *checks;
    checker.wall_anchor_ms = config->constants.wall_anchor_ms;
    *sim = (struct sim){.first_ms = -1, .updated_ms = {-1, -1}};
    sim->packager = packager_create(config);
    sim->checker = checker_create(&checker);
    for (int i = 0; i < RENDITIONS_PER_KIND - 1; i++)
        sim->more[i] = checker_create(&checker);
}

void sim_start(struct sim *sim, const struct feed_config *feed,
               const struct checker_config *checks)
{
    struct packager_config config = sim_usual_config();
    sim_init(sim, &config, checks);
    sim_begin(sim, "e1", feed);
}

void sim_carry_markers(struct sim *sim)
{
    static const uint8_t box[] = {0, 0, 0, 12, 'e', 'm', 's', 'g', 1, 0, 0, 0};
    sim->marker = (struct marker){.box = buf_static(bytes_make(box, sizeof box))};
    sim->has_marker = true;
}

void sim_finish(struct sim *sim)
{
    buf_unref(sim->marker.box);
    feed_finish(&sim->feed);
    packager_destroy(sim->packager);
    checker_destroy(sim->checker);
    for (int i = 0; i < RENDITIONS_PER_KIND - 1; i++)
        checker_destroy(sim->more[i]);
}

static void note_update(struct sim *sim, unsigned kind)
{
    if (kind >= TRACK_KINDS)
        return;
    int64_t last_ms = sim->updated_ms[kind];
    if (sim->first_ms < 0)
        sim->first_ms = sim->now_ms;
    if (last_ms >= 0 && sim->now_ms - last_ms > sim->longest_wait_ms[kind])
        sim->longest_wait_ms[kind] = sim->now_ms - last_ms;
    sim->updated_ms[kind] = sim->now_ms;
}

static void answer_part(struct sim *sim, const struct packager_event *event)
{
    assert_true(event->part.carries_markers);
    assert_true(event->part.start >= sim->last_end);
    assert_true(event->part.end > event->part.start);
    assert_true(packager_open_time(sim->packager) == event->part.start);
    sim->last_end = event->part.end;
    sim->n_parts_due++;
    sim->n_after_gap += event->part.after_gap;
    bool marked = sim->has_marker && event->part.opens_segment;
    packager_finish_part(sim->packager, &sim->marker, marked ? 1 : 0);
}

static void note_gap(struct sim *sim, const struct packager_event *event)
{
    assert_true(event->part.start >= sim->last_end);
    assert_true(event->part.end > event->part.start);
    sim->last_end = event->part.end;
    sim->gap_ticks += event->part.end - event->part.start;
}

static void look(const struct sim *sim, struct checker *checker, unsigned video_id,
                 unsigned audio_id)
{
    struct snapshot *video = packager_snapshot(sim->packager, video_id);
    struct snapshot *audio = packager_snapshot(sim->packager, audio_id);
    checker_look(checker, video, audio, sim->now_ms);
    hls_snapshot_unref(video);
    hls_snapshot_unref(audio);
}

void sim_pull(struct sim *sim)
{
    struct packager_event event;
    bool updated = false;
    while (packager_next(sim->packager, &event)) {
        if (event.type == PACKAGER_PART_DUE) {
            answer_part(sim, &event);
        } else if (event.type == PACKAGER_GAP) {
            note_gap(sim, &event);
        } else if (event.type == PACKAGER_FINDING) {
            sim->n_findings[event.finding.what]++;
            sim->findings[event.finding.what] = event.finding.value;
        } else {
            updated = true;
            note_update(sim, event.rendition);
        }
    }
    if (!updated)
        return;
    look(sim, sim->checker, TRACK_VIDEO, TRACK_AUDIO);
    for (unsigned i = 1; i < RENDITIONS_PER_KIND; i++)
        look(sim, sim->more[i - 1], media_rendition_id_make(TRACK_VIDEO, i),
             media_rendition_id_make(TRACK_AUDIO, i));
}

void sim_begin(struct sim *sim, const char *token, const struct feed_config *config)
{
    feed_finish(&sim->feed);
    feed_init(&sim->feed, config);
    struct packager_track tracks[RENDITIONS_MAX];
    size_t n = feed_tracks(&sim->feed, tracks);
    assert_int_equal(packager_begin(sim->packager, token, tracks, n, sim->now_ms, NULL),
                     0);
    sim_pull(sim);
}

bool sim_continues(const struct sim *sim, struct track *video, struct track *audio)
{
    struct packager_track tracks[TRACK_KINDS];
    size_t n = 0;
    if (video)
        tracks[n++] = (struct packager_track){.track = video};
    if (audio)
        tracks[n++] = (struct packager_track){.track = audio};
    return packager_continues(sim->packager, tracks, n);
}

void sim_resume(struct sim *sim, const struct feed_config *config)
{
    feed_finish(&sim->feed);
    feed_init(&sim->feed, config);
    struct packager_track tracks[RENDITIONS_MAX];
    size_t n = feed_tracks(&sim->feed, tracks);
    assert_true(packager_continues(sim->packager, tracks, n));
    packager_resume(sim->packager, sim->now_ms);
    sim_pull(sim);
}

void sim_wait_until(struct sim *sim, int64_t ms)
{
    int64_t deadline_ms;
    while ((deadline_ms = packager_deadline_ms(sim->packager)) <= ms) {
        if (deadline_ms > sim->now_ms)
            sim->now_ms = deadline_ms;
        packager_tick(sim->packager, sim->now_ms);
        sim_pull(sim);
        assert_true(packager_deadline_ms(sim->packager) > sim->now_ms);
    }
    sim->now_ms = ms;
}

void sim_run_until(struct sim *sim, int64_t ms)
{
    while (sim->now_ms < ms) {
        struct packet packet;
        int64_t arrival_ms;
        feed_next(&sim->feed, &packet, &arrival_ms);
        sim_wait_until(sim, arrival_ms);
        if (sim->restamp)
            sim->restamp(sim, &packet);
        (void)packager_push(sim->packager, &packet, sim->now_ms, NULL);
        sim_pull(sim);
    }
}

void sim_end(struct sim *sim)
{
    packager_end(sim->packager, sim->now_ms);
    sim_pull(sim);
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        struct snapshot *snapshot =
            packager_snapshot(sim->packager, (enum track_kind)kind);
        assert_true(!snapshot || snapshot->ended);
        hls_snapshot_unref(snapshot);
    }
}

struct checker_stats sim_stats_more(const struct sim *sim, unsigned index,
                                    enum track_kind kind)
{
    return checker_stats(sim->more[index - 1], kind);
}

struct checker_stats sim_stats(const struct sim *sim, enum track_kind kind)
{
    return checker_stats(sim->checker, kind);
}

struct feed_config sim_usual_feed(void)
{
    return (struct feed_config){.video = true,
                                .audio = true,
                                .fps_num = 30,
                                .fps_den = 1,
                                .gop_frames = 60,
                                .reorder_ms = 67};
}
