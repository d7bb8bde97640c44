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

void show_terms_begin(struct show_terms_watch *watch, struct show_debt debt,
                      int64_t now_ms)
{
    struct show_debt own = watch->surplus; /* of a rehearsal before */
    *watch = (struct show_terms_watch){.surplus = debt.bits > own.bits ? debt : own};
    if (watch->surplus.bits == 0)
        watch->surplus.at_ms = now_ms;
    show_meter_init(&watch->meter, now_ms);
}

void show_terms_take(struct show_terms_watch *watch, enum track_kind kind, size_t len)
{
    show_meter_bytes(&watch->meter, kind, len);
}

static int64_t allowed_kbps(const struct hook_terms *terms)
{
    return (int64_t)terms->max_kbps * SHOW_TERMS_PERCENT / 100;
}

/* kb/s by ms are bits. True: it is too much. Whoever was cut for that owes no more than
 * what is allowed to be ahead by, so that one with a lower bitrate may come back at once. */
static bool count_surplus(struct show_terms_watch *watch,
                          const struct hook_terms *terms, int64_t now_ms)
{
    int64_t allowed = allowed_kbps(terms);
    int64_t most_bits = allowed * SHOW_TERMS_AHEAD_MS;
    struct show_debt *surplus = &watch->surplus;
    surplus->bits += (int64_t)(watch->meter.bytes - watch->seen_bytes) * 8;
    surplus->bits -= allowed * (now_ms - surplus->at_ms);
    surplus->at_ms = now_ms;
    watch->seen_bytes = watch->meter.bytes;
    bool is_too_much = surplus->bits > most_bits;
    if (is_too_much)
        surplus->bits = most_bits;
    if (surplus->bits < 0)
        surplus->bits = 0;
    return is_too_much;
}

struct show_debt show_terms_leave(struct show_terms_watch *watch,
                                  const struct hook_terms *terms, int64_t now_ms)
{
    if (terms->max_kbps == 0)
        return (struct show_debt){0};
    (void)count_surplus(watch, terms, now_ms);
    return watch->surplus;
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
                          const struct hook_terms *terms, int64_t now_ms,
                          struct err *err)
{
    struct show_meter_reading reading;
    if (!show_meter_tick(&watch->meter, now_ms) || terms->max_kbps == 0)
        return 0;
    show_meter_read(&watch->meter, now_ms, &reading);
    if (is_over_for_long(watch, terms->max_kbps, &reading, now_ms))
        return err_set(
            err, ERR_LIMIT,
            "This stream has %u kb/s, and %u are allowed. Set a lower bitrate in "
            "your encoder and start again.",
            reading.kbps_long, terms->max_kbps);
    if (count_surplus(watch, terms, now_ms))
        return err_set(err, ERR_LIMIT,
                       "This stream sends far more than the %u kb/s that are "
                       "allowed. Set a lower bitrate in your encoder and start again.",
                       terms->max_kbps);
    return 0;
}
