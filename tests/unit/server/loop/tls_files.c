#include "tests/unit/server/loop/tls_files.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/require.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static void set_names(X509 *certificate, const char *host)
{
    char san[300];
    X509_NAME *name = X509_get_subject_name(certificate);
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                       (const unsigned char *)host, -1, -1, 0) == 1);
    require(X509_set_issuer_name(certificate, name) == 1);
    (void)snprintf(san, sizeof san, "DNS:%s", host);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
    require(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key, const char *host, int days)
{
    X509 *certificate = X509_new();
    require(certificate && X509_set_version(certificate, X509_VERSION_3) == 1);
    require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
    require(X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S));
    require(X509_gmtime_adj(X509_getm_notAfter(certificate),
                            days > 0 ? days * DAY_S : -HOUR_S));
    require(X509_set_pubkey(certificate, key) == 1);
    set_names(certificate, host);
    require(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

void tls_files_make(struct tls_files *files, const struct temp_dir *dir,
                    const char *name, const char *host, int days)
{
    (void)snprintf(files->certificate, sizeof files->certificate, "%s/%s.pem",
                   dir->path, name);
    (void)snprintf(files->key, sizeof files->key, "%s/%s.key", dir->path, name);
    files->pair = (struct loop_tls_pair){files->certificate, files->key};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    require(key);
    X509 *certificate = make_certificate(key, host, days);
    FILE *out = fopen(files->certificate, "we");
    require(out && PEM_write_X509(out, certificate) == 1 && fclose(out) == 0);
    out = fopen(files->key, "we");
    require(out && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
            fclose(out) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}
