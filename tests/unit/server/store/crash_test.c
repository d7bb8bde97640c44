/* What was acknowledged is there after kill -9. The writer is this program again, as a
 * child: it puts shows with three keys each, some at once, and says the number of each
 * that is acknowledged. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/unit/server/store/stored.h"

enum { ROUNDS = 20, ACKS_MAX = 60, IN_FLIGHT = 5, KEYS = 3, SHOWS_MAX = 100000 };

struct writing {
    struct store *store;
    struct loop *loop;
    unsigned next;
};

static void put_next(struct writing *w);

static void acknowledged(struct store_change *change, int error, const struct err *err)
{
    (void)err;
    struct writing *w = change->ctx;
    unsigned number = (unsigned)strtoul(change->show.id, NULL, 10);
    if (error || write(STDOUT_FILENO, &number, sizeof number) != sizeof number)
        _exit(1);
    store_change_destroy(change);
    put_next(w);
}

static void put_next(struct writing *w)
{
    char id[16];
    if (w->next == SHOWS_MAX)
        _exit(1); /* nobody has killed us */
    (void)snprintf(id, sizeof id, "%u", w->next++);
    struct store_change *change = stored_show(id, KEYS);
    change->loop = w->loop;
    change->done = acknowledged;
    change->ctx = w;
    store_submit(w->store, change);
}

static int write_until_killed(const char *data_dir, const char *first)
{
    struct writing w = {.loop = loop_create(0),
                        .next = (unsigned)strtoul(first, NULL, 10)};
    if (store_open(data_dir, &w.store, NULL) != 0)
        return 1;
    for (int i = 0; i < IN_FLIGHT; i++)
        put_next(&w);
    loop_run(w.loop);
    return 1;
}

/* Runs a writer that begins with first, kills it after some acknowledgements and marks
 * all that came. Returns the highest. */
static unsigned run_round(const char *data_dir, unsigned first, unsigned n_acks,
                          bool seen[SHOWS_MAX])
{
    int pipe_ends[2], status;
    char number[16];
    (void)snprintf(number, sizeof number, "%u", first);
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (dup2(pipe_ends[1], STDOUT_FILENO) >= 0) {
            close(pipe_ends[0]);
            close(pipe_ends[1]);
            execl("/proc/self/exe", "writer", data_dir, number, (char *)NULL);
        }
        _exit(1);
    }
    assert_true(child > 0);
    close(pipe_ends[1]);
    unsigned ack, highest = first;
    for (unsigned n = 0; read(pipe_ends[0], &ack, sizeof ack) == sizeof ack; n++) {
        assert_true(ack < SHOWS_MAX);
        seen[ack] = true;
        highest = ack > highest ? ack : highest;
        if (n == n_acks)
            assert_int_equal(kill(child, SIGKILL), 0);
    }
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return highest;
}

static void mark_show(void *ctx, const struct store_show *show)
{
    bool *found = ctx;
    unsigned number = (unsigned)strtoul(show->id, NULL, 10);
    assert_true(number < SHOWS_MAX);
    assert_int_equal(show->n_keys, KEYS); /* whole, or not at all */
    found[number] = true;
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
    (void)state;
    static bool seen[SHOWS_MAX], found[SHOWS_MAX];
    struct temp_dir dir;
    unsigned first = 0, random = 12345, n_seen = 0;
    temp_dir_make(&dir);
    for (int round = 0; round < ROUNDS; round++) {
        struct store *store;
        struct err err = {0};
        random = random * 1103515245 + 12345;
        first = run_round(dir.path, first, (random >> 16) % ACKS_MAX, seen) + 1;
        int error = store_open(dir.path, &store, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(error, 0);
        memset(found, 0, sizeof found);
        assert_int_equal(store_load_shows(store, mark_show, found, NULL), 0);
        store_close(store);
        for (unsigned i = 0; i < SHOWS_MAX; i++)
            if (seen[i])
                assert_true(found[i]);
    }
    for (unsigned i = 0; i < SHOWS_MAX; i++)
        n_seen += seen[i];
    assert_true(n_seen >= ROUNDS);
    temp_dir_remove(&dir);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return write_until_killed(argv[1], argv[2]);
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_survives_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
