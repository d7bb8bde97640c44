/* The journal against players. Each player here is the reducer of docs/CUES.md, written
 * down as plainly as it is said there, and knows nothing but the texts of the markers. */
#include "tests/unit/overlay/random_show.h"

enum { REPLAY_CARDS = 64 };

/* A cue as a player has read it. */
struct told {
    int64_t time;
    bool snap;
    uint32_t q; /* of a snapshot: b */
    char kind[8];
    char card[20];
    uint32_t revision;
    char item[400]; /* text of p */
    long long expires;
    const char *cards; /* of a snapshot: text of a */
};

struct card {
    char name[20];
    uint32_t revision;
    bool up;
    char item[400];
    long long expires;
};

struct player {
    struct told told[RANDOM_HEARD_MAX];
    size_t n_told;
    struct card cards[REPLAY_CARDS]; /* in order of coming up, the newest last */
    size_t n_cards;
};

/* {"c":…,"r":…} and what stands behind it: p and x; names and items of these tests hold
 * no braces. Returns where the object ends. */
static const char *read_item(const char *text, char item[400], long long *ret_expires)
{
    const char *end = strchr(text, '}');
    const char *p = strstr(text, "\"p\":{");
    item[0] = '\0';
    if (p && p < end) {
        (void)snprintf(item, 400, "%.*s}", (int)(end - p) - 4, p + 4);
        end = strchr(end + 1, '}');
    }
    const char *x = strstr(text, "\"x\":");
    *ret_expires = LLONG_MAX;
    if (x && x < end)
        assert_int_equal(sscanf(x, "\"x\":%lld", ret_expires), 1);
    return end;
}

static struct told read_cue(const struct heard *heard)
{
    struct told told = {.time = heard->time};
    long long w;
    if (sscanf(heard->text,
               "{\"v\":1,\"k\":\"snap\",\"s\":\"7Qm2\",\"b\":%u,\"w\":%lld,", &told.q,
               &w) == 2) {
        told.snap = true;
        told.cards = strstr(heard->text, "\"a\":[");
        assert_non_null(told.cards);
        return told;
    }
    int end = 0;
    int n = sscanf(heard->text,
                   "{\"v\":1,\"k\":\"%7[a-z]\",\"s\":\"7Qm2\",\"q\":%u,\"r\":%u,\"w\":%"
                   "lld,\"c\":\"%16[^\"]\"%n",
                   told.kind, &told.q, &told.revision, &w, told.card, &end);
    assert_int_equal(n, 5);
    assert_int_equal(w, ANCHOR_MS + heard->time / 90);
    (void)read_item(heard->text + end, told.item, &told.expires);
    return told;
}

static struct card *find(struct player *player, const char *name)
{
    for (size_t i = 0; i < player->n_cards; i++)
        if (strcmp(player->cards[i].name, name) == 0)
            return &player->cards[i];
    assert_true(player->n_cards < REPLAY_CARDS);
    struct card *card = &player->cards[player->n_cards++];
    memset(card, 0, sizeof *card);
    (void)snprintf(card->name, sizeof card->name, "%s", name);
    return card;
}

static void move_to_front(struct player *player, struct card *card)
{
    struct card copy = *card;
    size_t at = (size_t)(card - player->cards);
    memmove(card, card + 1, (player->n_cards - at - 1) * sizeof *card);
    player->cards[player->n_cards - 1] = copy;
}

static void apply(struct player *player, const struct told *told)
{
    struct card *card = find(player, told->card);
    if (told->revision <= card->revision)
        return;
    bool show = strcmp(told->kind, "show") == 0;
    if (strcmp(told->kind, "upd") == 0 && !card->up)
        return;
    card->revision = told->revision;
    card->up = strcmp(told->kind, "hide") != 0;
    (void)snprintf(card->item, sizeof card->item, "%s", told->item);
    card->expires = told->expires;
    if (show)
        move_to_front(player, card);
}

static void begin(struct player *player, const struct told *snap)
{
    player->n_cards = 0;
    if (!snap)
        return;
    const char *at = snap->cards;
    char name[20];
    uint32_t revision;
    while ((at = strstr(at, "{\"c\":\"")) &&
           sscanf(at, "{\"c\":\"%16[^\"]\",\"r\":%u", name, &revision) == 2) {
        struct card *card = find(player, name);
        card->revision = revision;
        card->up = true;
        at = read_item(at, card->item, &card->expires);
    }
}

/* state(t): the last snapshot at or before t, then all deltas behind it in order of q. */
static char *state_by(struct player *player, int64_t time)
{
    const struct told *snap = NULL;
    for (size_t i = 0; i < player->n_told; i++)
        if (player->told[i].snap && player->told[i].time <= time &&
            (!snap || player->told[i].time > snap->time))
            snap = &player->told[i];
    begin(player, snap);
    for (uint32_t q = snap ? snap->q : 0;;) {
        const struct told *next = NULL;
        for (size_t i = 0; i < player->n_told; i++)
            if (!player->told[i].snap && player->told[i].time <= time &&
                player->told[i].q > q && (!next || player->told[i].q < next->q))
                next = &player->told[i];
        if (!next)
            break;
        apply(player, next);
        q = next->q;
    }
    struct builder out;
    builder_init(&out, 8192);
    for (size_t i = 0; i < player->n_cards; i++) {
        const struct card *card = &player->cards[i];
        if (card->up && card->expires > ANCHOR_MS + time / 90)
            builder_printf(&out, "%s %u %s %lld\n", card->name, card->revision,
                           card->item, card->expires);
    }
    return printed(&out);
}

/* The same from the answer of the overlay. */
static char *state_said(const struct overlay *overlay, int64_t time)
{
    char *state = state_of(overlay, time);
    struct builder out;
    builder_init(&out, 8192);
    char name[20];
    uint32_t revision;
    const char *at = state;
    while ((at = strstr(at, "{\"c\":\"")) &&
           sscanf(at, "{\"c\":\"%16[^\"]\",\"r\":%u", name, &revision) == 2) {
        char item[400];
        long long expires;
        /* x stands in front of p here. */
        const char *x = strstr(at, "\"x\":");
        const char *p = strstr(at, "\"p\":{");
        at = read_item(at, item, &expires);
        if (!x || x > p || sscanf(x, "\"x\":%lld", &expires) != 1)
            expires = LLONG_MAX;
        builder_printf(&out, "%s %u %s %lld\n", name, revision, item, expires);
    }
    alloc_free(state);
    return printed(&out);
}

static struct random_show *play(uint64_t seed)
{
    struct random_show *show = random_show_create(seed);
    for (int i = 0; i < RANDOM_PARTS; i++)
        random_step(show);
    while (show->clock.open_time <= show->clock.newest_time)
        random_advance(show);
    return show;
}

static struct player *player_of(const struct random_show *show)
{
    struct player *player = alloc_zero(sizeof *player);
    for (size_t i = 0; i < show->n_heard; i++)
        player->told[player->n_told++] = read_cue(&show->heard[i]);
    return player;
}

static void assert_player_agrees(struct random_show *show, struct player *player,
                                 int64_t from)
{
    int64_t end = show->clock.open_time;
    for (int i = 0; i < 100; i++) {
        int64_t time =
            from + (int64_t)(roll(show, 1000000) * (uint64_t)(end - from) / 1000000);
        char *said = state_said(show->overlay, time);
        assert_text(state_by(player, time), said);
        alloc_free(said);
    }
}

static void player_agrees_with_the_journal_at_any_time(void **state)
{
    (void)state;
    size_t n_cues = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct random_show *show = play(seed);
        struct player *player = player_of(show);
        assert_player_agrees(show, player, 0);
        n_cues += overlay_last_q(show->overlay);
        alloc_free(player);
        random_show_destroy(show);
    }
    assert_true(n_cues > 1000); /* or the shows were too dull to tell anything */
}

static void order_and_number_of_copies_do_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 31; seed <= 40; seed++) {
        struct random_show *show = play(seed);
        struct player *player = player_of(show);
        size_t n = player->n_told;
        for (size_t i = 0; i < n / 4 && player->n_told < RANDOM_HEARD_MAX; i++)
            player->told[player->n_told++] = player->told[roll(show, (uint32_t)n)];
        for (size_t i = player->n_told; i > 1; i--) {
            size_t j = roll(show, (uint32_t)i);
            struct told swap = player->told[i - 1];
            player->told[i - 1] = player->told[j];
            player->told[j] = swap;
        }
        assert_player_agrees(show, player, 0);
        alloc_free(player);
        random_show_destroy(show);
    }
}

/* Snapshots repair, they do not inform: without loss, a player needs none. */
static void player_without_snapshots_agrees(void **state)
{
    (void)state;
    for (uint64_t seed = 41; seed <= 50; seed++) {
        struct random_show *show = play(seed);
        struct player *player = player_of(show);
        size_t n = 0;
        for (size_t i = 0; i < player->n_told; i++)
            if (!player->told[i].snap)
                player->told[n++] = player->told[i];
        player->n_told = n;
        assert_player_agrees(show, player, 0);
        alloc_free(player);
        random_show_destroy(show);
    }
}

static void late_joiner_agrees_from_its_first_snapshot_on(void **state)
{
    (void)state;
    for (uint64_t seed = 51; seed <= 60; seed++) {
        struct random_show *show = play(seed);
        struct player *player = player_of(show);
        size_t first = player->n_told / 2;
        while (!player->told[first].snap)
            first++;
        int64_t joined = player->told[first].time;
        player->n_told -= first;
        memmove(player->told, player->told + first,
                player->n_told * sizeof *player->told);
        assert_player_agrees(show, player, joined);
        alloc_free(player);
        random_show_destroy(show);
    }
}

static void numbers_have_no_holes_and_follow_the_media(void **state)
{
    (void)state;
    for (uint64_t seed = 61; seed <= 70; seed++) {
        struct random_show *show = play(seed);
        struct player *player = player_of(show);
        uint32_t q = 0;
        int64_t time = 0;
        for (size_t i = 0; i < player->n_told; i++) {
            assert_true(player->told[i].time >= time);
            time = player->told[i].time;
            if (!player->told[i].snap)
                assert_int_equal(player->told[i].q, ++q);
        }
        assert_int_equal(q, overlay_last_q(show->overlay));
        alloc_free(player);
        random_show_destroy(show);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(player_agrees_with_the_journal_at_any_time),
        cmocka_unit_test(order_and_number_of_copies_do_not_matter),
        cmocka_unit_test(player_without_snapshots_agrees),
        cmocka_unit_test(late_joiner_agrees_from_its_first_snapshot_on),
        cmocka_unit_test(numbers_have_no_holes_and_follow_the_media),
    };
    return cmocka_run_group_tests_name("overlay/replay", tests, NULL, NULL);
}
