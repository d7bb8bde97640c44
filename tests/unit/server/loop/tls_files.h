/* Certificates and keys of a test's own, made on the spot and gone with its directory. */
#ifndef TESTS_TLS_FILES_H
#define TESTS_TLS_FILES_H

#include "server/loop/tls.h"
#include "tests/unit/temp_dir.h"

struct tls_files {
    char certificate[PATH_MAX], key[PATH_MAX];
    struct loop_tls_pair pair; /* of these two */
};

/* DIR/NAME.pem and DIR/NAME.key: self-signed, P-256, for this host, valid for so many
 * days from now; none: since yesterday, until an hour ago. */
void tls_files_make(struct tls_files *files, const struct temp_dir *dir,
                    const char *name, const char *host, int days);

#endif
