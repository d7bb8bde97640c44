/* Any stamps in any order: times grow strictly in each track and never lie below zero.
 * Input: one operation after another, a byte of what and four bytes of stamp. */
#include "packager/media/timeline.h"
#include "core/be.h"
#include "core/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the low bits of an operation mean; stamps are absolute or steps. */
enum { OP_AUDIO = 1, OP_STEP = 2, OP_SMALL = 4, OP_LOCATE = 8, OP_RATE = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t rates[] = {44100, 48000};
    struct be_reader r = be_reader_of(bytes_make(data, size));
    struct timeline *timeline = media_timeline_create(be_read_u16(&r));
    uint32_t stamps[TRACK_KINDS] = {0};
    int64_t last_video = -1;
    int64_t last_audio = -1;
    unsigned rate = 0;
    while (r.rest.len >= 5) {
        uint8_t op = be_read_u8(&r);
        uint32_t value = be_read_u32(&r);
        unsigned kind = op & OP_AUDIO ? TRACK_AUDIO : TRACK_VIDEO;
        int32_t step = (int32_t)(op & OP_SMALL ? value % 100 : value);
        stamps[kind] = op & OP_STEP ? stamps[kind] + (uint32_t)step : value;
        if (op & OP_LOCATE) {
            require(media_timeline_locate_ms(timeline, value) >= 0);
        } else if (kind == TRACK_VIDEO) {
            int64_t dts, pts;
            int32_t cts = (int32_t)(value << 8) >> 8; /* 24 bits, as on the wire */
            media_timeline_arrive(timeline, be_read_u16(&r));
            media_timeline_video(timeline, stamps[kind], cts, &dts, &pts);
            require(dts > last_video && pts >= 0);
            require(pts - dts <= TIMELINE_CTS_MAX_MS * 90);
            last_video = dts;
        } else {
            /* A rate may change between two frames; times then compare in ticks of
             * different length, so the order is checked within one rate. */
            unsigned now = op & OP_RATE ? 1 : 0;
            int64_t at = media_timeline_audio(timeline, stamps[kind], rates[now], 1024);
            require(at >= 0 && (now != rate || at > last_audio));
            rate = now;
            last_audio = at;
        }
    }
    media_timeline_destroy(timeline);
    return 0;
}
