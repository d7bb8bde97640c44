/* Options from the environment: VITRINE_HTTP_LISTEN for http.listen. */
#ifndef CONF_ENVIRONMENT_H
#define CONF_ENVIRONMENT_H

#include "conf/fault.h"
#include "conf/options.h"

struct conf_reading;

/* "VITRINE_HTTP_LISTEN". Returns out. */
const char *conf_environment_name(const struct conf_option *option,
                                  char out[CONF_VARIABLE_MAX]);

/* environ_: NULL-terminated NAME=value list, which must outlive the reading; NULL: none.
 * A secret may be given by VITRINE_X_FILE, the name of a file whose first line it is. */
void conf_environment_read(struct conf_reading *reading, char *const *environ_);

#endif
