#include "overlay/cue/journal.h"

#include <string.h>

#include "core/alloc.h"
#include "core/require.h"

enum { JOURNAL_FIRST_CAP = 64 };

void cue_journal_init(struct cue_journal *journal)
{
    *journal = (struct cue_journal){0};
}

void cue_journal_finish(struct cue_journal *journal)
{
    alloc_free(journal->entries);
    *journal = (struct cue_journal){0};
}

size_t cue_journal_count(const struct cue_journal *journal)
{
    return journal->n;
}

struct cue_entry *cue_journal_at(const struct cue_journal *journal, size_t index)
{
    require(index < journal->n);
    return journal->entries[index];
}

uint32_t cue_journal_last_q(const struct cue_journal *journal)
{
    return journal->n ? journal->entries[journal->n - 1]->q : 0;
}

int64_t cue_journal_last_time(const struct cue_journal *journal)
{
    return journal->n ? journal->entries[journal->n - 1]->time : 0;
}

static bool is_until_time(const struct cue_entry *entry, int64_t time)
{
    return entry->time <= time;
}

static bool is_until_q(const struct cue_entry *entry, int64_t q)
{
    return entry->q <= q;
}

/* How many entries in front are within the bound; both times and numbers only grow. */
static size_t count_until(const struct cue_journal *journal,
                          bool (*is_until)(const struct cue_entry *entry,
                                           int64_t bound),
                          int64_t bound)
{
    size_t low = 0;
    size_t high = journal->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_until(journal->entries[middle], bound))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t cue_journal_until(const struct cue_journal *journal, int64_t time)
{
    return count_until(journal, is_until_time, time);
}

size_t cue_journal_until_q(const struct cue_journal *journal, uint32_t q)
{
    return count_until(journal, is_until_q, q);
}

/* Takes the card of entry out of up; returns where it was, or n_up. */
static size_t take_down(const struct cue_journal *journal, uint32_t *up, size_t *n_up,
                        const struct cue_entry *entry)
{
    size_t at = 0;
    while (at < *n_up && !cue_entry_is_of(journal->entries[up[at]], entry->card))
        at++;
    if (at == *n_up)
        return at;
    journal->entries[up[at]]->until = entry->time;
    memmove(up + at, up + at + 1, (*n_up - at - 1) * sizeof *up);
    --*n_up;
    return at;
}

static void apply(struct cue_journal *journal, size_t index)
{
    struct cue_entry *entry = journal->entries[index];
    entry->until = CUE_NEVER;
    size_t n_up = 0;
    if (index > 0) {
        const struct cue_entry *before = journal->entries[index - 1];
        n_up = before->n_up;
        memcpy(entry->up, before->up, sizeof entry->up);
    }
    size_t n_before = n_up;
    size_t at = take_down(journal, entry->up, &n_up, entry);
    bool was_up = n_up < n_before;
    if (entry->kind == CUE_SHOW)
        at = n_up;
    /* While a journal is being put back, cues are missing, and a place may be. */
    if (entry->kind == CUE_SHOW ? n_up < CUE_CARDS_MAX
                                : entry->kind == CUE_UPD && was_up) {
        memmove(entry->up + at + 1, entry->up + at, (n_up - at) * sizeof *entry->up);
        entry->up[at] = (uint32_t)index;
        n_up++;
    }
    entry->n_up = (uint8_t)n_up;
}

static void insert(struct cue_journal *journal, size_t at, struct cue_entry *entry)
{
    if (journal->n == journal->cap) {
        journal->cap = journal->cap ? journal->cap * 2 : JOURNAL_FIRST_CAP;
        journal->entries =
            alloc_resize(journal->entries, journal->cap * sizeof *journal->entries);
    }
    for (size_t i = journal->n; i > at; i--)
        journal->entries[i] = journal->entries[i - 1];
    journal->entries[at] = entry;
    journal->n++;
}

void cue_journal_add(struct cue_journal *journal, struct cue_entry *entry)
{
    require(entry->time >= cue_journal_last_time(journal));
    entry->q = cue_journal_last_q(journal) + 1;
    insert(journal, journal->n, entry);
    apply(journal, journal->n - 1);
}

bool cue_journal_restore(struct cue_journal *journal, struct cue_entry *entry)
{
    require(entry->q > 0);
    size_t at = cue_journal_until_q(journal, entry->q);
    if (at > 0 && (journal->entries[at - 1]->q == entry->q ||
                   journal->entries[at - 1]->time > entry->time))
        return false;
    if (at < journal->n && journal->entries[at]->time < entry->time)
        return false;
    insert(journal, at, entry);
    /* What later cues did to the cards that are up here is worked out again. */
    if (at > 0) {
        const struct cue_entry *before = journal->entries[at - 1];
        for (size_t i = 0; i < before->n_up; i++)
            journal->entries[before->up[i]]->until = CUE_NEVER;
    }
    for (size_t i = at; i < journal->n; i++)
        apply(journal, i);
    return true;
}

static struct cue_board board_after(const struct cue_journal *journal, size_t n)
{
    struct cue_board board = {0};
    if (n == 0)
        return board;
    const struct cue_entry *last = journal->entries[n - 1];
    for (size_t i = 0; i < last->n_up; i++)
        board.cards[board.n++] = journal->entries[last->up[i]];
    return board;
}

struct cue_board cue_journal_latest(const struct cue_journal *journal)
{
    return board_after(journal, journal->n);
}

struct cue_board cue_journal_state(const struct cue_journal *journal, int64_t time,
                                   uint32_t *ret_q)
{
    size_t n = cue_journal_until(journal, time);
    struct cue_board all = board_after(journal, n);
    struct cue_board board = {0};
    for (size_t i = 0; i < all.n; i++)
        if (all.cards[i]->expires > time)
            board.cards[board.n++] = all.cards[i];
    *ret_q = n ? journal->entries[n - 1]->q : 0;
    return board;
}

struct cue_entry *cue_journal_find(const struct cue_board *board, const char *card)
{
    for (size_t i = 0; i < board->n; i++)
        if (cue_entry_is_of(board->cards[i], card))
            return board->cards[i];
    return NULL;
}
