/* The program from start to end: runs the app until a signal ends it.
 *
 * Threads: the main thread, which only waits for signals; all others have them blocked. */
#ifndef RUN_H
#define RUN_H

struct conf;

/* How the program was called. */
struct run_call {
    const char *file;  /* of the configuration; NULL: none */
    char *const *argv; /* for whoever takes over */
};

/* Until SIGTERM or SIGINT, which drain (server/drain.h); one while it drains ends it at
 * once. On SIGHUP reads the file (or the environment) again and takes over what may change
 * at run time. On SIGUSR2 the program on the disk is asked to check the configuration; when
 * it has no faults to tell, this process drains and becomes it, with the same listening
 * sockets. Returns the exit code: 0, or 1 with the reason logged. */
int server_run(const struct conf *conf, const struct run_call *call);

#endif
