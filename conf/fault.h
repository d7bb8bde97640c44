/* Adding faults to the list, with the place they are at. */
#ifndef CONF_FAULT_H
#define CONF_FAULT_H

#include "core/bytes.h"

struct conf_faults;

enum { CONF_VARIABLE_MAX = 56 }; /* bytes of a variable's name, with the NUL */

/* Where a value was read: in the file's text, or in an environment variable. */
struct conf_place {
    unsigned line, column;            /* from 1; 0: not in the text */
    char variable[CONF_VARIABLE_MAX]; /* the text of a fault begins with it; or empty */
};

/* More than CONF_FAULTS_MAX are dropped. */
void conf_fault_add(struct conf_faults *faults, struct conf_place place,
                    const char *format, ...) __attribute__((format(printf, 3, 4)));

enum { CONF_QUOTE_MAX = 64 };
/* Someone's text, made fit for a fault: control characters become '?', what is long is
 * cut. Returns out. */
const char *conf_fault_quote(struct bytes text, char out[CONF_QUOTE_MAX]);

#endif
