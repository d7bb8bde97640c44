/* What the TLS files share. Not for other rooms; OpenSSL's structs are only named. */
#ifndef LOOP_TLS_INSIDE_H
#define LOOP_TLS_INSIDE_H

#include "core/refs.h"
#include "server/loop/tls.h"

struct ssl_ctx_st;

enum { LOOP_TLS_TEXT_MAX = 256 };

struct loop_tls_entry {
    struct ssl_ctx_st *context;
    char text[LOOP_TLS_TEXT_MAX];
    bool expired;
};

struct loop_tls {
    struct refs refs;
    unsigned n;
    struct loop_tls_entry entries[LOOP_TLS_PAIRS_MAX];
};

/* Why the last call of OpenSSL on this thread failed, in plain words; a constant text. */
const char *loop_tls_words(void);

#endif
