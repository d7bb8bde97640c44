#include "server/show/notices.h"

#include <string.h>

static const uint64_t HASH_BEGIN = 14695981039346656037u;

/* FNV-1a. Two reasons that meet are one line instead of two. */
static uint64_t hash(uint64_t before, const char *text)
{
    for (const char *c = text; *c; c++)
        before = (before ^ (unsigned char)*c) * 1099511628211u;
    return before;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Seconds that are left and rates that were measured are others each time: a number is
 * whatever number it is. */
static uint64_t hash_why(uint64_t before, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (!is_digit(*c))
            before = (before ^ (unsigned char)*c) * 1099511628211u;
        else if (!is_digit(c[1]))
            before = (before ^ (unsigned char)'0') * 1099511628211u;
    }
    return before;
}

static bool is_over(const struct show_notice *notice, int64_t now_ms)
{
    return !notice->is_taken || now_ms - notice->since_ms >= NOTICES_WINDOW_MS;
}

static bool is_of(const struct show_notice *notice,
                  const uint8_t household[LOOP_HOUSEHOLD_SIZE])
{
    return notice->is_taken &&
           memcmp(notice->household, household, LOOP_HOUSEHOLD_SIZE) == 0;
}

/* The place of this very reason, or a free one; NULL: there is none for this address. */
static struct show_notice *find_place(struct show_notices *notices,
                                      const uint8_t household[LOOP_HOUSEHOLD_SIZE],
                                      uint64_t reason, int64_t now_ms)
{
    struct show_notice *free_place = NULL;
    unsigned n_of_address = 0;
    for (unsigned i = 0; i < NOTICES_MAX; i++) {
        struct show_notice *notice = &notices->table[i];
        bool ours = is_of(notice, household);
        if (ours && notice->reason == reason)
            return notice;
        if (is_over(notice, now_ms))
            free_place = free_place ? free_place : notice;
        else if (ours)
            n_of_address++;
    }
    return n_of_address < NOTICES_PER_ADDRESS_MAX ? free_place : NULL;
}

static bool pass(struct show_notices *notices, const char *address, uint64_t reason,
                 int64_t now_ms, unsigned *ret_n_more)
{
    uint8_t household[LOOP_HOUSEHOLD_SIZE];
    if (!loop_household_read(address, household))
        memset(household, 0, sizeof household);
    struct show_notice *place = find_place(notices, household, reason, now_ms);
    if (!place)
        return log_limit_pass(&notices->others, now_ms, ret_n_more);
    bool is_same = is_of(place, household) && place->reason == reason;
    if (is_same && !is_over(place, now_ms)) {
        place->n_more++;
        return false;
    }
    *ret_n_more = is_same ? place->n_more : 0;
    *place =
        (struct show_notice){.reason = reason, .since_ms = now_ms, .is_taken = true};
    memcpy(place->household, household, sizeof household);
    return true;
}

bool show_notices_pass(struct show_notices *notices, const char *address,
                       const char *reason, int64_t now_ms, unsigned *ret_n_more)
{
    return pass(notices, address, hash(HASH_BEGIN, reason), now_ms, ret_n_more);
}

void show_notices_warn(struct show_notices *notices, const struct log *log,
                       const char *address, const char *what, const char *why,
                       int64_t now_ms)
{
    unsigned n_more;
    if (!pass(notices, address, hash_why(hash(HASH_BEGIN, what), why), now_ms, &n_more))
        return;
    if (n_more > 0)
        log_warn(log, "%s: %s (%u more since the last such line)", what, why, n_more);
    else
        log_warn(log, "%s: %s", what, why);
}
