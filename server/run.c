#include "server/run.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/alloc.h"
#include "core/err.h"
#include "core/log.h"
#include "core/require.h"
#include "server/app.h"
#include "server/program.h"
#include "server/sockets.h"

enum { RUN_LOOK_MS = 20 }; /* between two steps of the end */

/* Signals are taken here and nowhere else: every thread starts with them blocked. */
static void block_signals(sigset_t *signals)
{
    (void)signal(SIGPIPE, SIG_IGN);
    require(sigemptyset(signals) == 0);
    require(sigaddset(signals, SIGTERM) == 0);
    require(sigaddset(signals, SIGINT) == 0);
    require(sigaddset(signals, SIGHUP) == 0);
    require(sigaddset(signals, SIGUSR2) == 0);
    require(pthread_sigmask(SIG_BLOCK, signals, NULL) == 0);
}

/* The log's level and the certificates may change while it runs. A file with faults
 * changes nothing; certificates with faults change no certificates. */
static void reload(struct app *app, const char *path)
{
    struct err err;
    struct conf_faults faults = {0};
    struct conf *conf = conf_load(path, environ, &faults);
    for (size_t i = 0; !conf && i < faults.n; i++)
        log_error(NULL, "reload: %s:%u:%u: %s", path ? path : "environment",
                  faults.list[i].line, faults.list[i].column, faults.list[i].text);
    if (!conf) {
        log_error(NULL, "reload: nothing was changed");
        return;
    }
    log_set_level((enum log_level)conf->log_level);
    if (server_app_renew(app, conf, &err))
        log_error(NULL, "reload: %s; the certificates stay as they were", err.text);
    log_info(NULL,
             "reloaded: log.level and certificates are in force; other options at "
             "the next start");
    conf_destroy(conf);
}

static bool is_end(int signal_number)
{
    return signal_number == SIGTERM || signal_number == SIGINT;
}

/* Whether the program on the disk would start; if not, nothing happens. */
static bool may_hand_over(const char *program, const char *file)
{
    struct err err = {0};
    if (!program)
        log_error(NULL, "hand-over: it is not known where the program is");
    else if (server_program_check(program, file, &err))
        log_error(NULL, "hand-over: %s; nothing was changed", err.text);
    return program && !err.code;
}

/* True when it ends with a hand-over. */
static bool wait_for_end(const sigset_t *signals, struct app *app, const char *program,
                         const char *file)
{
    int signal_number = 0;
    for (;;) {
        require(sigwait(signals, &signal_number) == 0);
        if (is_end(signal_number))
            break;
        if (signal_number == SIGHUP) {
            reload(app, file);
        } else if (may_hand_over(program, file)) {
            log_info(NULL, "handing over to %s", program);
            return true;
        }
    }
    log_info(NULL, "shutting down: %s", strsignal(signal_number));
    return false;
}

/* False: somebody asked for the end meanwhile, and it comes at once. */
static bool drain(const sigset_t *signals, struct app *app, bool hands_over)
{
    const struct timespec look = {.tv_nsec = RUN_LOOK_MS * 1000000L};
    server_app_drain(app, hands_over);
    while (!server_app_is_drained(app)) {
        int signal_number = sigtimedwait(signals, NULL, &look);
        if (is_end(signal_number)) {
            log_info(NULL, "%s%s: not waiting any longer", strsignal(signal_number),
                     hands_over ? "" : " once more");
            return false;
        }
    }
    return true;
}

static int become(const char *program, char *const *argv, struct sockets *sockets)
{
    struct err err;
    log_info(NULL, "stopped; going on as %s", program);
    (void)server_program_become(program, argv, sockets, &err);
    log_error(NULL, "hand-over: %s", err.text);
    server_sockets_close(sockets);
    return 1;
}

/* Takes app, which runs. */
static int serve(const sigset_t *signals, struct app *app, const struct run_call *call)
{
    struct sockets sockets = {0};
    char *program = server_program_find(call->argv[0]);
    bool hands_over = wait_for_end(signals, app, program, call->file);
    hands_over = drain(signals, app, hands_over) && hands_over;
    if (hands_over)
        sockets = server_app_take_sockets(app);
    server_app_destroy(app);
    int exit_code = hands_over ? become(program, call->argv, &sockets) : 0;
    if (!hands_over)
        log_info(NULL, "stopped");
    alloc_free(program);
    return exit_code;
}

int server_run(const struct conf *conf, const struct run_call *call)
{
    sigset_t signals;
    struct err err;
    block_signals(&signals);
    struct app *app = server_app_create(conf);
    int failed = server_app_open(app, &err);
    if (!failed)
        failed = server_app_listen(app, &err);
    if (!failed)
        failed = server_app_start(app, &err);
    if (!failed)
        return serve(&signals, app, call);
    log_error(NULL, "cannot start: %s", err.text);
    server_app_destroy(app);
    return 1;
}
