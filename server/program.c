#include "server/program.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/bytes.h"
#include "core/err.h"
#include "core/monotime.h"
#include "core/require.h"
#include "server/sockets.h"

enum {
    PROGRAM_LOOK_US = 10000, /* between two looks whether the check is over */
    PROGRAM_FIRST_FD = 3,    /* behind the standard ones */
};

static bool is_there(const char *path)
{
    return access(path, X_OK) == 0;
}

static char *make_absolute(const char *path)
{
    char folder[PATH_MAX], whole[2 * PATH_MAX];
    if (path[0] == '/')
        return alloc_text(path);
    if (!getcwd(folder, sizeof folder))
        return NULL;
    (void)snprintf(whole, sizeof whole, "%s/%s", folder, path);
    return alloc_text(whole);
}

static char *find_in_path(const char *name)
{
    const char *text = getenv("PATH");
    struct bytes rest = bytes_text(text ? text : "");
    struct bytes folder;
    char path[PATH_MAX];
    while (bytes_cut(&rest, ':', &folder)) {
        int n = snprintf(path, sizeof path, "%.*s%s%s", (int)folder.len,
                         (const char *)folder.data, folder.len > 0 ? "/" : "./", name);
        if (n > 0 && (size_t)n < sizeof path && is_there(path))
            return make_absolute(path);
    }
    return NULL;
}

char *server_program_find(const char *word)
{
    if (!word || !*word)
        return NULL;
    return strchr(word, '/') ? make_absolute(word) : find_in_path(word);
}

/* ---- check ---- */

/* With the signals of a fresh process, and nothing open but the standard ones. */
static int spawn(const char *program, const char *file, pid_t *ret_pid)
{
    char name[] = "vitrine", command[] = "check", option[] = "-c";
    char *given = alloc_text(file);
    char *argv[] = {name, command, file ? option : NULL, given, NULL};
    sigset_t none, usual;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    require(sigemptyset(&none) == 0 && sigemptyset(&usual) == 0);
    require(sigaddset(&usual, SIGPIPE) == 0);
    require(posix_spawnattr_init(&attributes) == 0);
    require(posix_spawn_file_actions_init(&actions) == 0);
    (void)posix_spawnattr_setflags(&attributes,
                                   POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawn_file_actions_addclosefrom_np(&actions, PROGRAM_FIRST_FD);
    int failed = posix_spawn(ret_pid, program, &actions, &attributes, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    alloc_free(given);
    return failed;
}

/* False: it did not end in time, and was ended. */
static bool await(pid_t pid, int *ret_status)
{
    int64_t until_ms = monotime_ms() + PROGRAM_CHECK_MAX_MS;
    while (monotime_ms() < until_ms) {
        pid_t gone = waitpid(pid, ret_status, WNOHANG);
        if (gone == pid)
            return true;
        (void)usleep(PROGRAM_LOOK_US);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, ret_status, 0);
    return false;
}

int server_program_check(const char *program, const char *file, struct err *err)
{
    pid_t pid;
    int status = 0;
    int failed = spawn(program, file, &pid);
    if (failed)
        return err_set(err, ERR_IO, "cannot run %.180s: %s", program, strerror(failed));
    if (!await(pid, &status))
        return err_set(err, ERR_LIMIT, "%.180s check did not end within %d s", program,
                       PROGRAM_CHECK_MAX_MS / 1000);
    if (!WIFEXITED(status))
        return err_set(err, ERR_INVALID, "%.180s check ended by signal %d", program,
                       WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return err_set(err, ERR_INVALID, "%.180s check ended with %d", program,
                       WEXITSTATUS(status));
    return 0;
}

/* ---- become ---- */

int server_program_become(const char *program, char *const *argv,
                          struct sockets *sockets, struct err *err)
{
    int n_handed;
    int failed = server_sockets_hand_on(sockets, &n_handed, err);
    if (failed)
        return failed;
    /* Libraries may have something open that is not ours to close. */
    (void)close_range((unsigned)(PROGRAM_FIRST_FD + n_handed), UINT_MAX,
                      CLOSE_RANGE_CLOEXEC);
    (void)execv(program, argv);
    return err_set(err, ERR_IO, "cannot run %.180s: %s", program, strerror(errno));
}
