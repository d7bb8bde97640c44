#include "server/show/findings.h"

#include "server/loop/loop.h"
#include "server/show/hooks.h"
#include "server/show/publisher.h"
#include "server/show/show.h"

static void tell_hooks(const struct show *show, const struct coach_finding *finding)
{
    struct hook_event event;
    hook_event_init(&event, HOOK_FINDING, show->record->row.id,
                    loop_wall_ms(show->hub->loop));
    show_hooks_describe(&event, show_publisher_passport(show->publisher),
                        show->encoder);
    hook_event_set(event.code, sizeof event.code, show_coach_name(finding->code));
    hook_event_set(event.level, sizeof event.level,
                   show_coach_level_text(finding->level));
    hook_event_set(event.text, sizeof event.text, finding->text);
    hook_event_set(event.unit, sizeof event.unit, show_coach_unit(finding->code));
    event.value = finding->value;
    show_hooks_tell(show->hub, &event);
}

void show_findings_tell(struct show *show)
{
    struct coach_finding finding;
    while (show->publisher &&
           show_coach_next_change(&show->health.watch->coach, &finding)) {
        if (finding.level == COACH_FINE)
            log_info(show->log, "finding %s is over", show_coach_name(finding.code));
        else
            log_info(show->log, "finding %s is %s: %s", show_coach_name(finding.code),
                     show_coach_level_text(finding.level), finding.text);
        if (!show->rehearses) /* nobody outside hears of those */
            tell_hooks(show, &finding);
    }
}
