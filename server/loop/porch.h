/* Where connections wait until they have said who they are: a PROXY header, when one is
 * asked for, and the TLS handshake, when it is a TLS port. Whoever takes what leaves the
 * porch finds the peer's true address, and bytes in the clear.
 *
 * Ownership: create/destroy; destroy closes who still waits. The handler must outlive it.
 * Threads:   the loop's, or before it runs.
 * Limits:    within_ms for all of it; LOOP_PORCH_MAX and per_host_max who wait, since each
 *   costs some 50 KB while hands are shaken. */
#ifndef LOOP_PORCH_H
#define LOOP_PORCH_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_parcel;
struct loop_porch;
struct loop_tls;

enum {
    LOOP_PORCH_MAX = 500, /* 25 MB of memory at the worst */
};

struct loop_porch_handler {
    /* Takes the connection. */
    void (*ready)(void *ctx, struct loop_parcel *parcel);
    /* It is closed behind this call; who it is the parcel says. Not told when it closed by
     * itself without a byte, as load balancers do that only look whether we are there. */
    void (*refused)(void *ctx, const struct loop_parcel *parcel, const char *why);
};

struct loop_porch_options {
    bool proxy;           /* a PROXY header comes first */
    struct loop_tls *tls; /* NULL: plain; a reference is taken */
    unsigned
        per_host_max;  /* of one address at once; this machine is not counted; 0: any
                              number */
    int64_t within_ms; /* for header and handshake together */
};

struct loop_porch *loop_porch_create(struct loop *loop,
                                     const struct loop_porch_options *options,
                                     const struct loop_porch_handler *handler,
                                     void *ctx);
void loop_porch_destroy(struct loop_porch *porch); /* NULL: nothing */
/* Takes a connected non-blocking socket. ready may come at once, inside. */
void loop_porch_accept(struct loop_porch *porch, int fd);
/* New certificates for who comes from now on; the reference is taken. Of a porch that
 * speaks TLS. */
void loop_porch_set_tls(struct loop_porch *porch, struct loop_tls *tls);

#endif
