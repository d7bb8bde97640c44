/* One option's value: from text into struct conf, checked against the table. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/fault.h"
#include "conf/options.h"

struct conf;

/* A configuration being read. */
struct conf_reading {
    struct conf *conf;
    struct conf_faults *faults;
    /* By index of conf_options: where the value that holds came from; zeros: nowhere, it
     * is the default. */
    struct conf_place places[CONF_OPTIONS_N];
    bool
        failed[CONF_OPTIONS_N]; /* a value was refused: the one in conf means nothing */
};

/* What the option's value must be, for people: "a duration from 200ms to 1s". Returns
 * out. */
enum { CONF_TAKES_MAX = 96 };
const char *conf_value_takes(const struct conf_option *option,
                             char out[CONF_TAKES_MAX]);

/* 1500 as "1500ms", 2000 as "2s". Returns out. */
enum { CONF_MS_MAX = 24 };
const char *conf_value_print_ms(uint32_t ms, char out[CONF_MS_MAX]);

/* Replaces the value; one that is not fit is a fault, and the value stays. */
void conf_value_set(struct conf_reading *reading, const struct conf_option *option,
                    struct bytes text, struct conf_place place);

#endif
