/* What the log says of publishers: who came, who was refused, whose connection broke, how
 * long somebody published. Lines that need no key are limited, see notices.h; those of who
 * has published are not.
 *
 * Threads: the loop's of the hub. */
#ifndef SHOW_REPORT_H
#define SHOW_REPORT_H

#include <stdint.h>

#include "core/log.h"

struct show_admission;
struct show_hub;
struct show_passport;

/* One connection, for the length of a call. */
struct show_report {
    struct show_hub *hub;
    const struct log *log;                /* says who the peer is */
    const char *address;                  /* of the peer, without port */
    const struct show_passport *passport; /* of its last publish */
};

void show_report_refusal(const struct show_report *report, const char *sentence);
void show_report_rejection(const struct show_report *report, const char *sentence);
/* Of one that does not publish. */
void show_report_break(const struct show_report *report, const char *why);
/* Its publish was accepted. */
void show_report_begin(const struct show_report *report,
                       const struct show_admission *admission);
/* It had published for so long, and sent so much. */
void show_report_end(const struct show_report *report, enum log_level level,
                     const char *what, const char *why, int64_t for_ms, uint64_t bytes);

#endif
