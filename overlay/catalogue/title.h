/* Titles are written by strangers and shown to everybody. They are text, never markup;
 * here they lose what no title needs and what can lie about its own direction. */
#ifndef CATALOGUE_TITLE_H
#define CATALOGUE_TITLE_H

#include "core/bytes.h"

/* Code point at the start of well-formed UTF-8 that is not empty; its length. */
uint32_t catalogue_title_code_point(struct bytes text, size_t *ret_len);
/* C0, DEL and C1 (controls), and the bidi overrides, embeddings and isolates
 * (U+202A to U+202E, U+2066 to U+2069). */
bool catalogue_title_is_forbidden(uint32_t code_point);

/* A copy without them; a tab or a line break becomes a space, spaces at both ends go.
 * text is well-formed UTF-8. Freed with alloc_free(). */
char *catalogue_title_clean(struct bytes text);
size_t catalogue_title_count(const char *title); /* code points */

#endif
