#include "tests/unit/server/loop/tls_client.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "server/loop/tcp.h"

enum { CLIENT_MAX = 32 << 20 };

static const struct loop_tcp_limits client_limits = {.queue_max = CLIENT_MAX,
                                                     .stall_ms = 60000};

static void tell(struct tls_client *client)
{
    if (client->changed)
        client->changed(client->ctx);
}

/* What kind of records come; in TLS 1.3 their heads do not tell. */
static void on_message(int is_sent, int version, int type, const void *content,
                       size_t len, SSL *ssl, void *ctx)
{
    struct tls_client *client = ctx;
    const uint8_t *kind = content;
    int tells = SSL_version(ssl) == TLS1_3_VERSION ? SSL3_RT_INNER_CONTENT_TYPE
                                                   : SSL3_RT_HEADER;
    (void)version;
    if (is_sent || type != tells || len == 0 || !client->shaken)
        return;
    if (kind[0] == SSL3_RT_APPLICATION_DATA)
        client->n_data_records++;
    else
        client->n_after_records++;
}

/* ---- out ---- */

static void send_now(struct tls_client *client, struct bytes bytes)
{
    size_t left = client->options.cut_after - client->n_sent;
    bool cut = client->options.cut_after > 0 && bytes.len >= left;
    if (!client->tcp)
        return;
    if (cut)
        bytes = bytes_first(bytes, left);
    client->n_sent += bytes.len;
    loop_tcp_write(client->tcp, buf_copy(bytes));
    if (cut)
        loop_tcp_close_flushed(client->tcp, 1000);
}

static void drip(struct loop_message *message, struct loop *loop)
{
    struct tls_client *client = container_of(message, struct tls_client, drip);
    struct bytes waiting =
        bytes_from(builder_bytes(&client->waiting), client->n_dripped);
    client->dripping = waiting.len > 1 && client->tcp;
    client->n_dripped += waiting.len > 0;
    send_now(client, bytes_first(waiting, 1));
    if (client->dripping)
        loop_post(loop, message);
}

void tls_client_send_raw(struct tls_client *client, struct bytes bytes)
{
    if (!client->options.bytewise) {
        send_now(client, bytes);
        return;
    }
    builder_put(&client->waiting, bytes);
    if (client->dripping || bytes.len == 0)
        return;
    client->dripping = true;
    client->drip.run = drip;
    loop_post(client->loop, &client->drip);
}

static void flush(struct tls_client *client)
{
    uint8_t part[16384];
    int n;
    while ((n = BIO_read(client->out, part, sizeof part)) > 0)
        tls_client_send_raw(client, bytes_make(part, (size_t)n));
}

/* ---- in ---- */

static void read_all(struct tls_client *client)
{
    uint8_t part[16384];
    size_t n;
    ERR_clear_error();
    while (SSL_read_ex(client->ssl, part, sizeof part, &n) == 1)
        builder_put(&client->got, bytes_make(part, n));
    int why = SSL_get_error(client->ssl, 0);
    client->ended = client->ended || why == SSL_ERROR_ZERO_RETURN;
    client->failed = client->failed || why == SSL_ERROR_SSL;
}

void tls_client_pump(struct tls_client *client)
{
    ERR_clear_error();
    if (!client->shaken && !client->failed) {
        int result = SSL_do_handshake(client->ssl);
        client->shaken = result == 1;
        client->failed =
            result != 1 && SSL_get_error(client->ssl, result) == SSL_ERROR_SSL;
    }
    if (client->shaken && !client->failed)
        read_all(client);
    flush(client);
    tell(client);
}

static void on_readable(void *ctx, struct bytes in)
{
    struct tls_client *client = ctx;
    require(BIO_write(client->in, in.data, (int)in.len) == (int)in.len);
    tls_client_pump(client);
}

static void on_closed(void *ctx, const struct err *why)
{
    struct tls_client *client = ctx;
    (void)why;
    client->tcp = NULL;
    client->closed = true;
    tell(client);
}

static const struct loop_tcp_handler handler = {.readable = on_readable,
                                                .closed = on_closed};

/* ---- its life ---- */

static void set_options(struct tls_client *client)
{
    const struct tls_client_options *options = &client->options;
    if (options->max_version && options->max_version < TLS1_2_VERSION) {
        SSL_set_security_level(client->ssl, 0);
        require(SSL_set_cipher_list(client->ssl, "ALL:@SECLEVEL=0") == 1);
        require(SSL_set_min_proto_version(client->ssl, TLS1_VERSION) == 1);
    }
    if (options->max_version)
        require(SSL_set_max_proto_version(client->ssl, options->max_version) == 1);
    if (!options->host)
        return;
    char host[256]; /* OpenSSL's macro takes no const */
    (void)snprintf(host, sizeof host, "%s", options->host);
    require(SSL_set_tlsext_host_name(client->ssl, host) == 1);
}

void tls_client_begin(struct tls_client *client, struct loop *loop, int fd,
                      const struct tls_client_options *options)
{
    *client = (struct tls_client){.options = *options,
                                  .loop = loop,
                                  .changed = client->changed,
                                  .ctx = client->ctx};
    builder_init(&client->got, CLIENT_MAX);
    builder_init(&client->waiting, CLIENT_MAX);
    client->context = SSL_CTX_new(TLS_client_method());
    require(client->context);
    client->ssl = SSL_new(client->context);
    client->in = BIO_new(BIO_s_mem());
    client->out = BIO_new(BIO_s_mem());
    require(client->ssl && client->in && client->out);
    (void)BIO_set_mem_eof_return(client->in, -1);
    SSL_set_bio(client->ssl, client->in, client->out);
    SSL_set_connect_state(client->ssl);
    SSL_set_msg_callback(client->ssl, on_message);
    SSL_set_msg_callback_arg(client->ssl, client);
    set_options(client);
    client->tcp = loop_tcp_adopt(loop, fd, &handler, &client_limits, client);
    (void)SSL_do_handshake(client->ssl);
    flush(client);
}

void tls_client_write(struct tls_client *client, struct bytes text)
{
    size_t n;
    require(SSL_write_ex(client->ssl, text.data, text.len, &n) == 1 && n == text.len);
    flush(client);
}

void tls_client_end(struct tls_client *client)
{
    (void)SSL_shutdown(client->ssl);
    flush(client);
}

void tls_client_finish(struct tls_client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    builder_finish(&client->got);
    builder_finish(&client->waiting);
}

const char *tls_client_peer_host(const struct tls_client *client)
{
    static char host[256];
    X509 *certificate = SSL_get0_peer_certificate(client->ssl);
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    host[0] = '\0';
    if (name)
        (void)X509_NAME_get_text_by_NID(name, NID_commonName, host, sizeof host);
    return host;
}
