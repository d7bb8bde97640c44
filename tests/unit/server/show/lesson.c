#include "tests/unit/server/show/lesson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void take_packet(void *ctx, enum track_kind kind, uint32_t stamp_ms,
                        int32_t cts_ms, bool key, size_t len, int64_t now_ms)
{
    struct lesson *lesson = ctx;
    show_meter_arrival(&lesson->meter, len, now_ms);
    show_meter_packet(&lesson->meter, kind, stamp_ms, cts_ms, key, len, now_ms);
}

static void take_tick(void *ctx, int64_t now_ms)
{
    struct lesson *lesson = ctx;
    struct show_meter_reading reading;
    if (!show_meter_tick(&lesson->meter, now_ms))
        return;
    show_meter_read(&lesson->meter, now_ms, &reading);
    show_coach_judge(&lesson->coach, &reading, now_ms);
}

struct stream *lesson_begin(struct lesson *lesson)
{
    show_meter_init(&lesson->meter, 0);
    show_coach_init(&lesson->coach);
    show_coach_note_metadata(&lesson->coach, true, true, 30000);
    lesson->stream = stream_make();
    lesson->stream.packet = take_packet;
    lesson->stream.tick = take_tick;
    lesson->stream.ctx = lesson;
    return &lesson->stream;
}

bool lesson_find(const struct lesson *lesson, enum coach_code code,
                 struct coach_finding *ret)
{
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&lesson->coach, findings);
    for (size_t i = 0; i < n; i++) {
        if (findings[i].code != code)
            continue;
        *ret = findings[i];
        return true;
    }
    return false;
}

struct coach_finding lesson_expect(const struct lesson *lesson, enum coach_code code,
                                   enum coach_level level, const char *words)
{
    struct coach_finding finding;
    if (!lesson_find(lesson, code, &finding))
        fail_msg("%s is not told", show_coach_name(code));
    if (finding.level != level || !strstr(finding.text, words))
        fail_msg("%s: %s", show_coach_level_text(finding.level), finding.text);
    return finding;
}

void lesson_expect_only(const struct lesson *lesson, enum coach_code code)
{
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&lesson->coach, findings);
    for (size_t i = 0; i < n; i++)
        if (findings[i].code != code)
            fail_msg("%s is told too: %s", show_coach_name(findings[i].code),
                     findings[i].text);
    assert_true(n == 1);
}

void lesson_expect_nothing(const struct lesson *lesson)
{
    struct coach_finding findings[COACH_CODES];
    if (show_coach_findings(&lesson->coach, findings) > 0)
        fail_msg("%s", findings[0].text);
}

void lesson_expect_not(const struct lesson *lesson, enum coach_code code)
{
    struct coach_finding finding;
    if (lesson_find(lesson, code, &finding))
        fail_msg("%s", finding.text);
}
