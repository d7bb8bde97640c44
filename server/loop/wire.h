/* A socket's bytes, plain or through TLS: what a connection reads and writes. Never
 * blocks.
 *
 * Not for other rooms.
 * Ownership: loop_wire_close(); a wire may be copied when the old one is forgotten.
 * Threads:   one at a time. */
#ifndef LOOP_WIRE_H
#define LOOP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/loop/tcp_queue.h"

struct loop_tls_stream;

enum { LOOP_WIRE_RECORD = 16384 }; /* the most that a TLS record holds */

enum loop_wire_result {
    LOOP_WIRE_DONE,
    LOOP_WIRE_WAITS_IN,  /* until something can be read */
    LOOP_WIRE_WAITS_OUT, /* until something can be written */
    LOOP_WIRE_ENDED,     /* the peer has said its last byte */
    LOOP_WIRE_BROKEN,    /* see why and cause */
};

struct loop_wire {
    int fd;
    struct loop_tls_stream *tls; /* NULL: plain */
    const char *why;             /* of BROKEN */
    int cause;                   /* errno; 0: none */
};

struct loop_wire loop_wire_make(int fd);
void loop_wire_close(struct loop_wire *wire); /* at once; again: nothing */

enum loop_wire_result loop_wire_read(struct loop_wire *wire, uint8_t *buffer,
                                     size_t max, size_t *ret_len);
/* Bytes that have been taken from the socket and not been read yet: no poll tells. */
bool loop_wire_has_pending(const struct loop_wire *wire);
/* Reads what nobody wants; no loop_wire_read() after it. DONE: there may be more. */
enum loop_wire_result loop_wire_drop(struct loop_wire *wire, uint8_t *buffer,
                                     size_t max);
/* What comes first in the queue, as much as is taken at once; the caller advances it.
 * record: LOOP_WIRE_RECORD bytes to use meanwhile. */
enum loop_wire_result loop_wire_write(struct loop_wire *wire,
                                      const struct loop_tcp_queue *queue,
                                      uint8_t *record, size_t *ret_len);
/* We shall send no more; TLS says so too. */
enum loop_wire_result loop_wire_end(struct loop_wire *wire);

#endif
