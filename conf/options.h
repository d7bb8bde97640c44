/* The table of options: what there is, of which type, in which range, with which default.
 * Reading, checking and docs/conf.md all come from it. */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include "core/bytes.h"

enum { CONF_OPTIONS_N = 34, CONF_PATH_MAX = 40 /* bytes of a path, with the NUL */ };

enum conf_type {
    CONF_TEXT,     /* char *: UTF-8 without control characters */
    CONF_TOKEN,    /* char *: visible ASCII characters or nothing */
    CONF_HOST,     /* char *: a host's name or number, without a port, or nothing */
    CONF_URL,      /* char *: of http or https, or nothing */
    CONF_ADDRESS,  /* char *: numeric "host:port" */
    CONF_NUMBER,   /* unsigned */
    CONF_DURATION, /* uint32_t, in ms; written with its unit */
    CONF_SIZE,     /* uint32_t, in bytes; written with its unit */
    CONF_CHOICE,   /* int: index in choices */
};

struct conf_option {
    const char *path;
    enum conf_type type;
    size_t offset;            /* in struct conf */
    const char *preset;       /* the default, as it would be written */
    uint32_t min, max;        /* NUMBER; DURATION in ms; SIZE; else length in bytes */
    const char *const *names; /* CHOICE: ended by NULL */
    bool optional;            /* ADDRESS: may be empty, for none */
    bool secret;              /* never shown; may be read from a file of its own */
    bool reloadable;          /* SIGHUP applies it; else it needs a restart */
    const char *help;         /* whole sentences, Markdown */
};

extern const struct conf_option conf_options[CONF_OPTIONS_N];

/* NULL: no such option. */
const struct conf_option *conf_options_find(struct bytes path);
/* Some option's path begins with this one and a dot. */
bool conf_options_has_group(struct bytes path);
/* What a wrong name in a group (no bytes: the top) most likely meant: the rest of the
 * path, or its next word only; false when nothing is near. */
bool conf_options_suggest(struct bytes group, struct bytes wrong,
                          char ret_name[CONF_PATH_MAX]);

#endif
