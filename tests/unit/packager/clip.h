/* A recorded publisher for tests: 3 s of 64x36 H.264 at 29.97 fps (B-frames, a key frame
 * every second) and mono AAC at 44.1 kHz, as an FLV file with its millisecond stamps.
 *
 *   ffmpeg -f lavfi -i testsrc2=s=64x36:r=30000/1001:d=3 \
 *     -f lavfi -i sine=f=440:r=44100:d=3 \
 *     -c:v libx264 -bf 2 -b_strategy 0 -g 30 -keyint_min 30 -sc_threshold 0 -crf 20 \
 *     -pix_fmt yuv420p -bsf:v filter_units=remove_types=6 -c:a aac -b:a 32k -ac 1 \
 *     -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
 *     -f flv -flvflags no_duration_filesize+no_metadata clip.flv */
#ifndef TESTS_PACKAGER_CLIP_H
#define TESTS_PACKAGER_CLIP_H

#include <stdio.h>
#include <stdlib.h>

#include "core/be.h"
#include "core/buf.h"
#include "core/require.h"
#include "packager/media/track.h"

#define CLIP_PATH "tests/unit/packager/clip.flv"

enum { CLIP_FRAMES_MAX = 512, CLIP_SIZE_MAX = 1 << 16 };

struct clip_frame {
    enum track_kind kind;
    uint32_t stamp_ms;
    int32_t cts_ms;
    bool key;
    struct buf *data;
};

struct clip {
    struct track *tracks[TRACK_KINDS];
    size_t n_frames;
    struct clip_frame frames[CLIP_FRAMES_MAX]; /* in order of arrival */
};

static inline void clip_take_tag(struct clip *clip, uint8_t type, uint32_t stamp_ms,
                                 struct bytes body)
{
    struct be_reader r = be_reader_of(body);
    bool is_video = type == 9;
    bool key = (be_read_u8(&r) & 0xf0) == 0x10 || !is_video;
    bool is_config = be_read_u8(&r) == 0;
    int32_t cts_ms = is_video ? be_read_i24(&r) : 0;
    enum track_kind kind = is_video ? TRACK_VIDEO : TRACK_AUDIO;
    require(!r.failed);
    if (r.rest.len == 0 || (type != 8 && type != 9))
        return;
    struct buf *data = buf_copy(r.rest);
    if (is_config) {
        require(media_track_create(is_video ? TRACK_H264 : TRACK_AAC, data,
                                   &clip->tracks[kind], NULL) == 0);
        buf_unref(data);
        return;
    }
    require(clip->n_frames < CLIP_FRAMES_MAX);
    clip->frames[clip->n_frames++] = (struct clip_frame){
        .kind = kind, .stamp_ms = stamp_ms, .cts_ms = cts_ms, .key = key, .data = data};
}

static inline struct clip *clip_load(void)
{
    static uint8_t file[CLIP_SIZE_MAX];
    FILE *in = fopen(CLIP_PATH, "rb");
    require(in);
    size_t len = fread(file, 1, sizeof file, in);
    (void)fclose(in);
    struct clip *clip = calloc(1, sizeof *clip);
    require(clip && len > 13 && len < sizeof file);
    struct be_reader r = be_reader_of(bytes_make(file + 13, len - 13));
    while (r.rest.len > 0) {
        uint8_t type = be_read_u8(&r);
        uint32_t size = be_read_u24(&r);
        uint32_t stamp_ms = be_read_u24(&r);
        stamp_ms |= (uint32_t)be_read_u8(&r) << 24;
        (void)be_read_u24(&r);
        struct bytes body = be_read_bytes(&r, size);
        (void)be_read_u32(&r);
        require(!r.failed);
        clip_take_tag(clip, type, stamp_ms, body);
    }
    require(clip->tracks[TRACK_VIDEO] && clip->tracks[TRACK_AUDIO]);
    return clip;
}

static inline void clip_free(struct clip *clip)
{
    for (size_t i = 0; i < clip->n_frames; i++)
        buf_unref(clip->frames[i].data);
    for (size_t i = 0; i < TRACK_KINDS; i++)
        media_track_unref(clip->tracks[i]);
    free(clip);
}

#endif
