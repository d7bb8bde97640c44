/* Names of the fields of a product, and help for those who mistype one. */
#ifndef CATALOGUE_FIELD_H
#define CATALOGUE_FIELD_H

#include "core/err.h"

/* 0 for a known name; else -ERR_INVALID, and the words say which was probably meant. */
int catalogue_field_check(const char *name, struct err *err);

#endif
