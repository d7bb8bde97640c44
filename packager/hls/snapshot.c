#include "packager/hls/snapshot.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/list.h"
#include "core/parse.h"
#include "core/refs.h"

/* Held requests may be this far ahead (rfc8216bis 6.2.5.2). */
enum {
    ADVANCE_SEGMENTS = 2,
    ADVANCE_PARTS = 3,       /* when parts last a second or more */
    ADVANCE_PARTS_MS = 3000, /* of shorter parts */
};

struct counted_snapshot {
    struct snapshot fields;
    struct refs refs;
};

struct snapshot *hls_snapshot_create(const struct snapshot *fields)
{
    struct counted_snapshot *snapshot = alloc_zero(sizeof *snapshot);
    snapshot->fields = *fields;
    refs_init(&snapshot->refs);
    return &snapshot->fields;
}

struct snapshot *hls_snapshot_ref(struct snapshot *snapshot)
{
    if (snapshot)
        refs_add(&container_of(snapshot, struct counted_snapshot, fields)->refs);
    return snapshot;
}

void hls_snapshot_unref(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    struct counted_snapshot *counted =
        container_of(snapshot, struct counted_snapshot, fields);
    if (!refs_drop(&counted->refs))
        return;
    buf_unref(snapshot->playlist);
    buf_unref(snapshot->delta);
    for (size_t i = 0; i < snapshot->n_segments; i++)
        segment_part_segment_unref(snapshot->segments[i]);
    alloc_free(snapshot->segments);
    segment_part_epoch_unref(snapshot->next_epoch);
    alloc_free(counted);
}

static const struct segment *find_segment(const struct snapshot *snapshot, uint64_t msn)
{
    if (snapshot->n_segments == 0)
        return NULL;
    uint64_t first = snapshot->segments[0]->msn; /* without holes from here */
    if (msn < first || msn - first >= snapshot->n_segments)
        return NULL;
    return snapshot->segments[msn - first];
}

bool hls_snapshot_has(const struct snapshot *snapshot, uint64_t msn, bool has_part,
                      uint64_t part)
{
    if (snapshot->ended)
        return true;
    if (msn >= snapshot->open_msn)
        return has_part && msn == snapshot->open_msn && part < snapshot->n_open_parts;
    if (!has_part || msn + 1 < snapshot->open_msn)
        return true;
    const struct segment *segment = find_segment(snapshot, msn);
    return !segment || part < segment->n_parts || snapshot->n_open_parts > 0;
}

bool hls_snapshot_is_too_far(const struct snapshot *snapshot, uint64_t msn,
                             bool has_part, uint64_t part)
{
    if (snapshot->ended || msn < snapshot->open_msn)
        return false;
    if (msn - snapshot->open_msn >= ADVANCE_SEGMENTS)
        return true;
    if (!has_part)
        return false;
    uint64_t ahead = ADVANCE_PARTS;
    if (snapshot->part_target_ms > 0 && snapshot->part_target_ms < 1000)
        ahead = (ADVANCE_PARTS_MS + snapshot->part_target_ms - 1) /
                snapshot->part_target_ms;
    uint64_t n_parts = msn == snapshot->open_msn ? snapshot->n_open_parts : 0;
    return part >= n_parts && part - n_parts >= ahead;
}

/* What a name means: init, a segment, or a part of one. */
struct resource_name {
    bool init;
    uint64_t msn;
    bool has_part;
    uint64_t part;
};

/* Plain decimal, so that nothing has two names. */
static bool parse_number(struct bytes text, uint64_t *ret)
{
    if (text.len > 1 && text.data[0] == '0')
        return false;
    return parse_u64(text, ret);
}

static bool parse_name(struct bytes name, unsigned rendition, struct resource_name *ret)
{
    struct bytes rest = name;
    struct bytes own;
    if (!bytes_cut(&rest, '-', &own) ||
        !bytes_equal_text(own, media_rendition_id_name(rendition)))
        return false;
    *ret = (struct resource_name){.init = bytes_equal_text(rest, "init.mp4")};
    if (ret->init)
        return true;
    struct bytes msn;
    struct bytes part;
    if (!bytes_cut(&rest, '.', &msn) || !parse_number(msn, &ret->msn))
        return false;
    if (bytes_equal_text(rest, "m4s"))
        return true;
    ret->has_part = true;
    return bytes_cut(&rest, '.', &part) && parse_number(part, &ret->part) &&
           bytes_equal_text(rest, "m4s");
}

static void add_buf(struct hls_resource *resource, struct buf *buf)
{
    if (!buf)
        return;
    resource->bufs[resource->n_bufs++] = buf;
    resource->len += buf_bytes(buf).len;
}

static enum hls_found find_init(const struct snapshot *snapshot, struct bytes epoch,
                                struct hls_resource *ret)
{
    if (snapshot->next_epoch && bytes_equal_text(epoch, snapshot->next_epoch->token)) {
        add_buf(ret, snapshot->next_epoch->init);
        return HLS_FOUND;
    }
    for (size_t i = snapshot->n_segments; i-- > 0;) {
        const struct segment_epoch *candidate = snapshot->segments[i]->epoch;
        if (!bytes_equal_text(epoch, candidate->token))
            continue;
        add_buf(ret, candidate->init);
        return HLS_FOUND;
    }
    return HLS_NOT_FOUND;
}

static bool is_hinted(const struct snapshot *snapshot, struct bytes epoch,
                      const struct resource_name *name)
{
    return !snapshot->ended && snapshot->next_epoch && name->has_part &&
           name->msn == snapshot->open_msn && name->part == snapshot->n_open_parts &&
           bytes_equal_text(epoch, snapshot->next_epoch->token);
}

enum hls_found hls_snapshot_find(const struct snapshot *snapshot, struct bytes epoch,
                                 struct bytes name, struct hls_resource *ret)
{
    struct resource_name wanted;
    if (!parse_name(name, snapshot->rendition, &wanted))
        return HLS_NOT_FOUND;
    bool video = media_rendition_id_kind(snapshot->rendition) == TRACK_VIDEO;
    ret->mime = video ? "video/mp4" : "audio/mp4";
    ret->n_bufs = 0;
    ret->len = 0;
    if (wanted.init)
        return find_init(snapshot, epoch, ret);
    if (is_hinted(snapshot, epoch, &wanted))
        return HLS_HINTED;
    const struct segment *segment = find_segment(snapshot, wanted.msn);
    if (!segment || !bytes_equal_text(epoch, segment->epoch->token))
        return HLS_NOT_FOUND;
    if (wanted.has_part) {
        if (wanted.part < segment->n_parts)
            add_buf(ret, segment->parts[wanted.part]->data);
    } else if (wanted.msn < snapshot->open_msn) {
        for (uint32_t i = 0; i < segment->n_parts; i++)
            add_buf(ret, segment->parts[i]->data);
    }
    return ret->n_bufs > 0 ? HLS_FOUND : HLS_NOT_FOUND;
}
