#include "server/show/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/server/show/stream.h"

static void take_packet(void *ctx, enum track_kind kind, uint32_t stamp_ms,
                        int32_t cts_ms, bool key, size_t len, int64_t now_ms)
{
    show_meter_packet(ctx, kind, stamp_ms, cts_ms, key, len, now_ms);
}

static void take_tick(void *ctx, int64_t now_ms)
{
    (void)show_meter_tick(ctx, now_ms);
}

static struct stream begin(struct show_meter *meter)
{
    struct stream stream = stream_make();
    stream.packet = take_packet;
    stream.tick = take_tick;
    stream.ctx = meter;
    show_meter_init(meter, 0);
    return stream;
}

static struct show_meter_reading read_meter(const struct show_meter *meter,
                                            const struct stream *stream)
{
    struct show_meter_reading reading;
    show_meter_read(meter, stream->now_ms, &reading);
    return reading;
}

static void measures_rates_frames_and_key_frames(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream_run(&stream, 12000);
    struct show_meter_reading reading = read_meter(&meter, &stream);
    assert_in_range(reading.tracks[TRACK_VIDEO].kbps_long, 2350, 2450);
    assert_in_range(reading.tracks[TRACK_AUDIO].kbps_long, 85, 95);
    assert_int_equal(reading.kbps_long, reading.tracks[TRACK_VIDEO].kbps_long +
                                            reading.tracks[TRACK_AUDIO].kbps_long);
    assert_in_range(reading.fps_milli, 29500, 30500);
    assert_in_range(reading.media_fps_milli, 29500, 30500);
    assert_in_range(reading.keyframe_ms, 1990, 2040);
    assert_in_range(reading.keyframe_age_ms, 0, 2000);
    assert_int_equal(reading.b_frames, 0);
    assert_in_range(reading.max_gap_ms, 5, 40);
    assert_in_range(reading.pace_permille, 980, 1020);
    assert_in_range(reading.lag_ms, 0, 50);
    assert_int_equal(reading.n_jumps, 0);
    assert_in_range(reading.offset_ms + 100, 60, 140);
}

static void forgets_what_is_ten_seconds_old(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream_run(&stream, 5000);
    stream_pause(&stream, 900, false);
    stream_run(&stream, 1000);
    assert_in_range(read_meter(&meter, &stream).max_gap_ms, 900, 960);
    stream_run(&stream, 12000);
    assert_in_range(read_meter(&meter, &stream).max_gap_ms, 5, 40);
}

static void counts_the_b_frames_in_a_row(void **state)
{
    (void)state;
    for (int n = 1; n <= 4; n++) {
        struct show_meter meter;
        struct stream stream = begin(&meter);
        stream.b_frames = n;
        stream_run(&stream, 3000);
        assert_int_equal(read_meter(&meter, &stream).b_frames, n);
    }
}

static void takes_one_frame_far_ahead_for_no_run_of_b_frames(void **state)
{
    (void)state;
    struct show_meter meter;
    struct show_meter_reading reading;
    show_meter_init(&meter, 0);
    for (int64_t now_ms = 0; now_ms < 5000; now_ms += 40) {
        show_meter_packet(&meter, TRACK_VIDEO, (uint32_t)now_ms, now_ms ? 0 : 8000000,
                          now_ms == 0, 100, now_ms);
        (void)show_meter_tick(&meter, now_ms);
    }
    show_meter_read(&meter, 5000, &reading);
    assert_int_equal(reading.b_frames, 0);
}

static void takes_a_pause_of_the_line_for_no_jump(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream_run(&stream, 3000);
    stream_pause(&stream, 8000, false);
    stream_run(&stream, 3000);
    assert_int_equal(read_meter(&meter, &stream).n_jumps, 0);
}

static void counts_a_jump_of_both_tracks_once(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream_run(&stream, 3000);
    stream.stamp_offset = 20000;
    stream_run(&stream, 3000);
    struct show_meter_reading reading = read_meter(&meter, &stream);
    assert_int_equal(reading.n_jumps, 1);
    assert_in_range(reading.jump_ms, 20000, 20100);
    assert_in_range(reading.lag_ms, 0, 60);
    stream.stamp_offset = 0;
    stream_run(&stream, 3000);
    assert_int_equal(read_meter(&meter, &stream).n_jumps, 2);
    assert_true(read_meter(&meter, &stream).jump_ms < -19000);
}

/* 49.7 days, and 24.8 with encoders that count to 31 bits. */
static void sees_no_jump_where_stamps_wrap(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream.stamp_offset = UINT32_MAX - 3000;
    stream_run(&stream, 8000);
    assert_int_equal(read_meter(&meter, &stream).n_jumps, 0);
    assert_in_range(read_meter(&meter, &stream).pace_permille, 980, 1020);
}

static void sees_no_jump_where_stamps_of_31_bits_wrap(void **state)
{
    (void)state;
    struct show_meter meter;
    show_meter_init(&meter, 0);
    for (int64_t now_ms = 0; now_ms < 4000; now_ms += 40)
        show_meter_packet(&meter, TRACK_VIDEO,
                          (uint32_t)(0x7fffffff - 2000 + now_ms) & 0x7fffffff, 0,
                          now_ms == 0, 100, now_ms);
    struct show_meter_reading reading;
    show_meter_read(&meter, 4000, &reading);
    assert_int_equal(reading.n_jumps, 0);
    assert_in_range(reading.keyframe_open_ms, 3900, 4000);
}

static void measures_how_far_media_falls_behind(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream_run(&stream, 2000);
    stream.pace_permille = 500;
    stream_run(&stream, 6000);
    struct show_meter_reading reading = read_meter(&meter, &stream);
    assert_in_range(reading.pace_permille, 450, 550);
    assert_in_range(reading.lag_ms, 2800, 3200);
}

static void tells_where_sound_lies_beside_the_pictures(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream.sound_behind_ms = 420;
    stream_run(&stream, 6000);
    struct show_meter_reading reading = read_meter(&meter, &stream);
    assert_true(reading.has_offset);
    assert_in_range(-reading.offset_ms, 380, 460);
    assert_in_range(reading.start_ms + 100, 60, 140);
    stream = begin(&meter);
    stream.sound_shift_ms = 420;
    stream_run(&stream, 6000);
    reading = read_meter(&meter, &stream);
    assert_in_range(reading.start_ms, 380, 460);
}

static void knows_no_offset_of_clocks_that_have_nothing_in_common(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream.sound_shift_ms = 5000000;
    stream_run(&stream, 6000);
    assert_false(read_meter(&meter, &stream).has_offset);
    assert_int_equal(read_meter(&meter, &stream).start_ms, 0);
}

static void tells_how_long_stamps_have_stood(void **state)
{
    (void)state;
    struct show_meter meter;
    struct stream stream = begin(&meter);
    stream.stamps_stand = true;
    stream_run(&stream, 5000);
    assert_in_range(read_meter(&meter, &stream).tracks[TRACK_VIDEO].still_ms, 4800,
                    5000);
    stream.stamps_stand = false;
    stream_run(&stream, 1000);
    assert_int_equal(read_meter(&meter, &stream).tracks[TRACK_VIDEO].still_ms, 0);
}

static void counts_bytes_of_other_tracks(void **state)
{
    (void)state;
    struct show_meter meter;
    struct show_meter_reading reading;
    show_meter_init(&meter, 0);
    show_meter_bytes(&meter, TRACK_VIDEO, 125000);
    assert_true(show_meter_tick(&meter, 1000));
    show_meter_read(&meter, 1000, &reading);
    assert_int_equal(reading.kbps, 1000);
    assert_int_equal(reading.bytes, 125000);
    assert_false(reading.tracks[TRACK_VIDEO].seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_rates_frames_and_key_frames),
        cmocka_unit_test(forgets_what_is_ten_seconds_old),
        cmocka_unit_test(counts_the_b_frames_in_a_row),
        cmocka_unit_test(takes_one_frame_far_ahead_for_no_run_of_b_frames),
        cmocka_unit_test(takes_a_pause_of_the_line_for_no_jump),
        cmocka_unit_test(counts_a_jump_of_both_tracks_once),
        cmocka_unit_test(sees_no_jump_where_stamps_wrap),
        cmocka_unit_test(sees_no_jump_where_stamps_of_31_bits_wrap),
        cmocka_unit_test(measures_how_far_media_falls_behind),
        cmocka_unit_test(tells_where_sound_lies_beside_the_pictures),
        cmocka_unit_test(knows_no_offset_of_clocks_that_have_nothing_in_common),
        cmocka_unit_test(tells_how_long_stamps_have_stood),
        cmocka_unit_test(counts_bytes_of_other_tracks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
