#include "server/loop/tls_stream.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/alloc.h"
#include "core/require.h"
#include "server/loop/tls_inside.h"

enum {
    /* Records after the handshake that hold no data: new keys, wishes for another
     * handshake, warnings. Clients change keys every some million records; each costs us
     * ten times what it costs them, so there is an end to it. */
    EXTRAS_MAX = 1000,
};

struct loop_tls_stream {
    SSL *ssl;
    struct loop_tls *tls;
    const char *why;
    int cause;
    bool broken; /* nothing may be said any more */
    unsigned n_extras;
};

struct loop_tls_stream *loop_tls_stream_create(struct loop_tls *tls, int fd)
{
    struct loop_tls_stream *stream = alloc_zero(sizeof *stream);
    stream->tls = loop_tls_ref(tls);
    stream->why = "TLS failed";
    stream->ssl = SSL_new(tls->entries[0].context);
    require(stream->ssl);
    require(SSL_set_fd(stream->ssl, fd) == 1);
    SSL_set_accept_state(stream->ssl);
    return stream;
}

void loop_tls_stream_destroy(struct loop_tls_stream *stream)
{
    if (!stream)
        return;
    SSL_free(stream->ssl);
    loop_tls_unref(stream->tls);
    alloc_free(stream);
}

static enum loop_wire_result break_off(struct loop_tls_stream *stream, const char *why,
                                       int cause)
{
    stream->broken = true;
    stream->why = why;
    stream->cause = cause;
    ERR_clear_error();
    return LOOP_WIRE_BROKEN;
}

/* Called for each record; in TLS 1.3 its head does not tell the kind. Past the limit
 * OpenSSL finds the socket's end: it would go on reading as long as there is something. */
static void on_record(int is_sent, int version, int type, const void *content,
                      size_t len, SSL *ssl, void *ctx)
{
    struct loop_tls_stream *stream = ctx;
    const uint8_t *kind = content;
    int telling = SSL_version(ssl) == TLS1_3_VERSION ? SSL3_RT_INNER_CONTENT_TYPE
                                                     : SSL3_RT_HEADER;
    (void)version;
    if (is_sent || type != telling || len == 0 || kind[0] == SSL3_RT_APPLICATION_DATA)
        return;
    if (++stream->n_extras == EXTRAS_MAX)
        SSL_set0_rbio(ssl, BIO_new(BIO_s_null()));
}

/* Why a call did not do it; errno is still that of the call. */
static enum loop_wire_result tell(struct loop_tls_stream *stream, int returned)
{
    int cause = errno;
    if (stream->n_extras >= EXTRAS_MAX)
        return break_off(stream, "the client asks for new keys again and again", 0);
    switch (SSL_get_error(stream->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
        return LOOP_WIRE_WAITS_IN;
    case SSL_ERROR_WANT_WRITE:
        return LOOP_WIRE_WAITS_OUT;
    case SSL_ERROR_ZERO_RETURN:
        return LOOP_WIRE_ENDED;
    case SSL_ERROR_SYSCALL:
        return break_off(stream, "connection lost", cause);
    default:
        return break_off(stream, loop_tls_words(), 0);
    }
}

/* Before each call: OpenSSL judges by what is in the thread's queue of errors. */
static bool begin(struct loop_tls_stream *stream)
{
    ERR_clear_error();
    errno = 0;
    return !stream->broken;
}

enum loop_wire_result loop_tls_stream_shake_hands(struct loop_tls_stream *stream)
{
    if (!begin(stream))
        return LOOP_WIRE_BROKEN;
    int result = SSL_accept(stream->ssl);
    if (result != 1)
        return tell(stream, result);
    SSL_set_msg_callback(stream->ssl, on_record);
    SSL_set_msg_callback_arg(stream->ssl, stream);
    return LOOP_WIRE_DONE;
}

enum loop_wire_result loop_tls_stream_read(struct loop_tls_stream *stream,
                                           uint8_t *buffer, size_t max, size_t *ret_len)
{
    if (!begin(stream))
        return LOOP_WIRE_BROKEN;
    int result = SSL_read_ex(stream->ssl, buffer, max, ret_len);
    bool done = result == 1 && stream->n_extras < EXTRAS_MAX;
    return done ? LOOP_WIRE_DONE : tell(stream, result);
}

/* Writing never waits for something to read: that would be a new handshake, and there is
 * none. */
enum loop_wire_result loop_tls_stream_write(struct loop_tls_stream *stream,
                                            struct bytes out, size_t *ret_len)
{
    if (!begin(stream))
        return LOOP_WIRE_BROKEN;
    int result = SSL_write_ex(stream->ssl, out.data, out.len, ret_len);
    if (result == 1)
        return LOOP_WIRE_DONE;
    enum loop_wire_result told = tell(stream, result);
    return told == LOOP_WIRE_WAITS_IN ? break_off(stream, "TLS failed", 0) : told;
}

enum loop_wire_result loop_tls_stream_end(struct loop_tls_stream *stream)
{
    if (!begin(stream))
        return LOOP_WIRE_BROKEN;
    int result = SSL_shutdown(stream->ssl);
    return result >= 0 ? LOOP_WIRE_DONE : tell(stream, result);
}

bool loop_tls_stream_has_pending(const struct loop_tls_stream *stream)
{
    return !stream->broken && SSL_has_pending(stream->ssl);
}

const char *loop_tls_stream_why(const struct loop_tls_stream *stream, int *ret_cause)
{
    *ret_cause = stream->cause;
    return stream->why;
}
