/* The program from start to end: runs the app until a signal ends it.
 *
 * Threads: the main thread, which only waits for signals; all others have them blocked. */
#ifndef RUN_H
#define RUN_H

struct conf;

/* Until SIGTERM or SIGINT, which drain; on SIGHUP reads the file at path (or the
 * environment, when NULL) again and takes over what may change at run time. Returns the
 * exit code: 0, or 1 with the reason logged. */
int server_run(const struct conf *conf, const char *path);

#endif
