#include "server/show/terms.h"

#include "core/err.h"
#include "server/show/key_rules.h"

int show_terms_check_time(const struct hook_terms *terms, int64_t wall_ms,
                          struct err *err)
{
    if (terms->expires_ms == 0 || wall_ms < terms->expires_ms)
        return 0;
    return show_key_rules_refuse_expired(terms->expires_ms, err);
}

bool show_terms_is_over(uint32_t max_kbps, const struct show_meter_reading *reading)
{
    /* An average of less would be one of the first burst. */
    return max_kbps > 0 && reading->age_ms >= METER_SECONDS * 1000 &&
           (uint64_t)reading->kbps_long * 100 > (uint64_t)max_kbps * SHOW_TERMS_PERCENT;
}

int show_terms_check_rate(struct show_terms_watch *watch,
                          const struct hook_terms *terms,
                          const struct show_meter_reading *reading, int64_t now_ms,
                          struct err *err)
{
    bool was_over = watch->is_over;
    watch->is_over = show_terms_is_over(terms->max_kbps, reading);
    if (!watch->is_over)
        return 0;
    if (!was_over)
        watch->over_at_ms = now_ms;
    if (now_ms - watch->over_at_ms < SHOW_TERMS_GRACE_MS)
        return 0;
    return err_set(
        err, ERR_LIMIT,
        "This stream has %u kb/s, and %u are allowed. Set a lower bitrate in "
        "your encoder and start again.",
        reading->kbps_long, terms->max_kbps);
}
