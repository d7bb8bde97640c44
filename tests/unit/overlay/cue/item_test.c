#include "overlay/cue/item.h"

#include "overlay/cue/entry.h"
#include "tests/unit/overlay/fixture.h"

static const struct cue_item ITEM = {
    .sku = "S",
    .title = "T",
    .url = "/u",
    .image = "/m",
    .currency = "JPY",
    .price_minor = 0,
    .list_price_minor = 7,
    .stock = 0,
};

static char *text_in(const struct cue_item *item, enum cue_item_detail detail)
{
    struct builder out;
    builder_init(&out, 1000);
    cue_item_put(&out, item, detail);
    return printed(&out);
}

static void writes_as_much_as_is_wanted(void **state)
{
    (void)state;
    assert_text(text_in(&ITEM, CUE_ITEM_FULL),
                "{\"i\":\"S\",\"t\":\"T\",\"u\":\"/u\",\"m\":\"/m\",\"a\":0,\"l\":7,"
                "\"y\":\"JPY\",\"n\":0}");
    assert_text(text_in(&ITEM, CUE_ITEM_NO_IMAGE),
                "{\"i\":\"S\",\"t\":\"T\",\"u\":\"/u\",\"a\":0,\"l\":7,\"y\":\"JPY\","
                "\"n\":0}");
    assert_text(text_in(&ITEM, CUE_ITEM_NO_LINKS),
                "{\"i\":\"S\",\"t\":\"T\",\"a\":0,\"l\":7,\"y\":\"JPY\",\"n\":0}");
    assert_text(text_in(&ITEM, CUE_ITEM_SKU), "{\"i\":\"S\"}");
}

static void leaves_out_what_there_is_not(void **state)
{
    (void)state;
    struct cue_item item = ITEM;
    item.image = NULL;
    item.list_price_minor = item.stock = CUE_ITEM_NONE;
    assert_text(text_in(&item, CUE_ITEM_FULL),
                "{\"i\":\"S\",\"t\":\"T\",\"u\":\"/u\",\"a\":0,\"y\":\"JPY\"}");
}

static void any_field_makes_items_different(void **state)
{
    (void)state;
    struct cue_item same = ITEM;
    assert_true(cue_item_equal(&ITEM, &same));
    struct cue_item others[8];
    for (size_t i = 0; i < 8; i++)
        others[i] = ITEM;
    others[0].sku = "S2";
    others[1].title = "T2";
    others[2].url = "/u2";
    others[3].image = NULL;
    others[4].currency = "USD";
    others[5].price_minor = 1;
    others[6].list_price_minor = CUE_ITEM_NONE;
    others[7].stock = 1;
    for (size_t i = 0; i < 8; i++)
        assert_false(cue_item_equal(&ITEM, &others[i]));
}

static void card_names_are_safe_in_a_playlist(void **state)
{
    (void)state;
    assert_true(cue_entry_is_name(bytes_text("c1")));
    assert_true(cue_entry_is_name(bytes_text("Az09_-abcdefghij")));
    const char *const bad[] = {"",    "abcdefghijklmnopq", "a b", "a\"", "a\n",
                               "a,b", "\xc3\xa9",          "a=b", "a/b", "a."};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(cue_entry_is_name(bytes_text(bad[i])));
    assert_false(cue_entry_is_name(bytes_make("a\0b", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_as_much_as_is_wanted),
        cmocka_unit_test(leaves_out_what_there_is_not),
        cmocka_unit_test(any_field_makes_items_different),
        cmocka_unit_test(card_names_are_safe_in_a_playlist),
    };
    return cmocka_run_group_tests_name("cue/item", tests, NULL, NULL);
}
