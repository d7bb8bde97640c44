/* The certificates of a TLS listener, and how TLS is spoken with them: version 1.2 or
 * newer, no session tickets and no sessions kept, no renegotiation, and no KeyUpdate of
 * ours. Some publishers stop at every record that is not application data (OBS reads as
 * soon as anything has come, and waits until it is a whole message): so nothing is sent
 * between the handshake and the end but what the owner writes.
 *
 * A client that names a host (SNI) gets the first certificate that is for this host; one
 * that names another or none gets the first of all, since encoders are often given a
 * number and seldom look at the name.
 *
 * Ownership: counted. Immutable: new files are a new object, and whoever has shaken hands
 *   with the old one goes on with it.
 * Threads:   any. The process ignores SIGPIPE. */
#ifndef LOOP_TLS_H
#define LOOP_TLS_H

#include <stdbool.h>

struct err;
struct loop_tls;

enum {
    LOOP_TLS_PAIRS_MAX = 64
}; /* one is enough for most; each is looked at for SNI */

/* Names of files, PEM. */
struct loop_tls_pair {
    const char *certificate; /* and its issuers' */
    const char *key;         /* without a password */
};

/* Blocking: reads the files. ERR_NOT_FOUND, ERR_INVALID; the words name the file. */
int loop_tls_load(const struct loop_tls_pair *pairs, unsigned n,
                  struct loop_tls **ret_tls, struct err *err);
struct loop_tls *loop_tls_ref(struct loop_tls *tls);
void loop_tls_unref(struct loop_tls *tls); /* NULL: nothing */

unsigned loop_tls_n_pairs(const struct loop_tls *tls);
/* "/etc/a.pem: shop.example.com, until 2027-02-01 10:00 UTC". */
const char *loop_tls_text(const struct loop_tls *tls, unsigned index);
/* It had run out when it was loaded. */
bool loop_tls_is_expired(const struct loop_tls *tls, unsigned index);

#endif
