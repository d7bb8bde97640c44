#include "server/certificates.h"

#include "conf/conf.h"
#include "core/alloc.h"
#include "core/bytes.h"
#include "core/err.h"
#include "core/log.h"
#include "server/loop/tls.h"

/* The names of a list as texts of their own; at most max + 1 are counted. */
static unsigned split(const char *list, char *out[LOOP_TLS_PAIRS_MAX])
{
    unsigned n = 0;
    struct bytes names = bytes_text(list), name;
    while (n <= LOOP_TLS_PAIRS_MAX && conf_next_name(&names, &name)) {
        if (n < LOOP_TLS_PAIRS_MAX)
            out[n] = bytes_to_text(name);
        n++;
    }
    return n;
}

static void free_texts(char *texts[LOOP_TLS_PAIRS_MAX])
{
    for (unsigned i = 0; i < LOOP_TLS_PAIRS_MAX; i++)
        alloc_free(texts[i]);
}

int server_certificates_load(const struct conf *conf, struct loop_tls **ret_tls,
                             struct err *err)
{
    char *certificates[LOOP_TLS_PAIRS_MAX] = {0}, *keys[LOOP_TLS_PAIRS_MAX] = {0};
    struct loop_tls_pair pairs[LOOP_TLS_PAIRS_MAX];
    int failed = 0;
    *ret_tls = NULL;
    if (!conf->tls_certificate || !conf->tls_key)
        return 0;
    unsigned n = split(conf->tls_certificate, certificates);
    unsigned n_keys = split(conf->tls_key, keys);
    for (unsigned i = 0; i < n && i < LOOP_TLS_PAIRS_MAX; i++)
        pairs[i] = (struct loop_tls_pair){certificates[i], keys[i]};
    if (n != n_keys)
        failed = err_set(err, ERR_INVALID, "each of tls.certificate needs its tls.key");
    else if (n > 0)
        failed = loop_tls_load(pairs, n, ret_tls, err);
    free_texts(certificates);
    free_texts(keys);
    return failed;
}

void server_certificates_log(const struct loop_tls *tls)
{
    for (unsigned i = 0; i < loop_tls_n_pairs(tls); i++) {
        if (loop_tls_is_expired(tls, i))
            log_warn(NULL, "certificate has run out: %s", loop_tls_text(tls, i));
        else
            log_info(NULL, "certificate %s", loop_tls_text(tls, i));
    }
}
