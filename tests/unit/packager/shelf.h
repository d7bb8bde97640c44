/* Segments made by hand, without a muxer, for tests of what is made of them. */
#ifndef TESTS_PACKAGER_SHELF_H
#define TESTS_PACKAGER_SHELF_H

#include "core/alloc.h"
#include "core/buf.h"
#include "core/require.h"
#include "packager/segment/part.h"

enum { SHELF_MAX = 64 };
#define SHELF_ANCHOR_MS 1795000000000LL

/* One rendition whose timescale is 1000, so that ticks are milliseconds. */
struct shelf {
    enum track_kind kind;
    struct segment_epoch *epoch;
    int64_t pos_ms;
    uint64_t next_msn;
    size_t n;
    struct segment *segments[SHELF_MAX];
};

static inline struct track *shelf_track(enum track_kind kind)
{
    static const uint8_t avcc[] = {
        0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x1f,
        0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
        0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60, 0x01, 0x00,
        0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
    };
    static const uint8_t aac[] = {0x12, 0x10};
    struct bytes config = kind == TRACK_VIDEO ? bytes_make(avcc, sizeof avcc)
                                              : bytes_make(aac, sizeof aac);
    struct buf *buf = buf_copy(config);
    struct track *track = NULL;
    require(media_track_create(kind == TRACK_VIDEO ? TRACK_H264 : TRACK_AAC, buf,
                               &track, NULL) == 0);
    buf_unref(buf);
    return track;
}

static inline void shelf_enter(struct shelf *shelf, const char *token)
{
    struct track *track = shelf_track(shelf->kind);
    struct buf *init = buf_copy(bytes_text("init"));
    segment_part_epoch_unref(shelf->epoch);
    shelf->epoch = segment_part_epoch_create(token, shelf->kind, track, init);
    buf_unref(init);
    media_track_unref(track);
}

static inline void shelf_init(struct shelf *shelf, enum track_kind kind,
                              const char *token)
{
    *shelf = (struct shelf){.kind = kind, .next_msn = 1};
    shelf_enter(shelf, token);
}

/* parts: a letter each: k with a key frame, p without, g GAP; all of 334 ms but the last,
 * which has last_ms. The newest segment may be taken for the open one. */
static inline struct segment *shelf_add(struct shelf *shelf, const char *parts,
                                        int64_t last_ms)
{
    struct segment fields = {
        .msn = shelf->next_msn++,
        .epoch = shelf->epoch,
        .start = shelf->pos_ms,
        .boundary = shelf->pos_ms * 90,
        .wall_ms = SHELF_ANCHOR_MS + shelf->pos_ms,
        .gap = true,
    };
    for (const char *p = parts; *p; p++) {
        int64_t ms = p[1] ? 334 : last_ms;
        struct part part = {.start = shelf->pos_ms, .duration = ms, .label_ms = ms};
        if (*p != 'g') {
            part.data = buf_copy(bytes_text("part"));
            part.independent = *p == 'k';
            fields.gap = false;
        }
        fields.parts[fields.n_parts++] = segment_part_create(part);
        fields.duration += ms;
        fields.label_ms += ms;
        shelf->pos_ms += ms;
    }
    struct segment *segment = segment_part_segment_create(&fields);
    for (uint32_t i = 0; i < fields.n_parts; i++)
        segment_part_unref(fields.parts[i]);
    require(shelf->n < SHELF_MAX);
    shelf->segments[shelf->n++] = segment;
    return segment;
}

static inline void shelf_finish(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->n; i++)
        segment_part_segment_unref(shelf->segments[i]);
    segment_part_epoch_unref(shelf->epoch);
}

#endif
