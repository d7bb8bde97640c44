/* The recorded publishers beside this file (make.mjs), one codec each, as tests need them:
 * the configuration record and the access units, with what the messages say of them. */
#ifndef TESTS_PACKAGER_CODED_H
#define TESTS_PACKAGER_CODED_H

#include <stdio.h>
#include <stdlib.h>

#include "core/be.h"
#include "core/buf.h"
#include "core/require.h"
#include "packager/media/access_unit.h"

#define CODED_FOLDER "tests/unit/packager/coded/"

enum { CODED_UNITS_MAX = 128, CODED_SIZE_MAX = 1 << 16, CODED_PATH_MAX = 128 };

struct coded_unit {
    uint32_t stamp_ms;
    int32_t cts_ms;
    bool key; /* says the message */
    struct buf *data;
};

struct coded {
    enum track_codec codec;
    struct buf *record;
    struct track *track; /* as the record alone makes it */
    size_t n_units;
    struct coded_unit units[CODED_UNITS_MAX];
};

static inline void coded_take_tag(struct coded *coded, uint32_t stamp_ms,
                                  struct bytes body)
{
    enum { START = 0, FRAMES = 1 };
    struct be_reader r = be_reader_of(body);
    uint8_t head = be_read_u8(&r);
    (void)be_read_u32(&r); /* FourCC */
    bool timed = (head & 0x80) && (head & 0xf) == FRAMES && coded->codec == TRACK_HEVC;
    int32_t cts_ms = timed ? be_read_i24(&r) : 0;
    require(!r.failed && coded->n_units < CODED_UNITS_MAX);
    struct buf *data = buf_copy(r.rest);
    if ((head & 0xf) == START) {
        coded->record = data;
        return;
    }
    coded->units[coded->n_units++] = (struct coded_unit){
        .stamp_ms = stamp_ms,
        .cts_ms = cts_ms,
        .key = !(head & 0x80) || (head >> 4 & 7) == 1,
        .data = data,
    };
}

static inline struct coded *coded_load(enum track_codec codec, const char *name)
{
    static uint8_t file[CODED_SIZE_MAX];
    char path[CODED_PATH_MAX];
    (void)snprintf(path, sizeof path, CODED_FOLDER "%s.flv", name);
    FILE *in = fopen(path, "rb");
    require(in);
    size_t len = fread(file, 1, sizeof file, in);
    (void)fclose(in);
    struct coded *coded = calloc(1, sizeof *coded);
    require(coded && len > 13 && len < sizeof file);
    coded->codec = codec;
    struct be_reader r = be_reader_of(bytes_make(file + 13, len - 13));
    while (r.rest.len > 0) {
        (void)be_read_u8(&r);
        uint32_t size = be_read_u24(&r);
        uint32_t stamp_ms = be_read_u24(&r);
        (void)be_read_u32(&r); /* the stamp's highest byte, stream */
        struct bytes body = be_read_bytes(&r, size);
        (void)be_read_u32(&r);
        require(!r.failed);
        coded_take_tag(coded, stamp_ms, body);
    }
    require(coded->record && coded->n_units > 0);
    require(media_track_create(codec, coded->record, &coded->track, NULL) == 0);
    return coded;
}

static inline void coded_free(struct coded *coded)
{
    for (size_t i = 0; i < coded->n_units; i++)
        buf_unref(coded->units[i].data);
    buf_unref(coded->record);
    media_track_unref(coded->track);
    free(coded);
}

#endif
