#include "conf/yaml.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "conf/value.h"
#include "core/require.h"

enum { SEEN_MAX = 2 * CONF_OPTIONS_N }; /* options and their groups */

/* A known path that has been read: to refuse it the second time. */
struct seen {
    char path[CONF_PATH_MAX];
    unsigned line;
};

struct reader {
    yaml_parser_t parser;
    struct conf_reading *reading;
    bool failed; /* a syntax fault: nothing more can be read */
    size_t n_seen;
    struct seen seen[SEEN_MAX];
};

static struct conf_place place_of(yaml_mark_t mark)
{
    return (struct conf_place){.line = (unsigned)mark.line + 1,
                               .column = (unsigned)mark.column + 1};
}

#define fault(r, place, ...) conf_fault_add((r)->reading->faults, place, __VA_ARGS__)

/* Faults of the encoding have an offset instead of a mark; the parser is still at what
 * it had read before, which is no help. */
static void add_encoding_fault(struct reader *r, struct bytes text)
{
    struct conf_place place = {.line = 1, .column = 1};
    struct bytes before = bytes_first(text, r->parser.problem_offset);
    for (size_t i = 0; i < before.len; i++) {
        bool ends_line = before.data[i] == '\n';
        place.line += ends_line;
        place.column = ends_line ? 1 : place.column + 1;
    }
    fault(r, place, "%s", r->parser.problem);
}

/* What people type by habit, and what libyaml has no clear words for. */
static bool is_at_tab(const yaml_parser_t *p)
{
    return p->error == YAML_SCANNER_ERROR && p->buffer.pointer < p->buffer.last &&
           *p->buffer.pointer == '\t';
}

static void add_syntax_fault(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    r->failed = true;
    if (p->error == YAML_READER_ERROR) {
        const yaml_char_t *start = p->input.string.start;
        add_encoding_fault(r, bytes_make(start, (size_t)(p->input.string.end - start)));
    } else if (is_at_tab(p)) {
        fault(r, place_of(p->problem_mark), "a tab cannot indent: use spaces");
    } else if (p->context && p->context_mark.line < p->problem_mark.line) {
        fault(r, place_of(p->problem_mark), "%s, %s that begins in line %u", p->problem,
              p->context, (unsigned)p->context_mark.line + 1);
    } else {
        fault(r, place_of(p->problem_mark), "%s",
              p->problem ? p->problem : "out of memory");
    }
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.tag;
    default:
        return NULL;
    }
}

/* The next event, to be deleted by the caller; false when the text has a fault there. */
static bool next(struct reader *r, yaml_event_t *ret_event)
{
    if (r->failed)
        return false;
    if (!yaml_parser_parse(&r->parser, ret_event)) {
        add_syntax_fault(r);
        return false;
    }
    struct conf_place place = place_of(ret_event->start_mark);
    if (ret_event->type == YAML_ALIAS_EVENT || anchor_of(ret_event))
        fault(r, place, "anchors and aliases are not taken: write the value out");
    if (tag_of(ret_event))
        fault(r, place, "tags are not taken: write the value alone");
    return true;
}

static int depth_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return 1;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return -1;
    default:
        return 0;
    }
}

/* Passes over the node that begins with event; what is in it is still checked as text. */
static void skip(struct reader *r, const yaml_event_t *event)
{
    yaml_event_t inner;
    for (int depth = depth_of(event); depth > 0;) {
        if (!next(r, &inner))
            return;
        depth += depth_of(&inner);
        yaml_event_delete(&inner);
    }
}

static struct bytes text_of(const yaml_event_t *event)
{
    return bytes_make(event->data.scalar.value, event->data.scalar.length);
}

static bool is_nothing(const yaml_event_t *event)
{
    struct bytes text = text_of(event);
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text.len == 0 || bytes_equal_text(text, "~") ||
            bytes_equal_nocase(text, bytes_text("null")));
}

/* "group.key"; false when it is longer than any path. */
static bool join(const char *group, struct bytes key, char ret_path[CONF_PATH_MAX])
{
    size_t len = strlen(group), dot = len > 0;
    if (len + dot + key.len >= CONF_PATH_MAX || memchr(key.data, 0, key.len))
        return false;
    memcpy(ret_path, group, len);
    ret_path[len] = '.';
    memcpy(ret_path + len + dot, key.data, key.len);
    ret_path[len + dot + key.len] = '\0';
    return true;
}

static void add_unknown(struct reader *r, const char *group, struct bytes key,
                        struct conf_place place)
{
    char quote[CONF_QUOTE_MAX], near[CONF_PATH_MAX], in[CONF_PATH_MAX + 8] = "";
    if (*group)
        (void)snprintf(in, sizeof in, " in \"%s\"", group);
    conf_fault_quote(key, quote);
    if (conf_options_suggest(bytes_text(group), key, near))
        fault(r, place, "unknown key \"%s\"%s (did you mean \"%s\"?)", quote, in, near);
    else
        fault(r, place, "unknown key \"%s\"%s", quote, in);
}

static bool is_first(struct reader *r, const char *path, struct conf_place place)
{
    for (size_t i = 0; i < r->n_seen; i++) {
        if (strcmp(r->seen[i].path, path) == 0) {
            fault(r, place, "\"%s\" is set twice, first in line %u", path,
                  r->seen[i].line);
            return false;
        }
    }
    require(r->n_seen < SEEN_MAX);
    struct seen *seen = &r->seen[r->n_seen++];
    (void)snprintf(seen->path, sizeof seen->path, "%s", path);
    seen->line = place.line;
    return true;
}

static void read_option(struct reader *r, const struct conf_option *option,
                        struct conf_place key_place, const yaml_event_t *value)
{
    size_t i = (size_t)(option - conf_options);
    if (value->type != YAML_SCALAR_EVENT) {
        if (value->type != YAML_ALIAS_EVENT)
            fault(r, place_of(value->start_mark), "%s: expects one value, not %s",
                  option->path,
                  value->type == YAML_SEQUENCE_START_EVENT ? "a list"
                                                           : "keys and values");
        r->reading->failed[i] = true;
        skip(r, value);
    } else if (is_nothing(value)) {
        fault(r, key_place, "%s: has no value; leave the line out for the default",
              option->path);
        r->reading->failed[i] = true;
    } else {
        conf_value_set(r->reading, option, text_of(value), place_of(value->start_mark));
    }
}

static void read_mapping(struct reader *r, const char *group);

/* The value of a group's key. Recursion ends with the table's depth: each step makes a
 * longer path that the table knows. */
static void read_group(struct reader *r, const char *path, const yaml_event_t *value)
{
    if (value->type == YAML_MAPPING_START_EVENT) {
        read_mapping(r, path);
        return;
    }
    bool empty = value->type == YAML_SCALAR_EVENT && is_nothing(value);
    if (!empty && value->type != YAML_ALIAS_EVENT)
        fault(r, place_of(value->start_mark),
              "%s: expects keys below it, not a value or a list", path);
    skip(r, value);
}

static void read_entry(struct reader *r, const char *group, const yaml_event_t *key,
                       const yaml_event_t *value)
{
    char path[CONF_PATH_MAX];
    struct bytes text = text_of(key);
    struct conf_place place = place_of(key->start_mark);
    bool known = join(group, text, path);
    const struct conf_option *option =
        known ? conf_options_find(bytes_text(path)) : NULL;
    if (!option && !(known && conf_options_has_group(bytes_text(path)))) {
        add_unknown(r, group, text, place);
        skip(r, value);
    } else if (!is_first(r, path, place)) {
        skip(r, value);
    } else if (option) {
        read_option(r, option, place, value);
    } else {
        read_group(r, path, value);
    }
}

/* One key and its value; false at the mapping's end or after a syntax fault. */
static bool read_pair(struct reader *r, const char *group)
{
    yaml_event_t key, value;
    if (!next(r, &key))
        return false;
    bool more = key.type != YAML_MAPPING_END_EVENT;
    bool plain = key.type == YAML_SCALAR_EVENT;
    if (more && !plain) {
        if (key.type != YAML_ALIAS_EVENT)
            fault(r, place_of(key.start_mark), "a key must be plain text");
        skip(r, &key);
    }
    if (more && next(r, &value)) {
        if (plain)
            read_entry(r, group, &key, &value);
        else
            skip(r, &value);
        yaml_event_delete(&value);
    }
    yaml_event_delete(&key);
    return more && !r->failed;
}

static void read_mapping(struct reader *r, const char *group)
{
    while (read_pair(r, group)) {
    }
}

/* What stands at the top, or behind it; false at the end of the text. */
static bool read_top(struct reader *r, unsigned *n_documents)
{
    yaml_event_t event;
    if (!next(r, &event))
        return false;
    bool more = event.type != YAML_STREAM_END_EVENT;
    if (event.type == YAML_DOCUMENT_START_EVENT && ++*n_documents == 2) {
        fault(r, place_of(event.start_mark), "only one document is taken");
        more = false;
    } else if (event.type == YAML_MAPPING_START_EVENT) {
        read_mapping(r, "");
    } else if (event.type == YAML_SEQUENCE_START_EVENT ||
               (event.type == YAML_SCALAR_EVENT && !is_nothing(&event))) {
        fault(r, place_of(event.start_mark),
              "expects keys and values, such as \"data_dir: ./data\"");
        skip(r, &event);
    }
    yaml_event_delete(&event);
    return more;
}

void conf_yaml_read(struct conf_reading *reading, struct bytes text)
{
    struct reader r = {.reading = reading};
    if (text.len > CONF_TEXT_MAX) {
        fault(&r, ((struct conf_place){.line = 1, .column = 1}),
              "the file is larger than 1 MiB");
        return;
    }
    require(yaml_parser_initialize(&r.parser) == 1);
    yaml_parser_set_input_string(
        &r.parser, text.len > 0 ? text.data : (const uint8_t *)"", text.len);
    unsigned n_documents = 0;
    while (read_top(&r, &n_documents)) {
    }
    yaml_parser_delete(&r.parser);
}
