/* A connection on its way: just accepted, or between two loops. The socket, where the
 * peer really is and, for TLS, the keys travel together; who takes it need not know which
 * of them there are.
 *
 * Ownership: one owner; loop_tcp_adopt_parcel() takes it.
 * Threads:   any, one at a time. */
#ifndef LOOP_PARCEL_H
#define LOOP_PARCEL_H

struct loop_parcel;

/* Takes a connected non-blocking socket. */
struct loop_parcel *loop_parcel_create(int fd);
void loop_parcel_destroy(struct loop_parcel *parcel); /* closes; NULL: nothing */
/* "192.0.2.1:5000" or "[2001:db8::1]:5000"; "local" for a socket without an address. */
const char *loop_parcel_peer(const struct loop_parcel *parcel);
/* The same without the port: "192.0.2.1", "2001:db8::1", "local". */
const char *loop_parcel_host(const struct loop_parcel *parcel);

#endif
