#include "overlay/names.h"

#include "tests/unit/overlay/fixture.h"

static int open_names(void **state)
{
    *state = overlay_names_create();
    return 0;
}

static int close_names(void **state)
{
    overlay_names_destroy(*state);
    return 0;
}

static void cue_that_airs_has_the_revision_it_was_promised(void **state)
{
    struct overlay_names *names = *state;
    assert_int_equal(overlay_names_promise(names, "a"), 1);
    assert_int_equal(overlay_names_promise(names, "a"), 2);
    assert_int_equal(overlay_names_air(names, "a", 1), 1);
    assert_int_equal(overlay_names_air(names, "a", 2), 2);
    assert_int_equal(overlay_names_promise(names, "b"), 1);
}

static void revisions_grow_in_the_order_of_airing(void **state)
{
    struct overlay_names *names = *state;
    assert_int_equal(overlay_names_promise(names, "a"), 1);
    assert_int_equal(overlay_names_promise(names, "a"), 2);
    assert_int_equal(overlay_names_air(names, "a", 2), 2);
    assert_int_equal(overlay_names_air(names, "a", 1), 3);
    assert_int_equal(overlay_names_promise(names, "a"), 4);
}

static void names_that_never_aired_are_forgotten(void **state)
{
    struct overlay_names *names = *state;
    assert_int_equal(overlay_names_promise(names, "a"), 1);
    overlay_names_forget(names, "a");
    assert_int_equal(overlay_names_promise(names, "a"), 1);
    assert_int_equal(overlay_names_air(names, "a", 1), 1);
    assert_int_equal(overlay_names_promise(names, "a"), 2);
    overlay_names_forget(names, "a");
    assert_int_equal(overlay_names_promise(names, "a"), 3);
}

static void invents_names_that_no_card_has(void **state)
{
    struct overlay_names *names = *state;
    char name[OVERLAY_CARD_MAX + 1];
    (void)overlay_names_promise(names, "c2");
    overlay_names_invent(names, name);
    assert_string_equal(name, "c1");
    overlay_names_invent(names, name);
    assert_string_equal(name, "c3");
}

static void goes_on_behind_the_names_that_were_kept(void **state)
{
    struct overlay_names *names = *state;
    char name[OVERLAY_CARD_MAX + 1];
    overlay_names_restore(names, "c7", 3, true, false);
    overlay_names_restore(names, "c9", 1, false, true);
    overlay_names_restore(names, "c99999999999999", 1, true, false);
    overlay_names_restore(names, "cx", 1, true, false);
    overlay_names_invent(names, name);
    assert_string_equal(name, "c10");
    assert_int_equal(overlay_names_promise(names, "c7"), 4);
    assert_int_equal(overlay_names_promise(names, "c9"), 1);
}

int main(void)
{
#define NAMES_TEST(name) cmocka_unit_test_setup_teardown(name, open_names, close_names)
    const struct CMUnitTest tests[] = {
        NAMES_TEST(cue_that_airs_has_the_revision_it_was_promised),
        NAMES_TEST(revisions_grow_in_the_order_of_airing),
        NAMES_TEST(names_that_never_aired_are_forgotten),
        NAMES_TEST(invents_names_that_no_card_has),
        NAMES_TEST(goes_on_behind_the_names_that_were_kept),
    };
    return cmocka_run_group_tests_name("overlay/names", tests, NULL, NULL);
}
