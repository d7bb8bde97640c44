/* What the host should hear and has not been told yet: the latest of each kind, so that
 * a broken stream cannot pile them up. A plain value. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "packager/packager.h"

enum { FINDING_KINDS = PACKAGER_REFUSED_PACKET + 1 };

struct findings {
    /* private */
    bool pending[FINDING_KINDS];
    struct packager_event events[FINDING_KINDS];
};

void packager_findings_note(struct findings *findings, unsigned rendition,
                            enum packager_finding what, int64_t value);
bool packager_findings_next(struct findings *findings,
                            struct packager_event *ret_event);

#endif
