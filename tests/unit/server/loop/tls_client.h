/* OpenSSL's client on a plain connection of the same loop: it tells what came over the
 * line, and can send a byte at a time or break off anywhere. */
#ifndef TESTS_TLS_CLIENT_H
#define TESTS_TLS_CLIENT_H

#include <openssl/ssl.h>

#include "core/builder.h"
#include "server/loop/loop.h"

struct tls_client_options {
    const char *host; /* asked for; NULL: none */
    int max_version;  /* TLS1_2_VERSION; 0: the newest */
    bool bytewise;    /* what it sends goes a byte a turn */
    size_t cut_after; /* closes when so many bytes have been sent; 0: never */
};

struct tls_client {
    struct tls_client_options options;
    struct loop *loop;
    struct loop_tcp *tcp; /* NULL: closed */
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    struct builder got;       /* in the clear */
    unsigned n_data_records;  /* that came: with application data */
    unsigned n_after_records; /* that came after the handshake: any other */
    bool shaken;              /* hands are */
    bool ended;               /* close_notify has come */
    bool failed;              /* the handshake, or later */
    bool closed;
    size_t n_sent;
    struct loop_message drip;
    bool dripping;
    struct builder waiting; /* to be sent, bytewise; from n_dripped on */
    size_t n_dripped;
    void (*changed)(void *ctx); /* anything of the above, from the loop */
    void *ctx;
};

/* Takes the socket. changed and ctx may be set before and after. */
void tls_client_begin(struct tls_client *client, struct loop *loop, int fd,
                      const struct tls_client_options *options);
void tls_client_write(struct tls_client *client, struct bytes text);
void tls_client_send_raw(struct tls_client *client, struct bytes bytes);
void tls_client_pump(struct tls_client *client);   /* after a call of OpenSSL's */
void tls_client_end(struct tls_client *client);    /* close_notify */
void tls_client_finish(struct tls_client *client); /* when the loop has ended */
/* The host of the certificate that was shown. */
const char *tls_client_peer_host(const struct tls_client *client);

#endif
