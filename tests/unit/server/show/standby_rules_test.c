/* When the one that stands by is wanted, to the millisecond: the rules alone, with a clock
 * that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/publisher_inside.h"
#include "server/show/show.h"
#include "server/show/standby.h"

enum { NOW_MS = 1000000 };

struct pair {
    struct show show;
    struct show_publisher primary, backup;
};

static int setup(void **state)
{
    static struct pair pair;
    pair = (struct pair){.show.attached_at_ms = NOW_MS - 600000,
                         .show.media_at_ms = NOW_MS,
                         .show.live_since_ms = 1,
                         .primary.passport.role = SHOW_ROLE_PRIMARY,
                         .backup.passport.role = SHOW_ROLE_BACKUP};
    *state = &pair;
    return 0;
}

/* on_air has sent until now, and so has the other one since it came. */
static void place(struct pair *pair, struct show_publisher *on_air,
                  struct show_publisher *other)
{
    pair->show.publisher = on_air;
    show_standby_begin(&pair->show.standby, other, 1, NOW_MS);
    show_standby_hear(&pair->show.standby, NOW_MS);
}

static bool is_wanted(struct pair *pair, int64_t after_ms)
{
    return show_standby_is_wanted(&pair->show, NOW_MS + after_ms);
}

static void hear(struct pair *pair, int64_t after_ms)
{
    show_standby_hear(&pair->show.standby, NOW_MS + after_ms);
}

/* Media of both, up to a time. */
static void hear_both(struct pair *pair, int64_t from_ms, int64_t to_ms)
{
    for (int64_t ms = from_ms; ms <= to_ms; ms += 500) {
        hear(pair, ms);
        pair->show.media_at_ms = NOW_MS + ms;
    }
}

static void is_well_for_a_second_of_silence(void **state)
{
    struct pair *pair = *state;
    const struct show_standby *standby = &pair->show.standby;
    place(pair, &pair->primary, &pair->backup);
    assert_true(show_standby_is_well(standby, NOW_MS + 999));
    assert_false(show_standby_is_well(standby, NOW_MS + 1000));
}

static void is_not_well_before_its_first_media(void **state)
{
    struct pair *pair = *state;
    show_standby_begin(&pair->show.standby, &pair->backup, 1, NOW_MS);
    assert_false(show_standby_is_well(&pair->show.standby, NOW_MS));
}

static void is_wanted_after_a_second_of_silence_on_air(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->primary, &pair->backup);
    hear(pair, 900);
    assert_false(is_wanted(pair, 999));
    assert_true(is_wanted(pair, 1000));
}

static void leaves_a_second_to_whoever_comes_on_air(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->primary, &pair->backup);
    pair->show.media_at_ms = NOW_MS - 60000;
    pair->show.attached_at_ms = NOW_MS;
    hear(pair, 900);
    assert_false(is_wanted(pair, 999));
    assert_true(is_wanted(pair, 1000));
}

static void leaves_a_moment_to_who_was_silent_with_it(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->primary, &pair->backup);
    hear(pair, 3000);
    assert_false(is_wanted(pair, 3000));
    assert_false(is_wanted(pair, 3249));
    assert_true(is_wanted(pair, 3250));
    pair->show.media_at_ms = NOW_MS + 3100;
    assert_false(is_wanted(pair, 3250));
}

static void is_wanted_at_once_when_nobody_is_on_air(void **state)
{
    struct pair *pair = *state;
    place(pair, NULL, &pair->backup);
    assert_true(is_wanted(pair, 0));
    pair->show.live_since_ms = 0;
    assert_false(is_wanted(pair, 0));
}

static void a_primary_is_trusted_after_ten_seconds(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->backup, &pair->primary);
    hear_both(pair, 500, 9500);
    assert_false(is_wanted(pair, 9999));
    assert_true(is_wanted(pair, 10000));
}

static void a_second_of_silence_begins_the_ten_anew(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->backup, &pair->primary);
    hear_both(pair, 500, 8000);
    hear_both(pair, 9000, 18500);
    assert_false(is_wanted(pair, 18999));
    assert_true(is_wanted(pair, 19000));
}

static void less_than_a_second_is_no_silence(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->backup, &pair->primary);
    hear_both(pair, 500, 8000);
    hear_both(pair, 8999, 9999);
    assert_true(is_wanted(pair, 10000));
}

static void a_backup_is_not_wanted_while_the_primary_is_well(void **state)
{
    struct pair *pair = *state;
    place(pair, &pair->primary, &pair->backup);
    hear_both(pair, 500, 60000);
    assert_false(is_wanted(pair, 60000));
}

#define PAIR(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PAIR(is_well_for_a_second_of_silence),
        PAIR(is_not_well_before_its_first_media),
        PAIR(is_wanted_after_a_second_of_silence_on_air),
        PAIR(leaves_a_second_to_whoever_comes_on_air),
        PAIR(leaves_a_moment_to_who_was_silent_with_it),
        PAIR(is_wanted_at_once_when_nobody_is_on_air),
        PAIR(a_primary_is_trusted_after_ten_seconds),
        PAIR(a_second_of_silence_begins_the_ten_anew),
        PAIR(less_than_a_second_is_no_silence),
        PAIR(a_backup_is_not_wanted_while_the_primary_is_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
