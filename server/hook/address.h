/* The receiver's URL as it may be told. Pure. */
#ifndef HOOK_ADDRESS_H
#define HOOK_ADDRESS_H

/* Without user, password and query, which may be secrets; freed with alloc_free(). */
char *hook_address_mask(const char *url);

#endif
