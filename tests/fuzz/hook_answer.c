/* What a receiver answers to a question, from any bytes: the first is the mode and the
 * status. The reason is fit for an encoder, and where there is no JSON there is no yes that
 * asks for it. The same bytes as an event that was kept: what is read prints the same when
 * it is read again. */
#include <string.h>

#include "core/builder.h"
#include "core/err.h"
#include "core/require.h"
#include "server/hook/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(enum hook_mode mode, long status, struct bytes body)
{
    struct hook_answer answer = hook_answer_read(mode, status, body);
    require(strlen(answer.reason) < HOOK_TEXT_MAX);
    for (const char *c = answer.reason; *c; c++)
        require(*c >= ' ' && *c <= '~');
    require(answer.verdict == HOOK_REFUSED || answer.reason[0] == '\0');
    require(mode == HOOK_VITRINE || answer.verdict != HOOK_UNANSWERED);
    if (answer.verdict == HOOK_ALLOWED)
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
