/* OpenSSL's reasons in words that help whoever runs the server or the encoder. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "server/loop/tls_inside.h"

struct reason {
    int code; /* of ERR_LIB_SSL */
    const char *words;
};

static const struct reason known[] = {
    {SSL_R_HTTP_REQUEST, "plain HTTP came where TLS is spoken"},
    {SSL_R_HTTPS_PROXY_REQUEST, "plain HTTP came where TLS is spoken"},
    {SSL_R_WRONG_VERSION_NUMBER, "what came is not TLS"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "the client knows no TLS newer than 1.1"},
    {SSL_R_VERSION_TOO_LOW, "the client knows no TLS newer than 1.1"},
    {SSL_R_NO_SHARED_CIPHER, "the client knows none of our ciphers"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
     "the client knows no signature of our certificate's kind"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the client does not know who issued the "
                                   "certificate (are its issuers in the file?)"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the client does not take the certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the client does not take the certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
     "the client does not take certificates of this kind"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
     "the client says the certificate is revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "the client says the certificate has run out"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "the client has closed"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a TLS record was damaged on the way"},
    {SSL_R_BAD_RECORD_TYPE, "what came is not TLS"},
};

static const char *find(unsigned long why)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ERR_GET_LIB(why) == ERR_LIB_SSL && ERR_GET_REASON(why) == known[i].code)
            return known[i].words;
    return NULL;
}

/* Several may be queued, the deepest first: one that we know says more. */
const char *loop_tls_words(void)
{
    unsigned long first = ERR_peek_error();
    const char *words = NULL;
    for (unsigned long why; !words && (why = ERR_get_error());)
        words = find(why);
    if (!words && first)
        words = ERR_reason_error_string(first);
    return words ? words : "TLS failed";
}
