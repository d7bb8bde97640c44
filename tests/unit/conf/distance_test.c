#include "conf/distance.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static unsigned apart(const char *a, const char *b)
{
    unsigned there = conf_distance(bytes_text(a), bytes_text(b));
    assert_int_equal(conf_distance(bytes_text(b), bytes_text(a)), there);
    return there;
}

static void counts_the_letters_that_differ(void **state)
{
    (void)state;
    assert_int_equal(apart("", ""), 0);
    assert_int_equal(apart("", "abc"), 3);
    assert_int_equal(apart("listen", "listen"), 0);
    assert_int_equal(apart("htps", "https"), 1);
    assert_int_equal(apart("lissten", "listen"), 1);
    assert_int_equal(apart("lirten", "listen"), 1);
    assert_int_equal(apart("kitten", "sitting"), 3);
}

static void counts_swapped_neighbours_once(void **state)
{
    (void)state;
    assert_int_equal(apart("rtpm", "rtmp"), 1);
    assert_int_equal(apart("ab", "ba"), 1);
    assert_int_equal(apart("ca", "abc"), 3);
}

static void takes_upper_and_lower_case_for_the_same(void **state)
{
    (void)state;
    assert_int_equal(apart("HTTP", "http"), 0);
    assert_int_equal(apart("RTPM", "rtmp"), 1);
}

static void names_that_are_too_long_are_far_from_all(void **state)
{
    (void)state;
    char a[CONF_DISTANCE_MAX + 1];
    memset(a, 'a', sizeof a);
    assert_int_equal(conf_distance(bytes_make(a, sizeof a), bytes_text("a")), UINT_MAX);
    assert_int_equal(conf_distance(bytes_text("a"), bytes_make(a, sizeof a)), UINT_MAX);
    assert_int_equal(conf_distance(bytes_make(a, sizeof a - 1), bytes_text("a")),
                     CONF_DISTANCE_MAX - 1);
}

static void short_names_must_be_nearer(void **state)
{
    (void)state;
    assert_int_equal(conf_distance_limit(bytes_text("ab")), 0);
    assert_int_equal(conf_distance_limit(bytes_text("htps")), 1);
    assert_int_equal(conf_distance_limit(bytes_text("listne")), 2);
    assert_int_equal(conf_distance_limit(bytes_text("a very long name")), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_the_letters_that_differ),
        cmocka_unit_test(counts_swapped_neighbours_once),
        cmocka_unit_test(takes_upper_and_lower_case_for_the_same),
        cmocka_unit_test(names_that_are_too_long_are_far_from_all),
        cmocka_unit_test(short_names_must_be_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
