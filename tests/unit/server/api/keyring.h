/* Stream keys that the host makes, and encoders that try them.
 *
 * For cmocka: what is not as it should be fails the test. Threads: the test's. */
#ifndef TESTS_UNIT_SERVER_API_KEYRING_H
#define TESTS_UNIT_SERVER_API_KEYRING_H

#include "tests/kit/shop.h"

struct keyring_key {
    char id[16];
    char secret[128];
};

/* By the host's token, as a host without an operations team makes it. */
struct keyring_key keyring_make(struct house *house, const struct shop_show *show,
                                const char *body);
void keyring_delete(struct house *house, const struct shop_show *show, const char *id);
/* The answer to the call has that status and these words. */
void keyring_assert_call(struct house *house, const char *request, const char *body,
                         int status, const char *words);
/* An encoder with that key is told exactly this. */
void keyring_assert_refused(struct house *house, unsigned lane, const char *key,
                            const char *words);
/* It is let in; the encoder is the caller's to close. */
void keyring_open(struct encoder *encoder, struct house *house, unsigned lane,
                  const char *key);
/* As if all publishers had been silent for so long, and the minute after an end was over. */
void keyring_a_minute_later(struct house *house, const char *show);

#endif
