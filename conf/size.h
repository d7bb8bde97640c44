/* Sizes of memory as people write them: "64KiB", "8MiB", "512B". */
#ifndef CONF_SIZE_H
#define CONF_SIZE_H

#include "core/bytes.h"

/* A whole number and its unit, without a space; false for anything else, a number without
 * a unit included. */
bool conf_size_parse(struct bytes text, uint64_t *ret_size);

/* In the largest unit in which it is whole. Returns out. */
enum { CONF_SIZE_TEXT_MAX = 24 };
const char *conf_size_print(uint32_t size, char out[CONF_SIZE_TEXT_MAX]);

#endif
