#include "packager/hls/segment_text.h"

#include <inttypes.h>

#include "core/iso8601.h"

enum {
    SEGMENT_TEXT_MAX = 64 << 10
}; /* SEGMENT_PARTS_MAX lines of 100 bytes, and room */

static const char *name_of(const struct segment_epoch *epoch)
{
    return media_rendition_id_name(epoch->rendition);
}

void hls_segment_text_put_seconds(int64_t ms, struct builder *b)
{
    uint32_t part = (uint32_t)(ms % 1000);
    const char fraction[] = {'.', (char)('0' + part / 100),
                             (char)('0' + part / 10 % 10), (char)('0' + part % 10),
                             '\0'};
    builder_decimal(b, (uint64_t)(ms / 1000));
    builder_text(b, fraction);
}

void hls_segment_text_put_map(const struct segment_epoch *epoch, struct builder *b)
{
    builder_printf(b, "#EXT-X-MAP:URI=\"%s/%s-init.mp4\"\n", epoch->token,
                   name_of(epoch));
}

void hls_segment_text_put_part_uri(const struct segment_epoch *epoch, uint64_t msn,
                                   uint64_t part, struct builder *b)
{
    builder_text(b, epoch->token);
    builder_text(b, "/");
    builder_text(b, name_of(epoch));
    builder_text(b, "-");
    builder_decimal(b, msn);
    builder_text(b, ".");
    builder_decimal(b, part);
    builder_text(b, ".m4s");
}

static void put_date(const struct segment *segment, struct builder *b)
{
    char date[ISO8601_MAX];
    builder_text(b, "#EXT-X-PROGRAM-DATE-TIME:");
    builder_text(b, iso8601_print(segment->wall_ms, date));
    builder_text(b, "\n");
}

static void put_parts(const struct segment *segment, struct builder *b)
{
    for (uint32_t i = 0; i < segment->n_parts; i++) {
        const struct part *part = segment->parts[i];
        builder_text(b, "#EXT-X-PART:DURATION=");
        hls_segment_text_put_seconds(part->label_ms, b);
        builder_text(b, ",URI=\"");
        hls_segment_text_put_part_uri(segment->epoch, segment->msn, i, b);
        builder_text(b, "\"");
        if (!part->data)
            builder_text(b, ",GAP=YES");
        else if (part->independent)
            builder_text(b, ",INDEPENDENT=YES");
        builder_text(b, "\n");
    }
}

void hls_segment_text_init(struct segment_text *text, const struct segment *segment)
{
    text->msn = segment->msn;
    builder_init(&text->text, SEGMENT_TEXT_MAX);
    put_date(segment, &text->text);
    text->parts_at = builder_bytes(&text->text).len;
    put_parts(segment, &text->text);
    text->end_at = builder_bytes(&text->text).len;
    if (segment->gap)
        builder_text(&text->text, "#EXT-X-GAP\n");
    builder_text(&text->text, "#EXTINF:");
    hls_segment_text_put_seconds(segment->label_ms, &text->text);
    builder_printf(&text->text, ",\n%s/%s-%" PRIu64 ".m4s\n", segment->epoch->token,
                   name_of(segment->epoch), segment->msn);
}

void hls_segment_text_finish(struct segment_text *text)
{
    builder_finish(&text->text);
}

void hls_segment_text_put(const struct segment_text *text, bool with_parts,
                          struct builder *b)
{
    struct bytes all = builder_bytes(&text->text);
    builder_put(b, bytes_first(all, with_parts ? text->end_at : text->parts_at));
    builder_put(b, bytes_from(all, text->end_at));
}

void hls_segment_text_put_open(const struct segment *segment, struct builder *b)
{
    put_date(segment, b);
    put_parts(segment, b);
}
