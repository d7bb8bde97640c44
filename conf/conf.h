/* The configuration: one declarative table of options (conf/options.c) gives types, units,
 * ranges, defaults and help; YAML (libyaml lives here) and the environment fill it.
 *
 * Every option is a path in YAML ("http.listen") and an environment variable
 * (VITRINE_HTTP_LISTEN), which wins. A secret may also stand in a file of its own, named
 * by the variable with _FILE behind it. Unknown keys are faults, with "did you mean".
 *
 * Ownership: load/destroy. Immutable once loaded; a reload loads another one.
 * Errors:    all faults are told, not the first only; none shows a secret. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

struct builder;

struct conf {
    char *data_dir;
    unsigned workers; /* 0: as many as there are cores */
    char *rtmp_listen, *http_listen, *admin_listen;
    char *rtmps_listen;              /* empty: off */
    int rtmp_proxy;                  /* rtmp.proxy_protocol; 0: off, 1: on */
    char *tls_certificate, *tls_key; /* names of files, comma between them, or empty */
    char *api_token;                 /* secret; empty: made and kept in data_dir */
    char *public_host; /* http.public_host: host name in printed and returned URLs;
                              empty: taken from the request or the machine */
    unsigned http_per_address; /* http.connections_per_address */
    unsigned rtmp_per_address; /* rtmp.connections_per_address; 0: any number */
    unsigned rtmp_failed_keys; /* rtmp.failed_keys_per_minute; 0: any number */
    uint32_t rtmp_idle_ms;
    uint32_t rtmp_media_message, rtmp_command_message,
        rtmp_partial_messages; /* bytes */
    unsigned rtmp_chunk_streams;
    uint32_t rtmp_before_publish; /* bytes */
    uint32_t rtmp_handshake_ms, rtmp_publish_ms, rtmp_first_media_ms;
    uint32_t show_linger_ms; /* 0: a show ends with its publisher */
    uint32_t hls_part_ms, hls_segment_ms, hls_window_ms;
    char *hooks_url;    /* secret; empty: no hooks */
    int hooks_mode;     /* enum hook_mode */
    char *hooks_secret; /* empty: nothing is signed */
    uint32_t hooks_timeout_ms;
    int hooks_on_error; /* 0: allow, 1: refuse */
    int log_level;      /* enum log_level */
    int log_format;     /* enum log_format */
};

enum { CONF_FAULTS_MAX = 100 }; /* reported at most; a file is at most 1 MiB */

struct conf_fault {
    unsigned line, column; /* from 1; 0: not from the file's text (environment) */
    char text[256];        /* unknown key "htps" (did you mean "https"?) */
};

struct conf_faults {
    size_t n;
    struct conf_fault list[CONF_FAULTS_MAX];
};

/* path NULL: defaults and environment only. environ_: NULL-terminated NAME=value list.
 * Returns NULL when there are faults; all of them are in ret_faults. Unknown VITRINE_*
 * names in the environment are faults too. */
struct conf *conf_load(const char *path, char *const *environ_,
                       struct conf_faults *ret_faults);
/* The same from text, for tests and the fuzzer. */
struct conf *conf_parse(const char *text, size_t len, char *const *environ_,
                        struct conf_faults *ret_faults);
void conf_destroy(struct conf *conf); /* NULL: nothing */

/* The next name of a list with commas, without the spaces around it; names moves on.
 * False when there is none. */
bool conf_next_name(struct bytes *names, struct bytes *ret_name);

/* docs/conf.md, whole. */
void conf_print_docs(struct builder *out);
/* One line a fault, "path:line:column: text", as `vitrine check` shows them. path as it
 * was given to conf_load(). */
void conf_print_faults(const struct conf_faults *faults, const char *path,
                       struct builder *out);

#endif
