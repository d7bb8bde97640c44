/* What a receiver answers to a question, from any bytes: the first is the mode and the
 * status; the rest is the body, and the Location too. The reason is fit for an encoder,
 * where there is no JSON there is no yes that asks for it, only a yes has terms, and they
 * are within their limits. The same bytes as an event that was kept: what is read prints
 * the same when it is read again. */
#include <string.h>

#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/hook/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_terms(const struct hook_answer *answer)
{
    const struct hook_terms *terms = &answer->terms;
    bool bound = terms->stream[0] || terms->max_kbps || terms->expires_ms;
    require(answer->verdict == HOOK_ALLOWED || !bound);
    require(strlen(terms->stream) < sizeof terms->stream);
    for (const char *c = terms->stream; *c; c++)
        require(*c > ' ' && *c <= '~');
    require(terms->max_kbps <= HOOK_KBPS_MAX);
    require(terms->expires_ms >= 0);
}

static void check_answer(enum hook_mode mode, long status, struct bytes body)
{
    char location[HOOK_LOCATION_MAX] = "";
    struct bytes start = bytes_first(body, sizeof location - 1);
    if (start.len > 0)
        memcpy(location, start.data, start.len);
    struct hook_reply reply = {.status = status, .body = body, .location = location};
    struct hook_answer answer = hook_answer_read(mode, &reply);
    require(strlen(answer.reason) < HOOK_TEXT_MAX);
    for (const char *c = answer.reason; *c; c++)
        require(*c >= ' ' && *c <= '~');
    check_terms(&answer);
    require(answer.verdict == HOOK_REFUSED || answer.reason[0] == '\0');
    require(mode == HOOK_VITRINE || answer.verdict != HOOK_UNANSWERED || answer.fault);
    require(answer.verdict != HOOK_ALLOWED || !answer.fault);
    if (answer.verdict == HOOK_ALLOWED && mode == HOOK_NGINX && status >= 300)
        require(answer.terms.stream[0] && !strstr(answer.terms.stream, "://"));
    else if (answer.verdict == HOOK_ALLOWED)
        require(status >= 200 && status < 300 && (mode != HOOK_SRS || body.len > 0));
}

static void check_event(struct bytes text)
{
    struct hook_event event, again;
    struct err err;
    if (hook_event_parse(text, "msg_1", &event, &err)) {
        require(err.code == ERR_INVALID && err.text[0] != '\0');
        return;
    }
    struct builder out;
    builder_init(&out, HOOK_EVENT_MAX);
    hook_event_print(&event, &out);
    require(!builder_failed(&out));
    require(hook_event_parse(builder_bytes(&out), "msg_1", &again, &err) == 0);
    require(again.type == event.type && strcmp(again.show, event.show) == 0);
    builder_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 201, 204, 302, 403, 408, 429, 500};
    if (size == 0)
        return 0;
    struct bytes rest = bytes_from(bytes_make(data, size), 1);
    check_answer((enum hook_mode)(data[0] % 3), statuses[data[0] / 3 % 8], rest);
    check_event(rest);
    return 0;
}
