#include "overlay/cue/text.h"

#include "tests/unit/overlay/golden.h"

static const struct cue_text_show SHOW = {"7Qm2", 1795334400000};

/* The item needs no product behind it, only a mark that it is there. */
static struct cue_item lipstick(void)
{
    static char mark;
    return (struct cue_item){
        .product = (struct product *)(void *)&mark,
        .sku = "SKU-48213-RED-M",
        .title = "Satin lipstick set \xe2\x80\x9cRos\xc3\xa9\xe2\x80\x9d \"3\\shades\"",
        .url = "/p/48213",
        .image = "/i/48213.webp",
        .currency = "EUR",
        .price_minor = 2800,
        .list_price_minor = 3500,
        .stock = 12,
    };
}

static struct cue_entry entry_of(enum cue_kind kind, uint32_t q, int64_t time_ms)
{
    struct cue_entry entry = {
        .kind = kind,
        .q = q,
        .card = "c17",
        .revision = 3,
        .time = MS(time_ms) + 89, /* a part of a millisecond is dropped */
        .expires = CUE_NEVER,
    };
    if (kind != CUE_HIDE)
        entry.item = lipstick();
    return entry;
}

static void assert_golden(const char *name, struct builder *out)
{
    assert_false(builder_failed(out));
    assert_golden_text(name, builder_bytes(out));
    builder_finish(out);
}

static void writes_a_show_cue(void **state)
{
    (void)state;
    struct cue_entry entry = entry_of(CUE_SHOW, 184, 1000);
    entry.expires = MS(901000);
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_delta(&out, &SHOW, &entry);
    assert_golden("show.json", &out);
}

static void writes_an_upd_cue(void **state)
{
    (void)state;
    struct cue_entry entry = entry_of(CUE_UPD, 185, 3000);
    entry.item.image = NULL;
    entry.item.list_price_minor = CUE_ITEM_NONE;
    entry.item.stock = 0;
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_delta(&out, &SHOW, &entry);
    assert_golden("upd.json", &out);
}

static void writes_a_hide_cue(void **state)
{
    (void)state;
    struct cue_entry entry = entry_of(CUE_HIDE, 186, 60000);
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_delta(&out, &SHOW, &entry);
    assert_golden("hide.json", &out);
}

static void writes_a_snapshot(void **state)
{
    (void)state;
    struct cue_entry first = entry_of(CUE_SHOW, 184, 1000);
    struct cue_entry second = entry_of(CUE_UPD, 185, 3000);
    memcpy(second.card, "c18", 4);
    second.expires = MS(901000);
    second.item.title = "Bag";
    struct cue_board board = {2, {&first, &second}};
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_snapshot(&out, &SHOW, &board, 185, MS(4000));
    assert_golden("snap.json", &out);
}

static void writes_a_snapshot_of_nothing(void **state)
{
    (void)state;
    struct cue_board board = {0};
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_snapshot(&out, &SHOW, &board, 0, 0);
    assert_golden("snap_empty.json", &out);
}

static void writes_state_range_and_event(void **state)
{
    (void)state;
    struct cue_entry entry = entry_of(CUE_SHOW, 184, 1000);
    entry.expires = MS(901000);
    struct cue_board board = {1, {&entry}};
    struct builder out;
    builder_init(&out, 4096);
    cue_text_state(&out, &SHOW, &board, 184);
    assert_golden("state.json", &out);
    builder_init(&out, 4096);
    cue_text_range(&out, &SHOW, &entry);
    assert_golden("range.json", &out);
    builder_init(&out, 4096);
    cue_text_event(&out, &SHOW, &entry);
    assert_golden("event.json", &out);
    builder_init(&out, 4096);
    entry.q = 0;
    cue_text_event(&out, &SHOW, &entry);
    assert_golden("event_waiting.json", &out);
}

/* The longest product there is, with a title that escapes make six times as long. */
struct longest {
    char sku[65];
    char plain[321];
    char escaped[81];
    char url[201];
    struct cue_item item;
};

static void make_longest(struct longest *l, bool escaped)
{
    memset(l, 0, sizeof *l);
    memset(l->sku, 'S', 64);
    for (size_t i = 0; i < 80; i++)
        memcpy(l->plain + 4 * i, "\xf0\x9f\x92\x84", 4);
    memset(l->escaped, '<', 80);
    memset(l->url, '/', 1);
    memset(l->url + 1, 'u', 199);
    l->item = lipstick();
    l->item.sku = l->sku;
    l->item.title = escaped ? l->escaped : l->plain;
    l->item.url = l->item.image = l->url;
    l->item.price_minor = l->item.list_price_minor = 1000000000000;
    l->item.stock = 1000000000;
}

static struct cue_entry longest_entry(const struct longest *l)
{
    struct cue_entry entry = entry_of(CUE_SHOW, UINT32_MAX, 1000);
    memcpy(entry.card, "card-with-name16", 17);
    entry.revision = 65535;
    entry.expires = MS(901000);
    entry.item = l->item;
    return entry;
}

static const struct cue_text_show LONG_SHOW = {"token-of-16bytes", 1795334400000};

static void keeps_every_cue_within_the_limit(void **state)
{
    (void)state;
    for (int escaped = 0; escaped < 2; escaped++) {
        struct longest l;
        make_longest(&l, escaped);
        struct cue_entry entry = longest_entry(&l);
        struct builder out;
        builder_init(&out, 4096);
        cue_text_delta(&out, &LONG_SHOW, &entry);
        assert_in_range(builder_bytes(&out).len, 500, CUE_TEXT_MAX);
        char *text = printed(&out);
        assert_non_null(strstr(text, escaped ? "\\u003c\\u003c" : "\xf0\x9f\x92\x84"));
        assert_non_null(strstr(text, "\"x\":1795335301000}"));
        alloc_free(text);
        builder_init(&out, 4096);
        cue_text_range(&out, &LONG_SHOW, &entry);
        assert_in_range(builder_bytes(&out).len, 500, CUE_TEXT_MAX);
        builder_finish(&out);
    }
}

static void leaves_links_of_the_oldest_cards_out_first(void **state)
{
    (void)state;
    struct cue_entry entries[3];
    struct cue_board board = {.n = 3};
    char url[181] = "/";
    memset(url + 1, 'u', sizeof url - 2);
    for (size_t i = 0; i < 3; i++) {
        entries[i] = entry_of(CUE_SHOW, 1, 1000);
        entries[i].item.url = url;
        (void)snprintf(entries[i].card, sizeof entries[i].card, "c%zu", i);
        board.cards[i] = &entries[i];
    }
    struct builder out;
    builder_init(&out, CUE_TEXT_MAX);
    cue_text_snapshot(&out, &SHOW, &board, 3, MS(2000));
    assert_golden("snap_long.json", &out);
}

static void keeps_names_when_nothing_else_fits(void **state)
{
    (void)state;
    struct longest l;
    make_longest(&l, true);
    struct cue_entry entries[CUE_CARDS_MAX];
    struct cue_board board = {.n = CUE_CARDS_MAX};
    for (size_t i = 0; i < CUE_CARDS_MAX; i++) {
        entries[i] = longest_entry(&l);
        board.cards[i] = &entries[i];
    }
    struct builder out;
    builder_init(&out, 4096);
    cue_text_snapshot(&out, &LONG_SHOW, &board, UINT32_MAX, MS(2000));
    assert_in_range(builder_bytes(&out).len, 500, CUE_TEXT_MAX);
    char *text = printed(&out);
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, l.sku)); at += 64)
        n++;
    assert_int_equal(n, CUE_CARDS_MAX);
    alloc_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_show_cue),
        cmocka_unit_test(writes_an_upd_cue),
        cmocka_unit_test(writes_a_hide_cue),
        cmocka_unit_test(writes_a_snapshot),
        cmocka_unit_test(writes_a_snapshot_of_nothing),
        cmocka_unit_test(writes_state_range_and_event),
        cmocka_unit_test(keeps_every_cue_within_the_limit),
        cmocka_unit_test(leaves_links_of_the_oldest_cards_out_first),
        cmocka_unit_test(keeps_names_when_nothing_else_fits),
    };
    return cmocka_run_group_tests_name("cue/text", tests, NULL, NULL);
}
