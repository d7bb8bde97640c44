/* The program put together: the only place that knows every room, and the order in which
 * they start and stop.
 *
 * Start: open the store, make hubs with what was kept, listen, then the threads.
 * Stop: drain in steps (server/drain.h), or not; loops end; what is queued for the store
 * is committed. Shows that are live stay so for the next start.
 *
 * Ownership: create/destroy; destroy also after a start that failed half-way. conf is
 *   borrowed.
 * Threads:   one thread, which runs none of the loops. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>

struct app;
struct conf;
struct err;
struct lane;
struct sockets;

struct app *server_app_create(const struct conf *conf);
/* Blocking. Everything but the sockets and threads. */
int server_app_open(struct app *app, struct err *err);
/* Binds, or takes the sockets that came with the start (server/sockets.h), and logs one
 * line for each listener. */
int server_app_listen(struct app *app, struct err *err);
/* The loops run from here on. */
int server_app_start(struct app *app, struct err *err);
/* Blocking: reads the certificates that conf names again, for connections from now on. With
 * an error the old ones stay in force. */
int server_app_renew(struct app *app, const struct conf *conf, struct err *err);
/* Begins to drain, once; hands_over: the next process has the same listening sockets. */
void server_app_drain(struct app *app, bool hands_over);
/* To be asked every few ms then, since it also takes the next step. */
bool server_app_is_drained(struct app *app);
/* Copies of all listening sockets, for the next process; the caller closes them. */
struct sockets server_app_take_sockets(struct app *app);
/* Ends everything, drained or not, and waits for it; NULL: nothing. */
void server_app_destroy(struct app *app);
/* Borrowed; index below the number of workers. */
struct lane *server_app_lane(const struct app *app, unsigned index);

#endif
