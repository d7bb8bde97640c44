#include "server/show/report.h"

#include <stdio.h>

#include "server/loop/loop.h"
#include "server/show/admission.h"
#include "server/show/hub.h"
#include "server/show/notices.h"
#include "server/show/show.h"

static void warn(const struct show_report *report, struct show_notices *notices,
                 const char *what, const char *why)
{
    show_notices_warn(notices, report->log, report->address, what, why,
                      loop_now_ms(report->hub->loop));
}

/* Who has a key of ours is told from who tries keys: their lines do not crowd out each
 * other. */
void show_report_refusal(const struct show_report *report, const char *sentence)
{
    const struct show_passport *passport = report->passport;
    char what[32 + SHOW_ID_MAX + ADMISSION_KEY_ID_MAX];
    if (!passport->key_id[0]) {
        warn(report, &report->hub->strangers, "publish refused", sentence);
        return;
    }
    (void)snprintf(what, sizeof what, "publish refused for show %s, key %s",
                   passport->home, passport->key_id);
    warn(report, &report->hub->refusals, what, sentence);
}

void show_report_rejection(const struct show_report *report, const char *sentence)
{
    warn(report, &report->hub->strangers, "connect rejected", sentence);
}

void show_report_break(const struct show_report *report, const char *why)
{
    warn(report, &report->hub->breaks, "connection ended", why);
}

void show_report_begin(const struct show_report *report,
                       const struct show_admission *admission)
{
    const struct show_passport *passport = &admission->passport;
    log_info(report->log, "publish accepted for %s %s: session %s, encoder \"%s\"%s%s",
             admission->show->rehearses ? "a rehearsal of show" : "show",
             admission->home->record->row.id, passport->session, passport->encoder,
             passport->is_guest ? ", with a key of show " : "",
             passport->is_guest ? passport->home : "");
}

void show_report_end(const struct show_report *report, enum log_level level,
                     const char *what, const char *why, int64_t for_ms, uint64_t bytes)
{
    log_write(report->log, level, "publisher %s: %s (session %s, %lld s, %llu bytes)",
              what, why, report->passport->session, (long long)for_ms / 1000,
              (unsigned long long)bytes);
}
