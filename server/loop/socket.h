/* A listening socket before a loop has it: opened here, or come with the process's start.
 *
 * Ownership: whoever has the descriptor closes it.
 * Threads:   any. */
#ifndef LOOP_SOCKET_H
#define LOOP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

struct err;

/* address: "host:port", numeric, "[::]:8080" for IPv6, ":8080" for every address of both;
 * port 0 picks a free one. With SO_REUSEPORT when it is shared: every loop can have its
 * own then, and the kernel spreads the connections. ERR_INVALID for the text, ERR_IO with
 * the system's words. */
int loop_socket_open(const char *address, bool shared, int *ret_fd, struct err *err);

/* A TCP socket that listens. */
bool loop_socket_is_listening(int fd);
/* Bound as loop_socket_open() would; port 0 of address is any. False for a bad address. */
bool loop_socket_is_at(int fd, const char *address);
/* Others may listen on the same port. */
bool loop_socket_is_shared(int fd);
/* Of one socket: connections come to both. */
bool loop_socket_is_same(int one, int other);
uint16_t loop_socket_port(int fd); /* 0: none */
/* Another descriptor of the same socket, closed on exec; -1 with errno. */
int loop_socket_copy(int fd);

#endif
