#include "packager/media/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    RATE = 44100,
    FRAME = 1024,
    BASE_MS = 10000,
    TRUE_FOREVER = 1 << 30,
};

/* A publisher: 29.97 pictures a second and AAC at 44.1 kHz, interleaved by time, stamped
 * in whole milliseconds of its clock, which starts at 0 with both. */
struct publisher {
    struct timeline *timeline;
    int64_t n_video, n_audio; /* packets so far */
    uint32_t video_shift, audio_shift;
    uint32_t mask;              /* bits of a stamp */
    int64_t audio_late_us;      /* audio packets come this much later than they are */
    bool no_video, no_audio;    /* for the moment: packets are lost */
    int64_t last_dts, last_pts; /* video */
    int64_t last_audio;
    /* How far the newest packets lie from base + their true time, in microseconds. */
    int64_t video_off_us, audio_off_us;
    int64_t worst_step_us; /* longest distance of two packets of a track, on the axis */
};

static struct publisher publisher_make(uint32_t shift)
{
    return (struct publisher){.timeline = media_timeline_create(BASE_MS),
                              .video_shift = shift,
                              .audio_shift = shift,
                              .mask = UINT32_MAX,
                              .last_dts = -1,
                              .last_audio = -1};
}

static void publisher_finish(struct publisher *p)
{
    media_timeline_destroy(p->timeline);
}

static int64_t video_us(int64_t n)
{
    return n * 1001000 / 30;
}

static int64_t audio_us(int64_t n)
{
    return n * FRAME * 1000000 / RATE;
}

static void note_step(struct publisher *p, int64_t from_us, int64_t to_us)
{
    if (from_us >= 0 && to_us - from_us > p->worst_step_us)
        p->worst_step_us = to_us - from_us;
}

static void send_video(struct publisher *p)
{
    int64_t true_us = video_us(p->n_video++);
    if (p->no_video)
        return;
    uint32_t stamp = ((uint32_t)(true_us / 1000) + p->video_shift) & p->mask;
    int64_t dts, pts;
    media_timeline_video(p->timeline, stamp, 67, &dts, &pts);
    assert_true(dts > p->last_dts);
    assert_int_equal(pts, dts + 67 * 90);
    note_step(p, p->last_dts * 100 / 9, dts * 100 / 9);
    p->last_dts = dts;
    p->last_pts = pts;
    p->video_off_us = dts * 100 / 9 - BASE_MS * 1000 - true_us;
}

static void send_audio(struct publisher *p)
{
    int64_t true_us = audio_us(p->n_audio++);
    if (p->no_audio)
        return;
    uint32_t stamp = ((uint32_t)(true_us / 1000) + p->audio_shift) & p->mask;
    int64_t at = media_timeline_audio(p->timeline, stamp, RATE, FRAME);
    assert_true(at > p->last_audio);
    note_step(p, p->last_audio * 1000000 / RATE, at * 1000000 / RATE);
    p->last_audio = at;
    p->audio_off_us = at * 1000000 / RATE - BASE_MS * 1000 - true_us;
}

/* All packets whose true time is before until_ms. */
static void run(struct publisher *p, int64_t until_ms)
{
    for (;;) {
        int64_t video = video_us(p->n_video);
        int64_t audio = audio_us(p->n_audio) + p->audio_late_us;
        if (video >= until_ms * 1000 && audio >= until_ms * 1000)
            return;
        if (video <= audio)
            send_video(p);
        else
            send_audio(p);
    }
}

static void shift(struct publisher *p, int64_t ms)
{
    p->video_shift += (uint32_t)ms;
    p->audio_shift += (uint32_t)ms;
}

static void assert_near(int64_t value, int64_t wanted, int64_t slack)
{
    assert_in_range(value - wanted + TRUE_FOREVER, TRUE_FOREVER - slack,
                    TRUE_FOREVER + slack);
}

static void assert_counts(const struct publisher *p, uint64_t n_reanchored,
                          uint64_t n_clamped)
{
    struct timeline_stats stats = media_timeline_stats(p->timeline);
    assert_int_equal(stats.n_reanchored, n_reanchored);
    assert_int_equal(stats.n_clamped, n_clamped);
}

/* Rounding of stamps only: to whole milliseconds, for each track. */
static void assert_exact(const struct publisher *p)
{
    assert_near(p->video_off_us, 0, 1000);
    assert_near(p->audio_off_us, 0, 1000);
}

static void the_first_packet_lands_on_base_and_others_keep_their_distance(void **state)
{
    (void)state;
    struct timeline *t = media_timeline_create(BASE_MS);
    int64_t dts, pts;
    media_timeline_video(t, 0xdeadbeef, 0, &dts, &pts);
    assert_int_equal(dts, BASE_MS * 90);
    assert_int_equal(media_timeline_audio(t, 0xdeadbeef - 20, 48000, FRAME),
                     (BASE_MS - 20) * 48);
    media_timeline_destroy(t);
    t = media_timeline_create(BASE_MS);
    assert_int_equal(media_timeline_audio(t, 700, 48000, FRAME), BASE_MS * 48);
    media_timeline_video(t, 2700, 0, &dts, &pts);
    assert_int_equal(dts, (BASE_MS + 2000) * 90);
    media_timeline_destroy(t);
}

static void times_are_never_negative(void **state)
{
    (void)state;
    struct timeline *t = media_timeline_create(0);
    int64_t dts, pts;
    media_timeline_video(t, 5000, 0, &dts, &pts);
    assert_int_equal(dts, 0);
    for (int64_t i = 0; i < 3; i++) /* sound from before the beginning */
        assert_int_equal(media_timeline_audio(t, 4000 + 21 * (uint32_t)i, 48000, FRAME),
                         i);
    media_timeline_destroy(t);
    t = media_timeline_create(0);
    media_timeline_video(t, 5000, -40, &dts, &pts);
    assert_int_equal(pts, 0);
    media_timeline_destroy(t);
}

static void wraps_without_a_seam(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, mask;
    } clocks[] = {
        {UINT32_MAX - 5000, UINT32_MAX}, /* 32 bits, 49.7 days */
        {INT32_MAX - 5000, INT32_MAX},   /* 31 bits, 24.8 days */
        {INT32_MAX - 5000, UINT32_MAX},  /* the sign bit comes up */
        {0xffffff - 5000, UINT32_MAX}, /* 24 bits, 4.66 hours: extended stamps begin */
    };
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        struct publisher p = publisher_make(clocks[i].first);
        p.mask = clocks[i].mask;
        for (int64_t ms = 0; ms < 10000; ms += 10) {
            run(&p, ms);
            assert_exact(&p);
        }
        assert_counts(&p, 0, 0);
        publisher_finish(&p);
    }
}

static void a_joint_jump_anchors_both_tracks_again_right_behind(void **state)
{
    (void)state;
    static const int64_t jumps_ms[] = {
        3100,
        3600000,
        INT32_MAX / 2 - 10,
        INT64_C(0x80000000) + 7777,
        -1100,
        -1500,
        -4000,
        -3600000,
        -5000,
        40000000,
        INT32_MAX / 2 + 10,
        -INT64_C(0x40000000),
    };
    for (size_t i = 0; i < sizeof jumps_ms / sizeof jumps_ms[0]; i++) {
        /* At each phase, so that either track is the first to jump. */
        for (int64_t phase_ms = 0; phase_ms < 70; phase_ms += 3) {
            struct publisher p = publisher_make(123456);
            run(&p, 5000 + phase_ms);
            shift(&p, jumps_ms[i]);
            run(&p, 20000);
            assert_near(p.video_off_us - p.audio_off_us, 0, 1500);
            assert_near(p.video_off_us, 0, 60000);
            assert_in_range(p.worst_step_us, 1, 110000);
            assert_counts(&p, 1, 0);
            publisher_finish(&p);
        }
    }
}

static void jumps_about_the_limits_keep_sound_and_picture_together(void **state)
{
    (void)state;
    for (int64_t jump_ms = -1200; jump_ms < 3200; jump_ms += 7) {
        for (int64_t phase_ms = 0; phase_ms < 70; phase_ms += 11) {
            struct publisher p = publisher_make(0);
            run(&p, 5000 + phase_ms);
            shift(&p, jump_ms);
            run(&p, 20000);
            /* Sound may lag its stamps by two frames before it is corrected. */
            assert_near(p.video_off_us - p.audio_off_us, 0, 48000);
            publisher_finish(&p);
        }
    }
}

static void jumps_again_and_again_do_not_pull_the_tracks_apart(void **state)
{
    (void)state;
    struct publisher p = publisher_make(0);
    uint32_t seed = 1;
    for (int64_t ms = 2000; ms < 600000; ms += 2000) {
        run(&p, ms);
        assert_near(p.video_off_us - p.audio_off_us, 0, 1500);
        seed = seed * 1664525 + 1013904223;
        shift(&p, 10000 + (seed >> 1));
    }
    assert_counts(&p, 299 - 1, 0);
    publisher_finish(&p);
}

static void a_jump_of_one_track_alone_is_not_followed(void **state)
{
    (void)state;
    static const int64_t jumps_ms[] = {4000, 3600000, -1600, -4000, -3600000};
    for (size_t i = 0; i < sizeof jumps_ms / sizeof jumps_ms[0]; i++) {
        struct publisher p = publisher_make(5000000);
        run(&p, 5000);
        p.audio_shift += (uint32_t)jumps_ms[i];
        run(&p, 30000);
        assert_near(p.video_off_us, 0, 1000);  /* undisturbed */
        assert_near(p.audio_off_us, 0, 30000); /* goes on at its own pace */
        assert_counts(&p, 0, 1);
        publisher_finish(&p);

        p = publisher_make(5000000);
        run(&p, 5000);
        p.video_shift += (uint32_t)jumps_ms[i];
        run(&p, 30000);
        assert_near(p.audio_off_us, 0, 1000);
        assert_near(p.video_off_us, 0, 30000);
        assert_counts(&p, 0, 1);
        publisher_finish(&p);
    }
}

static void one_wrong_stamp_leaves_no_trace(void **state)
{
    (void)state;
    static const int64_t glitches_ms[] = {3500, 9000000, -1500, -4000000};
    for (size_t i = 0; i < sizeof glitches_ms / sizeof glitches_ms[0]; i++) {
        for (int64_t late_us = 0; late_us <= 700000; late_us += 700000) {
            struct publisher p = publisher_make(5000000);
            p.audio_late_us = late_us; /* interleaving may be coarse */
            run(&p, 5000);
            p.video_shift += (uint32_t)glitches_ms[i];
            send_video(&p);
            p.video_shift -= (uint32_t)glitches_ms[i];
            assert_near(p.video_off_us, 0, 2000);
            run(&p, 6000);
            assert_exact(&p);
            p.audio_shift += (uint32_t)glitches_ms[i];
            send_audio(&p);
            p.audio_shift -= (uint32_t)glitches_ms[i];
            run(&p, 30000);
            assert_exact(&p);
            assert_counts(&p, 0, 2);
            publisher_finish(&p);
        }
    }
}

static void a_hole_in_one_track_is_believed(void **state)
{
    (void)state;
    struct publisher p = publisher_make(777);
    run(&p, 5000);
    p.no_video = true;
    run(&p, 15000);
    p.no_video = false;
    run(&p, 20000);
    assert_exact(&p);
    p.no_audio = true;
    run(&p, 29000);
    p.no_audio = false;
    run(&p, 30000);
    assert_near(p.video_off_us, 0, 1000);
    assert_near(p.audio_off_us, 0, 2000); /* counted on from another rounded stamp */
    assert_counts(&p, 0, 0);
    publisher_finish(&p);
}

static void a_pause_of_both_within_the_limit_is_a_pause(void **state)
{
    (void)state;
    struct publisher p = publisher_make(777);
    run(&p, 5000);
    p.no_video = p.no_audio = true;
    run(&p, 7500);
    p.no_video = p.no_audio = false;
    run(&p, 10000);
    assert_near(p.video_off_us, 0, 1000);
    assert_near(p.audio_off_us, 0, 2000);
    assert_counts(&p, 0, 0);
    publisher_finish(&p);
}

static void a_step_as_long_as_the_silence_is_a_pause(void **state)
{
    (void)state;
    static const int64_t silences_ms[] = {4000, 60000, 3600000};
    for (size_t i = 0; i < sizeof silences_ms / sizeof silences_ms[0]; i++) {
        struct timeline *t = media_timeline_create(BASE_MS);
        int64_t dts, pts;
        media_timeline_arrive(t, 500);
        media_timeline_video(t, 1000, 0, &dts, &pts);
        (void)media_timeline_audio(t, 1000, 48000, FRAME);
        media_timeline_arrive(t, 500 + silences_ms[i] + 300); /* on a slow line */
        uint32_t stamp = 1000 + (uint32_t)silences_ms[i];
        int64_t at = media_timeline_audio(t, stamp, 48000, FRAME);
        media_timeline_video(t, stamp, 0, &dts, &pts);
        assert_int_equal(at, (BASE_MS + silences_ms[i]) * 48);
        assert_int_equal(dts, (BASE_MS + silences_ms[i]) * 90);
        /* At once it is a jump. */
        media_timeline_video(t, stamp + 5000, 0, &dts, &pts);
        assert_true(dts < (BASE_MS + silences_ms[i] + 300) * 90);
        media_timeline_destroy(t);
    }
}

static void a_single_track_jumps_freely(void **state)
{
    (void)state;
    struct publisher p = publisher_make(777);
    p.no_audio = true;
    run(&p, 5000);
    shift(&p, -700000);
    run(&p, 10000);
    assert_near(p.video_off_us, 0, 2000);
    assert_counts(&p, 1, 0);
    /* Sound comes late and on the same clock. */
    p.no_audio = false;
    run(&p, 20000);
    assert_near(p.video_off_us - p.audio_off_us, 0, 1000);
    assert_counts(&p, 1, 0);
    publisher_finish(&p);
}

static void a_late_track_with_a_clock_of_its_own_lands_beside_the_other(void **state)
{
    (void)state;
    struct publisher p = publisher_make(0);
    p.no_audio = true;
    run(&p, 60000);
    p.no_audio = false;
    p.audio_shift = (uint32_t)-60000;
    run(&p, 90000);
    assert_near(p.video_off_us, 0, 1000);
    assert_near(p.audio_off_us, 0, 40000);
    assert_counts(&p, 0, 1);
    publisher_finish(&p);
}

static void a_stamp_that_repeats_or_steps_back_a_little_grows_by_a_tick(void **state)
{
    (void)state;
    static const uint32_t stamps[] = {1000, 1000, 990, 1000, 1001, 200, 1034};
    static const int64_t wanted[] = {0, 1, 2, 3, 90, 91, 34 * 90};
    struct timeline *t = media_timeline_create(0);
    for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
        int64_t dts, pts;
        media_timeline_video(t, stamps[i], 0, &dts, &pts);
        assert_int_equal(dts, wanted[i]);
        assert_int_equal(pts, dts);
    }
    media_timeline_destroy(t);
}

static void composition_times_are_signed_and_bounded(void **state)
{
    (void)state;
    static const int32_t given[] = {0, 33, -33, -1000, 10000, -1001, 10001, INT32_MIN};
    static const int32_t taken[] = {0, 33, -33, -1000, 10000, 0, 0, 0};
    struct timeline *t = media_timeline_create(BASE_MS);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        int64_t dts, pts;
        media_timeline_video(t, (uint32_t)i * 33, given[i], &dts, &pts);
        assert_int_equal(pts - dts, taken[i] * 90);
    }
    media_timeline_destroy(t);
}

static void hours_of_rounded_audio_stamps_do_not_drift(void **state)
{
    (void)state;
    struct timeline *t = media_timeline_create(BASE_MS);
    uint32_t seed = 1;
    int64_t last = 0;
    const int64_t n = INT64_C(8) * 3600 * RATE / FRAME;
    for (int64_t i = 0; i < n; i++) {
        /* Rounded down, and up to 20 ms late: a phone's scheduler. */
        seed = seed * 1664525 + 1013904223;
        int64_t late_us = i == 0 ? 0 : (seed >> 16) % 20000;
        uint32_t stamp = 4294000000 + (uint32_t)((audio_us(i) + late_us) / 1000);
        int64_t at = media_timeline_audio(t, stamp, RATE, FRAME);
        assert_int_equal(at, BASE_MS * RATE / 1000 + i * FRAME);
        assert_true(i == 0 || at - last == FRAME);
        last = at;
    }
    assert_int_equal(media_timeline_stats(t).n_resynced, 0);
    media_timeline_destroy(t);
}

static void a_sample_clock_that_runs_otherwise_is_led_by_the_stamps(void **state)
{
    (void)state;
    /* Per mille by which stamps run faster than samples. */
    for (int64_t drift = -10; drift <= 10; drift += 2) {
        struct timeline *t = media_timeline_create(BASE_MS);
        int64_t last = -1;
        int64_t stamp_ms = 0;
        for (int64_t i = 0; i < 100000; i++) {
            stamp_ms = audio_us(i) * (1000 + drift) / 1000000;
            int64_t at = media_timeline_audio(t, (uint32_t)stamp_ms, RATE, FRAME);
            assert_true(at > last);
            assert_near(at, (BASE_MS + stamp_ms) * RATE / 1000,
                        2 * FRAME + RATE / 1000);
            last = at;
        }
        uint64_t n = media_timeline_stats(t).n_resynced;
        assert_true(drift == 0 ? n == 0 : n > 0);
        assert_true(n < 2000); /* now and then, not at each frame */
        media_timeline_destroy(t);
    }
}

static void lost_audio_frames_leave_a_gap(void **state)
{
    (void)state;
    struct publisher p = publisher_make(0);
    p.no_video = true;
    run(&p, 5000);
    p.n_audio += 3;
    run(&p, 6000);
    assert_near(p.audio_off_us, 0, 2000);
    assert_int_equal(media_timeline_stats(p.timeline).n_resynced, 1);
    publisher_finish(&p);
}

static void a_message_lies_where_its_stamp_says_and_moves_nothing(void **state)
{
    (void)state;
    struct publisher p = publisher_make(UINT32_MAX - 4000);
    assert_int_equal(media_timeline_locate_ms(p.timeline, 12345), BASE_MS);
    run(&p, 5000);
    int64_t newest_ms = BASE_MS + 4993; /* the last sound */
    assert_int_equal(media_timeline_locate_ms(p.timeline, p.video_shift + 4500),
                     BASE_MS + 4500);
    assert_int_equal(media_timeline_locate_ms(p.timeline, p.video_shift + 6000),
                     BASE_MS + 6000);
    /* Stamps from nowhere are taken as now: many encoders send 0. */
    assert_near(media_timeline_locate_ms(p.timeline, p.video_shift + 500000), newest_ms,
                25);
    assert_near(media_timeline_locate_ms(p.timeline, p.video_shift - 500000), newest_ms,
                25);
    run(&p, 6000);
    assert_exact(&p);
    assert_counts(&p, 0, 0);
    publisher_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_packet_lands_on_base_and_others_keep_their_distance),
        cmocka_unit_test(times_are_never_negative),
        cmocka_unit_test(wraps_without_a_seam),
        cmocka_unit_test(a_joint_jump_anchors_both_tracks_again_right_behind),
        cmocka_unit_test(jumps_about_the_limits_keep_sound_and_picture_together),
        cmocka_unit_test(jumps_again_and_again_do_not_pull_the_tracks_apart),
        cmocka_unit_test(a_jump_of_one_track_alone_is_not_followed),
        cmocka_unit_test(one_wrong_stamp_leaves_no_trace),
        cmocka_unit_test(a_hole_in_one_track_is_believed),
        cmocka_unit_test(a_pause_of_both_within_the_limit_is_a_pause),
        cmocka_unit_test(a_step_as_long_as_the_silence_is_a_pause),
        cmocka_unit_test(a_single_track_jumps_freely),
        cmocka_unit_test(a_late_track_with_a_clock_of_its_own_lands_beside_the_other),
        cmocka_unit_test(a_stamp_that_repeats_or_steps_back_a_little_grows_by_a_tick),
        cmocka_unit_test(composition_times_are_signed_and_bounded),
        cmocka_unit_test(hours_of_rounded_audio_stamps_do_not_drift),
        cmocka_unit_test(a_sample_clock_that_runs_otherwise_is_led_by_the_stamps),
        cmocka_unit_test(lost_audio_frames_leave_a_gap),
        cmocka_unit_test(a_message_lies_where_its_stamp_says_and_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
