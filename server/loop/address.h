/* Numeric socket addresses as text, both ways. Names are not looked up: that would block
 * the loop. */
#ifndef LOOP_ADDRESS_H
#define LOOP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct err;

enum { LOOP_ADDRESS_MAX = 64 }; /* "[" IPv6 with a scope "]:" port, with the NUL */

struct loop_address {
    struct sockaddr_storage socket;
    socklen_t len;
    bool any_family; /* ":8080": every address, IPv4 too */
};

/* "192.0.2.1:80", "[2001:db8::1]:80", ":80". ERR_INVALID with words otherwise. */
int loop_address_parse(const char *text, struct loop_address *ret_address,
                       struct err *err);
/* IPv4 in IPv6 form is printed as IPv4; a local socket is "local". Returns out. */
const char *loop_address_print(const struct sockaddr_storage *socket,
                               char out[LOOP_ADDRESS_MAX]);
/* The same without port and brackets. Returns out. */
const char *loop_address_print_host(const struct sockaddr_storage *socket,
                                    char out[LOOP_ADDRESS_MAX]);
uint16_t loop_address_port(const struct sockaddr_storage *socket);

#endif
