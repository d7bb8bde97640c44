#include "server/hook/answer.h"

#include <string.h>

#include <jansson.h>

#include "core/iso8601.h"

/* Encoders show ASCII; what is not becomes a question mark, line ends a blank. */
static void set_reason(struct hook_answer *answer, const json_t *body)
{
    const char *text = json_string_value(json_object_get(body, "reason"));
    size_t n = 0;
    for (; text && *text && n < sizeof answer->reason - 1; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c & 0xc0) == 0x80)
            continue; /* the rest of a character that is one mark already */
        answer->reason[n++] = (char)(c < ' ' ? ' ' : c > '~' ? '?' : c);
    }
    answer->reason[n] = '\0';
}

static struct hook_answer refuse(const json_t *body)
{
    struct hook_answer answer = {.verdict = HOOK_REFUSED};
    set_reason(&answer, body);
    return answer;
}

static struct hook_answer not_understood(const char *fault)
{
    return (struct hook_answer){.verdict = HOOK_UNANSWERED, .fault = fault};
}

/* ---- terms ---- */

/* Ids are made of less: what is kept can stand in logs, and whether there is such a show is
 * somebody else's question. */
static bool set_stream(struct hook_terms *terms, struct bytes name)
{
    if (name.len == 0 || name.len >= sizeof terms->stream)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~')
            return false;
    memcpy(terms->stream, name.data, name.len);
    terms->stream[name.len] = '\0';
    return true;
}

static bool read_stream(const json_t *value, struct hook_terms *terms)
{
    return json_is_string(value) &&
           set_stream(terms,
                      bytes_make(json_string_value(value), json_string_length(value)));
}

static bool read_max_kbps(const json_t *value, struct hook_terms *terms)
{
    json_int_t kbps = json_integer_value(value); /* 0 for what is none */
    if (kbps < 1 || kbps > HOOK_KBPS_MAX)
        return false;
    terms->max_kbps = (uint32_t)kbps;
    return true;
}

/* The last second of the year 9999, in seconds: milliseconds of our days are beyond it. */
static const json_int_t SECONDS_MAX = 253402300799;

static bool read_expires(const json_t *value, struct hook_terms *terms)
{
    int64_t wall_ms = 0;
    json_int_t seconds = json_integer_value(value);
    if (json_is_string(value)) {
        struct bytes text =
            bytes_make(json_string_value(value), json_string_length(value));
        if (!iso8601_parse(text, &wall_ms))
            return false;
    } else if (seconds > 0 && seconds <= SECONDS_MAX) {
        wall_ms = seconds * 1000;
    }
    if (wall_ms <= 0)
        return false;
    terms->expires_ms = wall_ms;
    return true;
}

static struct hook_answer allow(const json_t *body)
{
    static const struct {
        const char *name;
        bool (*read)(const json_t *value, struct hook_terms *terms);
        const char *fault;
    } fields[] = {
        {"stream", read_stream, "its field stream is no show's public id"},
        {"max_kbps", read_max_kbps,
         "its field max_kbps is no whole number from 1 to 1000000"},
        {"expires", read_expires,
         "its field expires is neither a time like 2026-11-22T18:00:00Z nor whole "
         "seconds since 1970"},
    };
    struct hook_answer answer = {.verdict = HOOK_ALLOWED};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const json_t *value = json_object_get(body, fields[i].name);
        if (value && !json_is_null(value) && !fields[i].read(value, &answer.terms))
            return not_understood(fields[i].fault);
    }
    return answer;
}

/* ---- modes ---- */

static bool is_success(long status)
{
    return status >= 200 && status < 300;
}

/* Said about the request, not about the publisher. */
static bool is_about_timing(long status)
{
    return status == 408 || status == 425 || status == 429;
}

static bool is_boolean_or_nothing(const json_t *value)
{
    return !value || json_is_null(value) || json_is_boolean(value);
}

static struct hook_answer read_vitrine(long status, const json_t *body)
{
    const json_t *allowed = json_object_get(body, "allow");
    if (is_success(status) && !is_boolean_or_nothing(allowed))
        return not_understood("its field allow is neither true nor false");
    if (is_success(status) && !json_is_false(allowed))
        return allow(body);
    if (is_success(status) ||
        (status >= 400 && status < 500 && !is_about_timing(status)))
        return refuse(body);
    return (struct hook_answer){.verdict = HOOK_UNANSWERED};
}

static bool is_zero(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) == 0;
}

static struct hook_answer read_srs(long status, const json_t *body)
{
    if ((status == 200 || status == 201) &&
        (is_zero(body) || is_zero(json_object_get(body, "code"))))
        return allow(body);
    return refuse(body);
}

static struct hook_answer deny(const char *fault)
{
    return (struct hook_answer){.verdict = HOOK_REFUSED, .fault = fault};
}

/* nginx-rtmp goes on under the name in Location, or relays to the server there. What
 * stands behind a name's ? is the new stream's arguments, which there are none of. */
static struct hook_answer read_nginx(long status, const char *location)
{
    struct hook_answer answer = {.verdict = HOOK_ALLOWED};
    struct bytes name = bytes_text(location);
    if (is_success(status))
        return answer;
    if (status < 300 || status >= 400)
        return deny(NULL);
    if (name.len == 0)
        return deny("it is a redirect without a Location");
    if (strstr(location, "://"))
        return deny("it sends the stream to another server, and nothing is relayed");
    if (!set_stream(&answer.terms, bytes_first(name, bytes_index(name, 0, '?'))))
        return not_understood("its Location is no show's public id");
    return answer;
}

static bool is_broken_object(const json_t *json, struct bytes body)
{
    size_t at = 0;
    while (at < body.len && strchr(" \t\r\n", body.data[at]) && body.data[at])
        at++;
    return !json && at < body.len && body.data[at] == '{';
}

/* The byte order mark that some servers put before UTF-8 (RFC 8259, 8.1): a no behind it
 * is a no. */
static struct bytes without_mark(struct bytes body)
{
    return bytes_has_prefix(body, "\xef\xbb\xbf") ? bytes_from(body, 3) : body;
}

struct hook_answer hook_answer_read(enum hook_mode mode, const struct hook_reply *reply)
{
    if (mode == HOOK_NGINX)
        return read_nginx(reply->status, reply->location);
    struct bytes body = without_mark(reply->body);
    json_t *json = json_loadb((const char *)body.data, body.len, JSON_DECODE_ANY, NULL);
    struct hook_answer answer;
    if (mode == HOOK_SRS)
        answer = read_srs(reply->status, json);
    else if (is_success(reply->status) && is_broken_object(json, body))
        answer = not_understood("its body is broken JSON");
    else
        answer = read_vitrine(reply->status, json);
    json_decref(json);
    return answer;
}

bool hook_answer_is_receipt(enum hook_mode mode, long status)
{
    return mode == HOOK_VITRINE ? is_success(status) : status >= 200 && status < 500;
}
