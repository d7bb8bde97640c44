#include "overlay/cue/journal.h"

#include "tests/unit/overlay/fixture.h"

enum { ENTRIES_MAX = 32 };

struct book {
    struct cue_journal journal;
    struct cue_entry *entries[ENTRIES_MAX];
    size_t n;
};

static int open_book(void **state)
{
    struct book *book = alloc_zero(sizeof *book);
    cue_journal_init(&book->journal);
    *state = book;
    return 0;
}

static int close_book(void **state)
{
    struct book *book = *state;
    for (size_t i = 0; i < book->n; i++)
        cue_entry_destroy(book->entries[i]);
    cue_journal_finish(&book->journal);
    alloc_free(book);
    return 0;
}

static struct cue_entry *make(struct book *book, enum cue_kind kind, const char *card,
                              int64_t time)
{
    assert_true(book->n < ENTRIES_MAX);
    struct cue_entry *entry = cue_entry_create(kind, bytes_text(card));
    entry->time = time;
    book->entries[book->n++] = entry;
    return entry;
}

static struct cue_entry *add(struct book *book, enum cue_kind kind, const char *card,
                             int64_t time)
{
    struct cue_entry *entry = make(book, kind, card, time);
    cue_journal_add(&book->journal, entry);
    return entry;
}

/* Names of the cards that are up at a time, as "a b c". */
static const char *cards_at(const struct book *book, int64_t time)
{
    static char names[128];
    names[0] = '\0';
    uint32_t q;
    struct cue_board board = cue_journal_state(&book->journal, time, &q);
    for (size_t i = 0; i < board.n; i++) {
        strcat(names, i ? " " : "");
        strcat(names, board.cards[i]->card);
    }
    return names;
}

static void numbers_cues_from_one_on(void **state)
{
    struct book *book = *state;
    assert_int_equal(cue_journal_last_q(&book->journal), 0);
    assert_int_equal(add(book, CUE_SHOW, "a", 10)->q, 1);
    assert_int_equal(add(book, CUE_HIDE, "a", 10)->q, 2);
    assert_int_equal(cue_journal_last_q(&book->journal), 2);
    assert_int_equal(cue_journal_last_time(&book->journal), 10);
}

static void tells_the_cards_of_any_time(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_SHOW, "b", 20);
    add(book, CUE_HIDE, "a", 30);
    assert_string_equal(cards_at(book, 9), "");
    assert_string_equal(cards_at(book, 10), "a");
    assert_string_equal(cards_at(book, 29), "a b");
    assert_string_equal(cards_at(book, 30), "b");
    assert_string_equal(cards_at(book, INT64_MAX - 1), "b");
}

static void upd_changes_a_card_where_it_stands(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_SHOW, "b", 20);
    struct cue_entry *upd = add(book, CUE_UPD, "a", 30);
    assert_string_equal(cards_at(book, 30), "a b");
    struct cue_board board = cue_journal_latest(&book->journal);
    assert_ptr_equal(board.cards[0], upd);
}

static void show_of_a_card_that_is_up_brings_it_to_the_front(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_SHOW, "b", 20);
    add(book, CUE_SHOW, "a", 30);
    assert_string_equal(cards_at(book, 30), "b a");
    assert_string_equal(cards_at(book, 29), "a b");
}

static void upd_and_hide_of_a_card_that_is_not_up_do_nothing(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_UPD, "b", 20);
    add(book, CUE_HIDE, "c", 20);
    assert_string_equal(cards_at(book, 20), "a");
    add(book, CUE_HIDE, "a", 30);
    add(book, CUE_UPD, "a", 40);
    assert_string_equal(cards_at(book, 40), "");
}

static void card_is_gone_once_it_has_expired(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10)->expires = 50;
    add(book, CUE_SHOW, "b", 20);
    assert_string_equal(cards_at(book, 49), "a b");
    assert_string_equal(cards_at(book, 50), "b");
    assert_int_equal(cue_journal_latest(&book->journal).n, 2);
}

static void last_of_several_cues_at_one_time_holds(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_HIDE, "a", 10);
    add(book, CUE_SHOW, "b", 10);
    assert_string_equal(cards_at(book, 10), "b");
    assert_int_equal(cue_journal_until(&book->journal, 10), 3);
    assert_int_equal(cue_journal_until(&book->journal, 9), 0);
}

static void knows_when_a_later_cue_took_over(void **state)
{
    struct book *book = *state;
    struct cue_entry *show = add(book, CUE_SHOW, "a", 10);
    assert_int_equal(show->until, CUE_NEVER);
    struct cue_entry *upd = add(book, CUE_UPD, "a", 20);
    assert_int_equal(show->until, 20);
    add(book, CUE_HIDE, "a", 30);
    assert_int_equal(upd->until, 30);
    assert_int_equal(show->until, 20);
}

static void finds_cues_behind_a_number(void **state)
{
    struct book *book = *state;
    add(book, CUE_SHOW, "a", 10);
    add(book, CUE_SHOW, "b", 20);
    assert_int_equal(cue_journal_until_q(&book->journal, 0), 0);
    assert_int_equal(cue_journal_until_q(&book->journal, 1), 1);
    assert_int_equal(cue_journal_until_q(&book->journal, UINT32_MAX), 2);
}

static bool restore(struct book *book, uint32_t q, enum cue_kind kind, const char *card,
                    int64_t time)
{
    struct cue_entry *entry = make(book, kind, card, time);
    entry->q = q;
    return cue_journal_restore(&book->journal, entry);
}

/* As when a cue that was requested first aired last. */
static void puts_cues_back_in_any_order(void **state)
{
    struct book *book = *state;
    assert_true(restore(book, 4, CUE_HIDE, "a", 40));
    assert_true(restore(book, 1, CUE_SHOW, "a", 10));
    assert_true(restore(book, 3, CUE_SHOW, "b", 30));
    assert_true(restore(book, 2, CUE_UPD, "a", 20));
    assert_string_equal(cards_at(book, 30), "a b");
    assert_string_equal(cards_at(book, 40), "b");
    assert_int_equal(cue_journal_at(&book->journal, 0)->until, 20);
    assert_int_equal(cue_journal_at(&book->journal, 1)->until, 40);
    assert_int_equal(add(book, CUE_SHOW, "c", 50)->q, 5);
}

static void refuses_what_contradicts_the_journal(void **state)
{
    struct book *book = *state;
    assert_true(restore(book, 1, CUE_SHOW, "a", 10));
    assert_true(restore(book, 3, CUE_SHOW, "b", 30));
    assert_false(restore(book, 3, CUE_SHOW, "c", 30));
    assert_false(restore(book, 2, CUE_SHOW, "c", 9));
    assert_false(restore(book, 2, CUE_SHOW, "c", 31));
    assert_false(restore(book, 4, CUE_SHOW, "c", 29));
    assert_int_equal(cue_journal_count(&book->journal), 2);
    assert_string_equal(cards_at(book, 100), "a b");
}

int main(void)
{
#define BOOK_TEST(name) cmocka_unit_test_setup_teardown(name, open_book, close_book)
    const struct CMUnitTest tests[] = {
        BOOK_TEST(numbers_cues_from_one_on),
        BOOK_TEST(tells_the_cards_of_any_time),
        BOOK_TEST(upd_changes_a_card_where_it_stands),
        BOOK_TEST(show_of_a_card_that_is_up_brings_it_to_the_front),
        BOOK_TEST(upd_and_hide_of_a_card_that_is_not_up_do_nothing),
        BOOK_TEST(card_is_gone_once_it_has_expired),
        BOOK_TEST(last_of_several_cues_at_one_time_holds),
        BOOK_TEST(knows_when_a_later_cue_took_over),
        BOOK_TEST(finds_cues_behind_a_number),
        BOOK_TEST(puts_cues_back_in_any_order),
        BOOK_TEST(refuses_what_contradicts_the_journal),
    };
    return cmocka_run_group_tests_name("cue/journal", tests, NULL, NULL);
}
