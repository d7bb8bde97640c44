/* The program put together: the only place that knows every room, and the order in which
 * they start and stop.
 *
 * Start: store, then hubs on their loops with what was kept, then listeners, then threads.
 * Stop (SIGTERM, SIGINT): publishers are cut and playlists get ENDLIST; held requests are
 * answered; connections close after their answer, or after APP_DRAIN_MS; loops end; what
 * is queued for the store is committed.
 *
 * Threads: server_app_run() on the main thread, which only waits for signals. */
#ifndef APP_H
#define APP_H

struct conf;

/* Runs until a signal ends it; on SIGHUP reads the file at path (or the environment, when
 * NULL) again and takes over what may change at run time. Returns the exit code: 0, or 1 with the reason logged. */
int server_app_run(const struct conf *conf, const char *path);

#endif
