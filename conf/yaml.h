/* The file's text: YAML 1.1 as libyaml reads it, of which a tree of keys and plain values
 * is taken; no anchors, aliases, tags or further documents. A path may be written nested
 * or with dots.
 *
 * Limits: CONF_TEXT_MAX; depth is that of the table, deeper text is skipped. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include "core/bytes.h"

struct conf_reading;

enum { CONF_TEXT_MAX = 1 << 20 }; /* bytes; people write a few hundred */

void conf_yaml_read(struct conf_reading *reading, struct bytes text);

#endif
