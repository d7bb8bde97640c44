/* Links of a product: where a viewer's browser is sent, or takes a picture from. Only the
 * web, or an absolute path of the page's own origin; nothing that could be read in two
 * ways by two parsers (RFC 3986, sections 3.1 and 7.6; WHATWG URL for what browsers
 * forgive). */
#ifndef CATALOGUE_LINK_H
#define CATALOGUE_LINK_H

#include "core/bytes.h"

/* NULL when the link is fine, else what is wrong with it, to stand behind its field's
 * name. text is well-formed UTF-8. */
const char *catalogue_link_fault(struct bytes text);

#endif
