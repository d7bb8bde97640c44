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

void show_terms_begin(struct show_terms_watch *watch)
{
    *watch = (struct show_terms_watch){.surplus_bits = watch->surplus_bits};
}

/* kb/s by ms are bits. True: it is too much. */
static bool count_surplus(struct show_terms_watch *watch, int64_t allowed_kbps,
                          const struct show_meter_reading *reading, int64_t now_ms)
{
    int64_t passed_ms = watch->seen_ms ? now_ms - watch->seen_ms : reading->age_ms;
    int64_t bits = (int64_t)(reading->bytes - watch->seen_bytes) * 8;
    watch->seen_ms = now_ms;
    watch->seen_bytes = reading->bytes;
    watch->surplus_bits += bits - allowed_kbps * passed_ms;
    if (watch->surplus_bits < 0)
        watch->surplus_bits = 0;
    return watch->surplus_bits > allowed_kbps * SHOW_TERMS_AHEAD_MS;
}

static bool is_over_for_long(struct show_terms_watch *watch, uint32_t max_kbps,
                             const struct show_meter_reading *reading, int64_t now_ms)
{
    bool was_over = watch->is_over;
    watch->is_over = show_terms_is_over(max_kbps, reading);
    if (watch->is_over && !was_over)
        watch->over_at_ms = now_ms;
    return watch->is_over && now_ms - watch->over_at_ms >= SHOW_TERMS_GRACE_MS;
}

int show_terms_check_rate(struct show_terms_watch *watch,
                          const struct hook_terms *terms,
                          const struct show_meter_reading *reading, int64_t now_ms,
                          struct err *err)
{
    int64_t allowed_kbps = (int64_t)terms->max_kbps * SHOW_TERMS_PERCENT / 100;
    if (terms->max_kbps == 0)
        return 0;
    if (is_over_for_long(watch, terms->max_kbps, reading, now_ms))
        return err_set(
            err, ERR_LIMIT,
            "This stream has %u kb/s, and %u are allowed. Set a lower bitrate in "
            "your encoder and start again.",
            reading->kbps_long, terms->max_kbps);
    if (count_surplus(watch, allowed_kbps, reading, now_ms))
        return err_set(err, ERR_LIMIT,
                       "This stream sends far more than the %u kb/s that are "
                       "allowed. Set a lower bitrate in your encoder and start again.",
                       terms->max_kbps);
    return 0;
}
