/* The front of the house: where all lanes listen, on the sockets that came with the start
 * or on new ones, with which certificates, and which of them outlive the process.
 *
 * Ownership: a struct of the app's; init, then finish, also after an open that failed.
 *   What it is given is borrowed until finish.
 * Threads:   the main thread. receive: before there are others, as it touches the
 *   environment. */
#ifndef FRONT_H
#define FRONT_H

#include "server/sockets.h"

struct conf;
struct err;
struct lane;
struct loop_tls;
struct show_house;

struct front {
    /* private */
    const struct conf *conf;
    struct show_house *house;
    struct lane *const *lanes; /* one for each of the house's hubs */
    struct sockets inherited;  /* from the process before, while not taken */
    struct sockets kept;       /* all that listen, for the process after */
    struct loop_tls *tls;      /* NULL: no certificate is configured */
};

void server_front_init(struct front *front, const struct conf *conf,
                       struct show_house *house, struct lane *const *lanes);
/* Takes the sockets that came with the start (server/sockets.h). */
void server_front_receive(struct front *front);
/* The lanes listen from here on, and the house knows the ports. Logs one line for each
 * name. ERR_IO and ERR_INVALID with words that name the option. */
int server_front_open(struct front *front, struct err *err);
/* Blocking: reads the certificates that conf names again, for connections from now on. With
 * an error the old ones stay in force. */
int server_front_renew(struct front *front, const struct conf *conf, struct err *err);
/* Copies of all listening sockets, with which they outlive their lanes; the caller closes
 * them. Again: none. */
struct sockets server_front_take_sockets(struct front *front);
/* Nobody is kept waiting in a socket's queue for a next process. */
void server_front_close_kept(struct front *front);
void server_front_finish(struct front *front);

#endif
