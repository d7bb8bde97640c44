/* Any packets at any times: the figures stay within what they can be, and every finding
 * has its words. Input: one packet after another, a byte of what, four of stamp, three of
 * composition time, two of length and two of milliseconds since the one before. */
#include "server/show/coach.h"
#include "core/be.h"
#include "core/require.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OP_AUDIO = 1, OP_KEY = 2, OP_STEP = 4, OP_OTHER = 8, OP_NOTE = 16 };

static void check(struct show_coach *coach, const struct show_meter_reading *reading)
{
    struct coach_finding findings[COACH_CODES];
    struct coach_finding change;
    size_t n = show_coach_findings(coach, findings);
    require(reading->silent_ms >= 0 && reading->lag_ms >= 0);
    require(reading->keyframe_ms >= 0 && reading->keyframe_max_ms >= 0);
    require(reading->b_frames <= METER_B_FRAMES_MAX);
    require(reading->slow_fps_milli <= reading->fast_fps_milli);
    for (size_t i = 0; i < n; i++) {
        size_t len = strnlen(findings[i].text, COACH_TEXT_MAX);
        require(findings[i].level != COACH_FINE);
        require(len > 1 && len < COACH_TEXT_MAX);
        require(findings[i].text[len - 1] == '.');
    }
    for (n = 0; show_coach_next_change(coach, &change); n++)
        require(n < COACH_CODES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct show_meter meter;
    struct show_meter_reading reading;
    struct show_coach coach;
    struct be_reader r = be_reader_of(bytes_make(data, size));
    uint32_t stamps[TRACK_KINDS] = {0};
    int64_t now_ms = 0;
    show_meter_init(&meter, now_ms);
    show_coach_init(&coach);
    while (r.rest.len >= 12) {
        uint8_t op = be_read_u8(&r);
        enum track_kind kind = op & OP_AUDIO ? TRACK_AUDIO : TRACK_VIDEO;
        uint32_t stamp = be_read_u32(&r);
        int32_t cts = be_read_i24(&r);
        uint16_t len = be_read_u16(&r);
        now_ms += be_read_u16(&r);
        show_meter_arrival(&meter, len, now_ms);
        stamps[kind] = op & OP_STEP ? stamps[kind] + stamp % 4096 : stamp;
        if (op & OP_OTHER)
            show_meter_bytes(&meter, kind, len);
        else
            show_meter_packet(&meter, kind, stamps[kind], cts, op & OP_KEY, len,
                              now_ms);
        if (op & OP_NOTE) {
            show_coach_note_metadata(&coach, op & OP_KEY, op & OP_AUDIO, stamp);
            show_coach_note_size(&coach, len, stamp & 0xffff, now_ms);
            show_coach_note_long_gop(&coach, len, now_ms);
            show_coach_note_short_parts(&coach, len, now_ms);
        }
        if (!show_meter_tick(&meter, now_ms))
            continue;
        show_meter_read(&meter, now_ms, &reading);
        show_coach_judge(&coach, &reading, now_ms);
        check(&coach, &reading);
    }
    return 0;
}
