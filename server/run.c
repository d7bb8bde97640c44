#include "server/run.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/err.h"
#include "core/log.h"
#include "core/require.h"
#include "server/app.h"

/* Signals are taken here and nowhere else: every thread starts with them blocked. */
static void block_signals(sigset_t *signals)
{
    (void)signal(SIGPIPE, SIG_IGN);
    require(sigemptyset(signals) == 0);
    require(sigaddset(signals, SIGTERM) == 0);
    require(sigaddset(signals, SIGINT) == 0);
    require(sigaddset(signals, SIGHUP) == 0);
    require(pthread_sigmask(SIG_BLOCK, signals, NULL) == 0);
}

/* Only the log's level may change while it runs. A file with faults changes nothing. */
static void reload(const char *path)
{
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
    log_info(NULL, "reloaded: log.level is in force; other options at the next start");
    conf_destroy(conf);
}

static void wait_for_end(const sigset_t *signals, const char *path)
{
    int signal_number = 0;
    for (;;) {
        require(sigwait(signals, &signal_number) == 0);
        if (signal_number != SIGHUP)
            break;
        reload(path);
    }
    log_info(NULL, "shutting down: %s", strsignal(signal_number));
}

int server_run(const struct conf *conf, const char *path)
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
    if (failed)
        log_error(NULL, "cannot start: %s", err.text);
    else
        wait_for_end(&signals, path);
    server_app_destroy(app);
    if (!failed)
        log_info(NULL, "stopped");
    return failed ? 1 : 0;
}
