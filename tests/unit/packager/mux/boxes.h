/* A small reader of our own for the boxes of one part (ISO 14496-12 8.8), for tests: what
 * libavformat wrote is not to be read back by libavformat. */
#ifndef TESTS_PACKAGER_MUX_BOXES_H
#define TESTS_PACKAGER_MUX_BOXES_H

#include "core/be.h"
#include "core/require.h"

enum { BOXES_SAMPLES_MAX = 1024 };

struct boxes_sample {
    uint32_t duration;
    uint32_t flags;
    int32_t cts;
    struct bytes data;
};

struct boxes_part {
    unsigned n_moof, n_mdat, n_other;
    uint32_t sequence;
    uint64_t tfdt;
    uint32_t default_duration, default_size, default_flags;
    int32_t data_offset;
    struct bytes moof; /* whole box */
    size_t n_samples;
    struct boxes_sample samples[BOXES_SAMPLES_MAX];
};

static inline bool boxes_next(struct be_reader *r, char ret_type[5],
                              struct bytes *ret_box, struct bytes *ret_body)
{
    if (r->rest.len == 0)
        return false;
    struct bytes whole = r->rest;
    uint32_t size = be_read_u32(r);
    struct bytes type = be_read_bytes(r, 4);
    require(!r->failed && size >= 8 && size <= whole.len);
    for (size_t i = 0; i < 4; i++)
        ret_type[i] = (char)type.data[i];
    ret_type[4] = 0;
    *ret_body = be_read_bytes(r, size - 8);
    *ret_box = bytes_first(whole, size);
    return true;
}

static inline void boxes_read_tfhd(struct boxes_part *part, struct bytes body)
{
    struct be_reader r = be_reader_of(body);
    uint32_t flags = be_read_u32(&r) & 0xffffff;
    (void)be_read_u32(&r);
    require(flags & 0x020000); /* default-base-is-moof */
    require(!(flags & 0x000001));
    if (flags & 0x000002)
        (void)be_read_u32(&r);
    if (flags & 0x000008)
        part->default_duration = be_read_u32(&r);
    if (flags & 0x000010)
        part->default_size = be_read_u32(&r);
    if (flags & 0x000020)
        part->default_flags = be_read_u32(&r);
    require(!r.failed && r.rest.len == 0);
}

static inline void boxes_read_trun(struct boxes_part *part, struct bytes body)
{
    struct be_reader r = be_reader_of(body);
    uint32_t head = be_read_u32(&r);
    uint32_t flags = head & 0xffffff;
    uint32_t n = be_read_u32(&r);
    require(n <= BOXES_SAMPLES_MAX && part->n_samples == 0);
    require(flags & 0x1);
    part->data_offset = (int32_t)be_read_u32(&r);
    uint32_t first_flags = part->default_flags;
    if (flags & 0x4)
        first_flags = be_read_u32(&r);
    size_t at = (size_t)part->data_offset;
    for (uint32_t i = 0; i < n; i++) {
        struct boxes_sample *s = &part->samples[i];
        s->duration = flags & 0x100 ? be_read_u32(&r) : part->default_duration;
        uint32_t size = flags & 0x200 ? be_read_u32(&r) : part->default_size;
        s->flags = flags & 0x400 ? be_read_u32(&r)
                   : i == 0      ? first_flags
                                 : part->default_flags;
        s->cts = flags & 0x800 ? (int32_t)be_read_u32(&r) : 0;
        require(s->cts >= 0 || head >> 24 == 1); /* signed in version 1 only */
        s->data = bytes_make(part->moof.data + at, size);
        at += size;
    }
    require(!r.failed && r.rest.len == 0);
    part->n_samples = n;
}

static inline void boxes_read_moof(struct boxes_part *part, struct bytes body)
{
    struct be_reader r = be_reader_of(body);
    char type[5];
    struct bytes box, inner;
    while (boxes_next(&r, type, &box, &inner)) {
        struct be_reader in = be_reader_of(inner);
        if (bytes_equal_text(bytes_text(type), "mfhd")) {
            (void)be_read_u32(&in);
            part->sequence = be_read_u32(&in);
        } else if (bytes_equal_text(bytes_text(type), "traf")) {
            boxes_read_moof(part, inner);
        } else if (bytes_equal_text(bytes_text(type), "tfhd")) {
            boxes_read_tfhd(part, inner);
        } else if (bytes_equal_text(bytes_text(type), "tfdt")) {
            require(be_read_u32(&in) == 0x01000000);
            part->tfdt = be_read_u64(&in);
        } else if (bytes_equal_text(bytes_text(type), "trun")) {
            boxes_read_trun(part, inner);
        }
        require(!in.failed);
    }
}

/* in: a part without its prefix. */
static inline void boxes_read(struct bytes in, struct boxes_part *part)
{
    *part = (struct boxes_part){0};
    struct be_reader r = be_reader_of(in);
    char type[5];
    struct bytes box, body;
    while (boxes_next(&r, type, &box, &body)) {
        if (bytes_equal_text(bytes_text(type), "moof")) {
            part->n_moof++;
            part->moof = box;
            boxes_read_moof(part, body);
        } else if (bytes_equal_text(bytes_text(type), "mdat")) {
            part->n_mdat++;
            size_t end = (size_t)(body.data - part->moof.data);
            require(part->data_offset == (int32_t)end); /* samples start the mdat */
            for (size_t i = 0; i < part->n_samples; i++)
                end += part->samples[i].data.len;
            require(part->moof.data + end == body.data + body.len); /* and fill it */
        } else {
            part->n_other++;
        }
    }
}

#endif
