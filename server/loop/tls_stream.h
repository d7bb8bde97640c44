/* TLS on one socket, the server's side: handshake, reading, writing, the end. Never
 * blocks; OpenSSL works on the descriptor itself.
 *
 * Not for other rooms.
 * Ownership: create/destroy; the descriptor stays the caller's. Holds the certificates.
 * Threads:   one at a time. */
#ifndef LOOP_TLS_STREAM_H
#define LOOP_TLS_STREAM_H

#include "server/loop/wire.h"

struct loop_tls;
struct loop_tls_stream;

struct loop_tls_stream *loop_tls_stream_create(struct loop_tls *tls, int fd);
void loop_tls_stream_destroy(struct loop_tls_stream *stream); /* NULL: nothing */

/* Until DONE, before all else. */
enum loop_wire_result loop_tls_stream_shake_hands(struct loop_tls_stream *stream);
enum loop_wire_result loop_tls_stream_read(struct loop_tls_stream *stream,
                                           uint8_t *buffer, size_t max,
                                           size_t *ret_len);
enum loop_wire_result loop_tls_stream_write(struct loop_tls_stream *stream,
                                            struct bytes out, size_t *ret_len);
/* Says close_notify. */
enum loop_wire_result loop_tls_stream_end(struct loop_tls_stream *stream);
bool loop_tls_stream_has_pending(const struct loop_tls_stream *stream);
/* After BROKEN; a constant text. ret_cause: errno, or 0. */
const char *loop_tls_stream_why(const struct loop_tls_stream *stream, int *ret_cause);

#endif
