#include "packager/segment/part.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/list.h"
#include "core/refs.h"
#include "core/require.h"

/* What callers see lies first, so that the count stays out of the headers. */
struct counted_part {
    struct part fields;
    struct refs refs;
};

struct counted_segment {
    struct segment fields;
    struct refs refs;
};

struct counted_epoch {
    struct segment_epoch fields;
    struct refs refs;
};

struct part *segment_part_create(struct part fields)
{
    struct counted_part *part = alloc_zero(sizeof *part);
    part->fields = fields;
    refs_init(&part->refs);
    return &part->fields;
}

struct part *segment_part_ref(struct part *part)
{
    refs_add(&container_of(part, struct counted_part, fields)->refs);
    return part;
}

void segment_part_unref(struct part *part)
{
    if (!part)
        return;
    struct counted_part *counted = container_of(part, struct counted_part, fields);
    if (!refs_drop(&counted->refs))
        return;
    buf_unref(part->data);
    alloc_free(counted);
}

struct segment *segment_part_segment_create(const struct segment *fields)
{
    require(fields->n_parts <= SEGMENT_PARTS_MAX);
    struct counted_segment *segment = alloc_zero(sizeof *segment);
    segment->fields = *fields;
    refs_init(&segment->refs);
    (void)segment_part_epoch_ref(fields->epoch);
    for (uint32_t i = 0; i < fields->n_parts; i++)
        (void)segment_part_ref(fields->parts[i]);
    return &segment->fields;
}

struct segment *segment_part_segment_ref(struct segment *segment)
{
    refs_add(&container_of(segment, struct counted_segment, fields)->refs);
    return segment;
}

void segment_part_segment_unref(struct segment *segment)
{
    if (!segment)
        return;
    struct counted_segment *counted =
        container_of(segment, struct counted_segment, fields);
    if (!refs_drop(&counted->refs))
        return;
    for (uint32_t i = 0; i < segment->n_parts; i++)
        segment_part_unref(segment->parts[i]);
    segment_part_epoch_unref(segment->epoch);
    alloc_free(counted);
}

struct segment_epoch *segment_part_epoch_create(const char *token, unsigned rendition,
                                                struct track *track, struct buf *init)
{
    size_t len = strlen(token);
    require(len > 0 && len < SEGMENT_EPOCH_MAX);
    struct counted_epoch *epoch = alloc_zero(sizeof *epoch);
    memcpy(epoch->fields.token, token, len);
    epoch->fields.rendition = rendition;
    epoch->fields.track = media_track_ref(track);
    epoch->fields.init = buf_ref(init);
    refs_init(&epoch->refs);
    return &epoch->fields;
}

struct segment_epoch *segment_part_epoch_ref(struct segment_epoch *epoch)
{
    if (epoch)
        refs_add(&container_of(epoch, struct counted_epoch, fields)->refs);
    return epoch;
}

void segment_part_epoch_unref(struct segment_epoch *epoch)
{
    if (!epoch)
        return;
    struct counted_epoch *counted = container_of(epoch, struct counted_epoch, fields);
    if (!refs_drop(&counted->refs))
        return;
    media_track_unref(epoch->track);
    buf_unref(epoch->init);
    alloc_free(counted);
}
