#include "conf/value.h"

#include <stdio.h>
#include <string.h>

#include "conf/address.h"
#include "conf/conf.h"
#include "conf/size.h"
#include "conf/url.h"
#include "core/alloc.h"
#include "core/parse.h"
#include "core/require.h"

/* "error, warn, info or debug" */
static void print_names(const char *const *names, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; names[i] && used < size; i++) {
        const char *between = i == 0 ? "" : names[i + 1] ? ", " : " or ";
        int n = snprintf(out + used, size - used, "%s%s", between, names[i]);
        used += n < 0 ? 0 : (size_t)n;
    }
}

const char *conf_value_print_ms(uint32_t ms, char out[CONF_MS_MAX])
{
    bool whole = ms % 1000 == 0;
    (void)snprintf(out, CONF_MS_MAX, "%u%s", (unsigned)(whole ? ms / 1000 : ms),
                   whole ? "s" : "ms");
    return out;
}

const char *conf_value_takes(const struct conf_option *option, char out[CONF_TAKES_MAX])
{
    static const char *const words[] = {
        [CONF_TEXT] = "text",
        [CONF_TOKEN] = "visible ASCII characters without spaces",
        [CONF_HOST] = "a host name without scheme or port",
        [CONF_URL] = "a URL such as https://shop.example/hooks",
        [CONF_ADDRESS] = ("a numeric address and a port up to 65535, such as "
                          "127.0.0.1:8080, [::]:8080 or :8080"),
    };
    char min[CONF_MS_MAX], max[CONF_MS_MAX];
    char least[CONF_SIZE_TEXT_MAX], most[CONF_SIZE_TEXT_MAX];
    switch (option->type) {
    case CONF_TEXT:
    case CONF_TOKEN:
    case CONF_HOST:
    case CONF_URL:
    case CONF_ADDRESS:
        (void)snprintf(out, CONF_TAKES_MAX, "%s", words[option->type]);
        return out;
    case CONF_NUMBER:
        (void)snprintf(out, CONF_TAKES_MAX, "a whole number from %u to %u",
                       (unsigned)option->min, (unsigned)option->max);
        return out;
    case CONF_DURATION:
        (void)snprintf(out, CONF_TAKES_MAX, "a duration from %s to %s",
                       conf_value_print_ms(option->min, min),
                       conf_value_print_ms(option->max, max));
        return out;
    case CONF_SIZE:
        (void)snprintf(out, CONF_TAKES_MAX, "a size from %s to %s",
                       conf_size_print(option->min, least),
                       conf_size_print(option->max, most));
        return out;
    case CONF_CHOICE:
        print_names(option->names, out, CONF_TAKES_MAX);
        return out;
    }
    require(false);
    return out;
}

static bool is_plain_text(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return bytes_is_utf8(text);
}

static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return true;
}

/* A name or an IPv4 number; or an IPv6 number in brackets, as in a URL. */
static bool is_host(struct bytes text)
{
    bool bracketed = text.len > 2 && text.data[0] == '[';
    if (bracketed && text.data[text.len - 1] != ']')
        return false;
    struct bytes inner =
        bracketed ? bytes_first(bytes_from(text, 1), text.len - 2) : text;
    const char *others = bracketed ? ":." : "-.";
    for (size_t i = 0; i < inner.len; i++) {
        uint8_t c = inner.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && (c == 0 || !strchr(others, c)))
            return false;
    }
    return true;
}

static bool has_fit_letters(enum conf_type type, struct bytes text)
{
    switch (type) {
    case CONF_TOKEN:
        return is_token(text);
    case CONF_HOST:
        return is_host(text);
    case CONF_URL:
        return text.len == 0 || conf_url_is_valid(text);
    case CONF_ADDRESS:
        return conf_address_is_valid(text);
    default:
        return is_plain_text(text);
    }
}

struct setting {
    struct conf_reading *reading;
    const struct conf_option *option;
    struct bytes text;
    struct conf_place place;
    void *field;
};

/* "hls.part: " in front, unless the variable's name says it. */
static void add_fault(const struct setting *s, const char *what)
{
    bool named = s->place.variable[0] != '\0';
    conf_fault_add(s->reading->faults, s->place, "%s%s%s", named ? "" : s->option->path,
                   named ? "" : ": ", what);
    s->reading->failed[s->option - conf_options] = true;
}

/* Says the value, unless it is secret, and what is wanted instead. */
static bool refuse(const struct setting *s)
{
    char quote[CONF_QUOTE_MAX], takes[CONF_TAKES_MAX], what[192];
    const char *wanted = conf_value_takes(s->option, takes);
    if (s->option->secret)
        (void)snprintf(what, sizeof what, "must be %s", wanted);
    else if (s->text.len == 0)
        (void)snprintf(what, sizeof what, "must not be empty: it takes %s", wanted);
    else
        (void)snprintf(what, sizeof what, "\"%s\" is not taken here: it must be %s",
                       conf_fault_quote(s->text, quote), wanted);
    add_fault(s, what);
    return false;
}

static bool set_text(const struct setting *s)
{
    bool none = s->text.len == 0 && s->option->optional;
    if (!none &&
        (s->text.len < s->option->min || !has_fit_letters(s->option->type, s->text)))
        return refuse(s);
    if (s->text.len > s->option->max) {
        char what[64];
        (void)snprintf(what, sizeof what, "is longer than %u bytes",
                       (unsigned)s->option->max);
        add_fault(s, what);
        return false;
    }
    char **field = s->field;
    alloc_free(*field);
    *field = bytes_to_text(s->text);
    return true;
}

static bool set_number(const struct setting *s)
{
    uint64_t value;
    if (!parse_u64(s->text, &value) || value < s->option->min || value > s->option->max)
        return refuse(s);
    *(unsigned *)s->field = (unsigned)value;
    return true;
}

/* unit: that which was most likely meant. */
static bool refuse_without_unit(const struct setting *s, uint64_t value,
                                const char *unit, const char *units)
{
    char what[128];
    (void)snprintf(what, sizeof what,
                   "\"%llu\" has no unit: write %llu%s (units are %s)",
                   (unsigned long long)value, (unsigned long long)value, unit, units);
    add_fault(s, what);
    return false;
}

/* That in which the number lies in the range. */
static const char *likely_time_unit(const struct conf_option *o, uint64_t value)
{
    return value >= 1 && value <= o->max / 1000 && value * 1000 >= o->min ? "s" : "ms";
}

static bool set_duration(const struct setting *s)
{
    uint64_t bare;
    int64_t ms;
    if (parse_u64(s->text, &bare))
        return refuse_without_unit(s, bare, likely_time_unit(s->option, bare),
                                   "ms, s, m and h");
    if (!parse_duration_ms(s->text, &ms) || ms < s->option->min || ms > s->option->max)
        return refuse(s);
    *(uint32_t *)s->field = (uint32_t)ms;
    return true;
}

/* Bytes, or the unit of the range. */
static const char *likely_size_unit(const struct conf_option *o, uint64_t value)
{
    return value >= o->min ? "B" : value >= 1 && value * 1024 >= o->min ? "KiB" : "MiB";
}

static bool set_size(const struct setting *s)
{
    uint64_t size;
    if (parse_u64(s->text, &size))
        return refuse_without_unit(s, size, likely_size_unit(s->option, size),
                                   "B, KiB and MiB");
    if (!conf_size_parse(s->text, &size) || size < s->option->min ||
        size > s->option->max)
        return refuse(s);
    *(uint32_t *)s->field = (uint32_t)size;
    return true;
}

static bool set_choice(const struct setting *s)
{
    for (int i = 0; s->option->names[i]; i++) {
        if (bytes_equal_text(s->text, s->option->names[i])) {
            *(int *)s->field = i;
            return true;
        }
    }
    return refuse(s);
}

static bool set(const struct setting *s)
{
    switch (s->option->type) {
    case CONF_TEXT:
    case CONF_TOKEN:
    case CONF_HOST:
    case CONF_URL:
    case CONF_ADDRESS:
        return set_text(s);
    case CONF_NUMBER:
        return set_number(s);
    case CONF_DURATION:
        return set_duration(s);
    case CONF_SIZE:
        return set_size(s);
    case CONF_CHOICE:
        return set_choice(s);
    }
    require(false);
    return false;
}

void conf_value_set(struct conf_reading *reading, const struct conf_option *option,
                    struct bytes text, struct conf_place place)
{
    struct setting setting = {.reading = reading,
                              .option = option,
                              .text = text,
                              .place = place,
                              .field = (char *)reading->conf + option->offset};
    if (set(&setting))
        reading->places[option - conf_options] = place;
}
