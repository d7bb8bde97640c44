#include "tests/sim/playlist.h"

#include <string.h>

#include "core/iso8601.h"
#include "core/parse.h"

/* State of one reading. */
struct reading {
    struct playlist *out;
    bool segment_open; /* tags of a segment were seen, its URI was not */
    bool inf;
    char map[PLAYLIST_URI_MAX];
};

static bool copy_text(struct bytes text, char *out, size_t size)
{
    if (text.len + 1 > size)
        return false;
    memcpy(out, text.data, text.len);
    out[text.len] = 0;
    return true;
}

/* "1.002" with exactly three decimals. */
static bool read_seconds(struct bytes text, int64_t *ret_ms)
{
    struct bytes whole;
    uint64_t s, ms;
    if (!bytes_cut(&text, '.', &whole) || text.len != 3 || !parse_u64(whole, &s) ||
        !parse_u64(text, &ms))
        return false;
    *ret_ms = (int64_t)(s * 1000 + ms);
    return true;
}

/* NAME=value or NAME="value" out of a list; quotes are taken off. */
static bool find_attribute(struct bytes list, const char *name, struct bytes *ret)
{
    struct bytes wanted = bytes_text(name);
    size_t at = 0;
    while (at < list.len) {
        size_t equals = bytes_index(list, at, '=');
        struct bytes key = bytes_first(bytes_from(list, at), equals - at);
        size_t start = equals + 1;
        bool quoted = start < list.len && list.data[start] == '"';
        size_t end = quoted ? bytes_index(list, start + 1, '"') + 1
                            : bytes_index(list, start, ',');
        struct bytes value = bytes_first(bytes_from(list, start), end - start);
        if (bytes_equal(key, wanted)) {
            *ret = quoted ? bytes_make(value.data + 1, value.len - 2) : value;
            return true;
        }
        at = end + 1;
    }
    return false;
}

static bool find_seconds(struct bytes list, const char *name, int64_t *ret_ms)
{
    struct bytes value;
    return find_attribute(list, name, &value) && read_seconds(value, ret_ms);
}

static bool find_text(struct bytes list, const char *name, char *out)
{
    struct bytes value;
    return find_attribute(list, name, &value) &&
           copy_text(value, out, PLAYLIST_URI_MAX);
}

static bool find_number(struct bytes list, const char *name, uint64_t *ret)
{
    struct bytes value;
    return find_attribute(list, name, &value) && parse_u64(value, ret);
}

static struct playlist_segment *segment_of(struct reading *r)
{
    struct playlist *p = r->out;
    if (!r->segment_open) {
        if (p->n_segments == PLAYLIST_SEGMENTS_MAX)
            return NULL;
        struct playlist_segment *fresh = &p->segments[p->n_segments];
        memset(fresh, 0, sizeof *fresh);
        fresh->msn = p->media_sequence + p->n_skipped + p->n_segments;
        p->n_segments++;
        r->segment_open = true;
    }
    struct playlist_segment *segment = &p->segments[p->n_segments - 1];
    memcpy(segment->map, r->map, sizeof r->map);
    return segment;
}

static bool take_part(struct reading *r, struct bytes list)
{
    struct playlist_segment *segment = segment_of(r);
    if (!segment || segment->n_parts == PLAYLIST_PARTS_MAX || segment->wall_ms == 0)
        return false;
    struct playlist_part *part = &segment->parts[segment->n_parts++];
    struct bytes value;
    *part = (struct playlist_part){
        .independent = find_attribute(list, "INDEPENDENT", &value),
        .gap = find_attribute(list, "GAP", &value),
    };
    return find_seconds(list, "DURATION", &part->ms) &&
           find_text(list, "URI", part->uri);
}

static bool take_control(struct playlist *p, struct bytes list)
{
    struct bytes value;
    p->server_control = true;
    if (find_attribute(list, "CAN-SKIP-UNTIL", &value) &&
        !read_seconds(value, &p->skip_until_ms))
        return false;
    return find_attribute(list, "CAN-BLOCK-RELOAD", &value) &&
           bytes_equal_text(value, "YES") &&
           find_seconds(list, "PART-HOLD-BACK", &p->part_hold_back_ms);
}

static bool take_hint(struct playlist *p, struct bytes list)
{
    struct bytes type;
    if (!find_attribute(list, "TYPE", &type))
        return false;
    bool is_part = bytes_equal_text(type, "PART");
    char *slot = is_part ? p->hint : p->hint_map;
    return (is_part || bytes_equal_text(type, "MAP")) && slot[0] == 0 &&
           find_text(list, "URI", slot);
}

static bool take_report(struct playlist *p, struct bytes list)
{
    if (p->n_reports == PLAYLIST_REPORTS_MAX)
        return false;
    struct playlist_report *report = &p->reports[p->n_reports++];
    return find_text(list, "URI", report->uri) &&
           find_number(list, "LAST-MSN", &report->msn) &&
           find_number(list, "LAST-PART", &report->part);
}

static bool take_inf(struct reading *r, struct bytes value)
{
    struct playlist_segment *segment = segment_of(r);
    struct bytes seconds;
    if (!segment || segment->wall_ms == 0 || r->inf)
        return false;
    r->inf = true;
    return bytes_cut(&value, ',', &seconds) && value.len == 0 &&
           read_seconds(seconds, &segment->ms);
}

static bool take_uri(struct reading *r, struct bytes line)
{
    if (!r->inf || !r->segment_open)
        return false;
    struct playlist_segment *segment = segment_of(r);
    r->inf = false;
    r->segment_open = false;
    segment->complete = true;
    return segment->map[0] != 0 && copy_text(line, segment->uri, sizeof segment->uri);
}

static bool take_flag(struct reading *r, bool discontinuity)
{
    struct playlist_segment *segment = segment_of(r);
    if (!segment)
        return false;
    if (discontinuity)
        segment->discontinuity = true;
    else
        segment->gap = true;
    return true;
}

static bool take_date(struct reading *r, struct bytes value)
{
    struct playlist_segment *segment = segment_of(r);
    return segment && segment->wall_ms == 0 && iso8601_parse(value, &segment->wall_ms);
}

static bool take_range(struct playlist *p, struct bytes line)
{
    return p->n_ranges < PLAYLIST_RANGES_MAX &&
           copy_text(line, p->ranges[p->n_ranges++], PLAYLIST_LINE_MAX);
}

static bool is_tag(struct bytes line, const char *tag, struct bytes *ret_value)
{
    if (!bytes_has_prefix(line, tag))
        return false;
    *ret_value = bytes_from(line, strlen(tag));
    return true;
}

static bool take_number(struct bytes value, int64_t *ret)
{
    return parse_i64(value, ret);
}

static bool take_head(struct playlist *p, struct bytes line, bool *ret_good)
{
    struct bytes value;
    if (is_tag(line, "#EXT-X-VERSION:", &value))
        *ret_good = take_number(value, &p->version);
    else if (is_tag(line, "#EXT-X-TARGETDURATION:", &value))
        *ret_good = take_number(value, &p->target_duration_s);
    else if (is_tag(line, "#EXT-X-SERVER-CONTROL:", &value))
        *ret_good = take_control(p, value);
    else if (is_tag(line, "#EXT-X-PART-INF:", &value))
        *ret_good = find_seconds(value, "PART-TARGET", &p->part_target_ms);
    else if (is_tag(line, "#EXT-X-MEDIA-SEQUENCE:", &value))
        *ret_good = p->n_segments == 0 && parse_u64(value, &p->media_sequence);
    else if (is_tag(line, "#EXT-X-DISCONTINUITY-SEQUENCE:", &value))
        *ret_good = p->n_segments == 0 && parse_u64(value, &p->discontinuity_sequence);
    else if (is_tag(line, "#EXT-X-SKIP:", &value))
        *ret_good =
            p->n_segments == 0 && find_number(value, "SKIPPED-SEGMENTS", &p->n_skipped);
    else
        return false;
    return true;
}

static bool take_tail(struct playlist *p, struct bytes line, bool *ret_good)
{
    struct bytes value;
    if (is_tag(line, "#EXT-X-DATERANGE:", &value))
        *ret_good = take_range(p, line);
    else if (is_tag(line, "#EXT-X-PRELOAD-HINT:", &value))
        *ret_good = take_hint(p, value);
    else if (is_tag(line, "#EXT-X-RENDITION-REPORT:", &value))
        *ret_good = take_report(p, value);
    else if (bytes_equal_text(line, "#EXT-X-ENDLIST"))
        *ret_good = p->ended = true;
    else
        return false;
    return true;
}

static bool take_line(struct reading *r, struct bytes line)
{
    struct bytes value;
    bool good;
    if (take_head(r->out, line, &good) || take_tail(r->out, line, &good))
        return good;
    if (is_tag(line, "#EXT-X-MAP:", &value))
        return find_text(value, "URI", r->map);
    if (is_tag(line, "#EXT-X-PROGRAM-DATE-TIME:", &value))
        return take_date(r, value);
    if (is_tag(line, "#EXT-X-PART:", &value))
        return take_part(r, value);
    if (is_tag(line, "#EXTINF:", &value))
        return take_inf(r, value);
    if (bytes_equal_text(line, "#EXT-X-DISCONTINUITY"))
        return take_flag(r, true);
    if (bytes_equal_text(line, "#EXT-X-GAP"))
        return take_flag(r, false);
    return line.len > 0 && line.data[0] != '#' && take_uri(r, line);
}

bool playlist_read(struct bytes text, struct playlist *ret, struct bytes *ret_line)
{
    struct reading r = {.out = ret};
    ret->n_segments = 0;
    memset(ret, 0, offsetof(struct playlist, segments));
    struct bytes rest = text;
    bool first = true;
    while (bytes_cut(&rest, '\n', ret_line)) {
        if (ret_line->len == 0 && rest.len == 0)
            break;
        bool good =
            first ? bytes_equal_text(*ret_line, "#EXTM3U") : take_line(&r, *ret_line);
        if (!good)
            return false;
        first = false;
    }
    return !first;
}
