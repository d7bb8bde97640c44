#include "server/hook/answer.h"

#include <jansson.h>

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

static bool is_success(long status)
{
    return status >= 200 && status < 300;
}

/* Said about the request, not about the publisher. */
static bool is_about_timing(long status)
{
    return status == 408 || status == 425 || status == 429;
}

static struct hook_answer read_vitrine(long status, const json_t *body)
{
    bool denied = json_is_false(json_object_get(body, "allow"));
    if (is_success(status) && !denied)
        return (struct hook_answer){.verdict = HOOK_ALLOWED};
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
        return (struct hook_answer){.verdict = HOOK_ALLOWED};
    return refuse(body);
}

struct hook_answer hook_answer_read(enum hook_mode mode, long status, struct bytes body)
{
    struct hook_answer answer = {.verdict = HOOK_UNANSWERED};
    if (mode == HOOK_NGINX) {
        answer.verdict = is_success(status) ? HOOK_ALLOWED : HOOK_REFUSED;
        return answer;
    }
    json_t *json = json_loadb((const char *)body.data, body.len, JSON_DECODE_ANY, NULL);
    answer = mode == HOOK_SRS ? read_srs(status, json) : read_vitrine(status, json);
    json_decref(json);
    return answer;
}

bool hook_answer_is_receipt(enum hook_mode mode, long status)
{
    return mode == HOOK_VITRINE ? is_success(status) : status >= 200 && status < 500;
}
