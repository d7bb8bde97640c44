/* The receiver's URL as it may be told. Pure. */
#ifndef HOOK_ADDRESS_H
#define HOOK_ADDRESS_H

/* Scheme, host and port: user, password, path and query may be secrets. alloc_free(). */
char *hook_address_mask(const char *url);

#endif
