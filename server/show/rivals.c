#include "server/show/rivals.h"

#include <string.h>

#include "server/show/admission.h"

static bool are_rivals(const struct show_passport *a, const struct show_passport *b)
{
    return strcmp(a->address, b->address) != 0 || strcmp(a->encoder, b->encoder) != 0;
}

void show_rivals_note(struct show_rivals *rivals, const struct show_passport *before,
                      const struct show_passport *now, int64_t now_ms)
{
    if (!are_rivals(before, now))
        return;
    if (rivals->n_taken == RIVALS_MAX) {
        memmove(&rivals->taken_ms[0], &rivals->taken_ms[1],
                (RIVALS_MAX - 1) * sizeof rivals->taken_ms[0]);
        rivals->n_taken--;
    }
    rivals->taken_ms[rivals->n_taken++] = now_ms;
    if (rivals->n_taken < RIVALS_MAX || now_ms - rivals->taken_ms[0] > RIVALS_WITHIN_MS)
        return;
    rivals->hold_until_ms = now_ms + RIVALS_HOLD_MS;
    rivals->n_taken = 0;
}

bool show_rivals_lets_in(const struct show_rivals *rivals,
                         const struct show_passport *on_air,
                         const struct show_passport *newcomer, int64_t now_ms)
{
    return now_ms >= rivals->hold_until_ms || !are_rivals(on_air, newcomer);
}

int64_t show_rivals_hold_left_ms(const struct show_rivals *rivals, int64_t now_ms)
{
    return now_ms < rivals->hold_until_ms ? rivals->hold_until_ms - now_ms : 0;
}
