/* Bytes looked at, not owned: a pointer and a length, passed by value. They are valid
 * as long as whatever owns them. C strings exist at the edges only. */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data; /* may be NULL when len is 0 */
    size_t len;
};

/* For printf("%.*s", BYTES_FMT(b)): the caller knows that b is short text. */
#define BYTES_FMT(b) ((int)(b).len), ((const char *)(b).data)

struct bytes bytes_make(const void *data, size_t len);
struct bytes bytes_text(const char *text); /* without its NUL; NULL gives no bytes */
bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_equal_text(struct bytes a, const char *text);
bool bytes_equal_nocase(struct bytes a, struct bytes b); /* ASCII letters */
/* Equal length and content, in a time that depends on the lengths only. */
bool bytes_equal_secret(struct bytes a, struct bytes b);
bool bytes_has_prefix(struct bytes a, const char *prefix);
int bytes_compare(struct bytes a, struct bytes b); /* as memcmp, shorter first */
struct bytes bytes_from(struct bytes a,
                        size_t start); /* from start on; start is clamped */
struct bytes bytes_first(struct bytes a, size_t len); /* len is clamped */
/* Index of the first c at or after from, or a.len. */
size_t bytes_index(struct bytes a, size_t from, uint8_t c);
/* Cuts the text before the first separator off *rest; without one, takes all of it.
 * False when *rest is used up (data NULL). */
bool bytes_cut(struct bytes *rest, uint8_t separator, struct bytes *ret_head);
struct bytes bytes_trim(struct bytes a); /* without spaces and tabs at both ends */
/* Whole text is well-formed UTF-8 (RFC 3629), NUL not allowed. */
bool bytes_is_utf8(struct bytes a);
/* NUL-terminated copy, freed with alloc_free(). */
char *bytes_to_text(struct bytes a);

#endif
