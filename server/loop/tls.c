#include "server/loop/tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/require.h"
#include "server/loop/tls_inside.h"

/* Of TLS 1.3, and of 1.2 what has forward secrecy. 128 bits are enough for what is shown
 * to everybody, and cost less; the old block ciphers are for old boxes. */
static const char SUITES[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
static const char CIPHERS[] = "ECDHE-ECDSA-AES128-GCM-SHA256:"
                              "ECDHE-RSA-AES128-GCM-SHA256:"
                              "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES";

/* A key with a password would make OpenSSL ask at the terminal. */
static int give_no_password(char *out, int size, int is_writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)is_writing;
    (void)ctx;
    return 0;
}

static SSL_CTX *create_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    require(context);
    require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
    require(SSL_CTX_set_ciphersuites(context, SUITES) == 1);
    require(SSL_CTX_set_cipher_list(context, CIPHERS) == 1);
    /* Many clients close without close_notify. Where a stranger could cut an end short,
     * RTMP and HTTP tell it themselves: it is an end like another. */
    (void)SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_options(
        context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    require(SSL_CTX_set_num_tickets(context, 0) == 1);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
                                        SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* After a message that is not data a read comes back once its buffer is used up, and
     * the other connections have their turn. */
    (void)SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_passwd_cb(context, give_no_password);
    return context;
}

/* OpenSSL's words for a file that is not there are few; the system has better ones. */
static int check_readable(const char *option, const char *path, struct err *err)
{
    if (access(path, R_OK) == 0)
        return 0;
    return err_set(err, ERR_NOT_FOUND, "%s: %.160s: %s", option, path, strerror(errno));
}

static int load_pair(SSL_CTX *context, const struct loop_tls_pair *pair,
                     struct err *err)
{
    int failed = check_readable("tls.certificate", pair->certificate, err);
    if (!failed)
        failed = check_readable("tls.key", pair->key, err);
    if (failed)
        return failed;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, pair->certificate) != 1)
        return err_set(err, ERR_INVALID,
                       "tls.certificate: %.120s is not a certificate in PEM: %.80s",
                       pair->certificate, loop_tls_words());
    int used = SSL_CTX_use_PrivateKey_file(context, pair->key, SSL_FILETYPE_PEM);
    unsigned long why = ERR_peek_error();
    if (used == 1 && SSL_CTX_check_private_key(context) == 1)
        return 0;
    if (used == 1 || (ERR_GET_LIB(why) == ERR_LIB_X509 &&
                      (ERR_GET_REASON(why) == X509_R_KEY_VALUES_MISMATCH ||
                       ERR_GET_REASON(why) == X509_R_KEY_TYPE_MISMATCH)))
        return err_set(err, ERR_INVALID, "tls.key: %.100s is not the key of %.100s",
                       pair->key, pair->certificate);
    return err_set(err, ERR_INVALID,
                   "tls.key: %.120s is not a private key in PEM without a password: "
                   "%.60s",
                   pair->key, loop_tls_words());
}

/* The first host name, or what stands for one; host names in certificates are letters. */
static void read_name(X509 *certificate, char *out, size_t size)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    (void)snprintf(out, size, "no host name");
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        (void)snprintf(out, size, "%.*s", ASN1_STRING_length(name->d.dNSName),
                       (const char *)ASN1_STRING_get0_data(name->d.dNSName));
        break;
    }
    GENERAL_NAMES_free(names);
    for (char *c = out; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static void describe(struct loop_tls_entry *entry, const struct loop_tls_pair *pair)
{
    X509 *certificate = SSL_CTX_get0_certificate(entry->context);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    char name[80], until[80] = "?";
    struct tm at;
    read_name(certificate, name, sizeof name);
    if (ASN1_TIME_to_tm(end, &at) == 1)
        (void)snprintf(until, sizeof until, "%04d-%02d-%02d %02d:%02d UTC",
                       at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour,
                       at.tm_min);
    entry->expired = X509_cmp_current_time(end) < 0;
    (void)snprintf(entry->text, sizeof entry->text, "%.120s: %.60s, until %.40s",
                   pair->certificate, name, until);
}

static bool is_for(const struct loop_tls_entry *entry, const char *host)
{
    X509 *certificate = SSL_CTX_get0_certificate(entry->context);
    return X509_check_host(certificate, host, 0, 0, NULL) == 1;
}

static int choose(SSL *ssl, int *alert, void *ctx)
{
    const struct loop_tls *tls = ctx;
    const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    (void)alert;
    for (unsigned i = 0; host && i < tls->n; i++) {
        if (!is_for(&tls->entries[i], host))
            continue;
        (void)SSL_set_SSL_CTX(ssl, tls->entries[i].context);
        break;
    }
    return SSL_TLSEXT_ERR_OK;
}

int loop_tls_load(const struct loop_tls_pair *pairs, unsigned n,
                  struct loop_tls **ret_tls, struct err *err)
{
    if (n == 0 || n > LOOP_TLS_PAIRS_MAX)
        return err_set(err, ERR_LIMIT,
                       "tls.certificate: there must be 1 to %d certificates",
                       LOOP_TLS_PAIRS_MAX);
    struct loop_tls *tls = alloc_zero(sizeof *tls);
    refs_init(&tls->refs);
    int failed = 0;
    for (unsigned i = 0; i < n && !failed; i++) {
        struct loop_tls_entry *entry = &tls->entries[tls->n++];
        entry->context = create_context();
        failed = load_pair(entry->context, &pairs[i], err);
        if (!failed)
            describe(entry, &pairs[i]);
    }
    ERR_clear_error();
    if (failed) {
        loop_tls_unref(tls);
        return failed;
    }
    (void)SSL_CTX_set_tlsext_servername_callback(tls->entries[0].context, choose);
    (void)SSL_CTX_set_tlsext_servername_arg(tls->entries[0].context, tls);
    *ret_tls = tls;
    return 0;
}

struct loop_tls *loop_tls_ref(struct loop_tls *tls)
{
    refs_add(&tls->refs);
    return tls;
}

void loop_tls_unref(struct loop_tls *tls)
{
    if (!tls || !refs_drop(&tls->refs))
        return;
    for (unsigned i = 0; i < tls->n; i++)
        SSL_CTX_free(tls->entries[i].context);
    alloc_free(tls);
}

unsigned loop_tls_n_pairs(const struct loop_tls *tls)
{
    return tls->n;
}

const char *loop_tls_text(const struct loop_tls *tls, unsigned index)
{
    return tls->entries[index].text;
}

bool loop_tls_is_expired(const struct loop_tls *tls, unsigned index)
{
    return tls->entries[index].expired;
}
