#include "packager/findings.h"

void packager_findings_note(struct findings *findings, unsigned rendition,
                            enum packager_finding what, int64_t value)
{
    findings->pending[what] = true;
    findings->events[what] = (struct packager_event){
        .type = PACKAGER_FINDING,
        .rendition = rendition,
        .finding = {.what = what, .value = value},
    };
}

bool packager_findings_next(struct findings *findings, struct packager_event *ret_event)
{
    for (int what = 0; what < FINDING_KINDS; what++) {
        if (!findings->pending[what])
            continue;
        findings->pending[what] = false;
        *ret_event = findings->events[what];
        return true;
    }
    return false;
}
