/* Listening sockets by name that outlive a process: those that came with its start, from
 * systemd or from the process before, and those that the next one gets. The convention is
 * systemd's (sd_listen_fds(3)): descriptors from 3 on, LISTEN_FDS of them, for the process
 * LISTEN_PID, named by LISTEN_FDNAMES with colons between; "rtmp", "rtmps", "http",
 * "admin", several of a name.
 *
 * Ownership: init with zeros, server_sockets_close().
 * Threads:   the main thread, while it is alone when the environment is touched.
 * Limits:    SOCKETS_MAX; what comes beyond is left alone. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>

struct err;

enum {
    SOCKETS_MAX = 1024,         /* four names, one socket for each of 256 lanes */
    SOCKETS_NAME_MAX = 8,       /* with the NUL; longer names are none of ours */
    SOCKETS_PER_LANE_MAX = 256, /* a process with one lane after one with 256 */
};

struct sockets {
    /* private */
    struct named_socket *list;
    unsigned n;
};

/* Where a name listens as configured. */
struct socket_place {
    const char *name;
    const char *address; /* NULL: off */
};

/* What came with the start; takes it out of the environment, so that no child takes it for
 * its own. */
void server_sockets_receive(struct sockets *sockets);
/* Gives sockets without a name of ours the name of the place where they are bound, and
 * closes those that have no place any more: what is configured counts. Logs the latter. */
void server_sockets_place(struct sockets *sockets, const struct socket_place *places,
                          unsigned n_places);
bool server_sockets_has(const struct sockets *sockets, const char *name);
/* The sockets of a name that are one lane's, of n_lanes: each has its own as far as they
 * go. Beyond, a lane opens one on the same port, if that is allowed, which this leaves to
 * the caller; else it gets a copy of another lane's. How many; the caller closes them. */
unsigned server_sockets_take(struct sockets *sockets, const char *name, unsigned lane,
                             unsigned n_lanes, int ret_fds[SOCKETS_PER_LANE_MAX]);

/* Takes fd; one socket counts once. */
void server_sockets_add(struct sockets *sockets, const char *name, int fd);
/* Puts them where the program expects them that this process is about to become. Nothing
 * else may be open that is not closed on exec. How many they are; ERR_IO. */
int server_sockets_hand_on(struct sockets *sockets, int *ret_n, struct err *err);
/* Those that were not taken; again: nothing. */
void server_sockets_close(struct sockets *sockets);

#endif
