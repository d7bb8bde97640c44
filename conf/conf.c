#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/environment.h"
#include "conf/size.h"
#include "conf/value.h"
#include "conf/yaml.h"
#include "core/alloc.h"
#include "core/builder.h"

enum { WINDOW_SEGMENTS_MIN = 6 }; /* RFC 8216bis: players stay some segments behind */

static void set_defaults(struct conf_reading *reading)
{
    for (size_t i = 0; i < CONF_OPTIONS_N; i++)
        conf_value_set(reading, &conf_options[i], bytes_text(conf_options[i].preset),
                       (struct conf_place){0});
}

static size_t index_of(const char *path)
{
    return (size_t)(conf_options_find(bytes_text(path)) - conf_options);
}

static bool is_set(const struct conf_place *place)
{
    return place->line > 0 || place->variable[0];
}

/* Said at hls.window when someone has set it, else at hls.segment. */
static void check_window(struct conf_reading *reading)
{
    const struct conf *conf = reading->conf;
    size_t window = index_of("hls.window"), segment = index_of("hls.segment");
    uint32_t least_ms = WINDOW_SEGMENTS_MIN * conf->hls_segment_ms;
    if (reading->failed[window] || reading->failed[segment] ||
        conf->hls_window_ms >= least_ms)
        return;
    char is[CONF_MS_MAX], parts[CONF_MS_MAX], least[CONF_MS_MAX];
    conf_fault_add(
        reading->faults,
        reading->places[is_set(&reading->places[window]) ? window : segment],
        "hls.window (%s) must hold at least %d segments (hls.segment is %s): "
        "set it to %s or more",
        conf_value_print_ms(conf->hls_window_ms, is), (int)WINDOW_SEGMENTS_MIN,
        conf_value_print_ms(conf->hls_segment_ms, parts),
        conf_value_print_ms(least_ms, least));
}

/* A media message is unfinished until its last byte has come. */
static void check_partial_messages(struct conf_reading *reading)
{
    const struct conf *conf = reading->conf;
    size_t partial = index_of("rtmp.partial_messages"),
           media = index_of("rtmp.media_message");
    if (reading->failed[partial] || reading->failed[media] ||
        conf->rtmp_partial_messages >= conf->rtmp_media_message)
        return;
    char is[CONF_SIZE_TEXT_MAX], least[CONF_SIZE_TEXT_MAX];
    conf_fault_add(reading->faults,
                   reading->places[is_set(&reading->places[partial]) ? partial : media],
                   "rtmp.partial_messages (%s) must hold at least one message of "
                   "rtmp.media_message: set it to %s or more",
                   conf_size_print(conf->rtmp_partial_messages, is),
                   conf_size_print(conf->rtmp_media_message, least));
}

bool conf_next_name(struct bytes *names, struct bytes *ret_name)
{
    struct bytes name = {0};
    while (name.len == 0 && bytes_cut(names, ',', &name))
        name = bytes_trim(name);
    *ret_name = name;
    return name.len > 0;
}

static unsigned count_names(const char *list)
{
    unsigned n = 0;
    struct bytes names = bytes_text(list), name;
    while (conf_next_name(&names, &name))
        n++;
    return n;
}

/* What the files hold is looked at by whoever uses them. */
static void check_tls(struct conf_reading *reading)
{
    const struct conf *conf = reading->conf;
    size_t listen = index_of("rtmps.listen"), key = index_of("tls.key"),
           certificate = index_of("tls.certificate");
    if (reading->failed[listen] || reading->failed[certificate] || reading->failed[key])
        return;
    unsigned n_certificates = count_names(conf->tls_certificate);
    unsigned n_keys = count_names(conf->tls_key);
    if (n_certificates != n_keys)
        conf_fault_add(reading->faults,
                       reading->places[n_keys > n_certificates ? key : certificate],
                       "tls.certificate names %u files and tls.key %u: each "
                       "certificate needs its key",
                       n_certificates, n_keys);
    else if (*conf->rtmps_listen && n_keys == 0)
        conf_fault_add(reading->faults, reading->places[listen],
                       "rtmps.listen needs a certificate: set tls.certificate and "
                       "tls.key");
}

/* The length of the base64 behind whsec_: whole groups of four letters. */
static void check_hooks(struct conf_reading *reading)
{
    const struct conf *conf = reading->conf;
    size_t secret = index_of("hooks.secret");
    if (reading->failed[secret])
        return;
    struct bytes text = bytes_text(conf->hooks_secret);
    if (bytes_has_prefix(text, "whsec_") && (text.len < 10 || (text.len - 6) % 4 != 0))
        conf_fault_add(reading->faults, reading->places[secret],
                       "hooks.secret: base64 must stand behind whsec_, in groups of "
                       "four letters");
}

static struct conf *read_all(struct bytes text, char *const *environ_,
                             struct conf_faults *faults)
{
    struct conf_reading reading = {.conf = alloc_zero(sizeof *reading.conf),
                                   .faults = faults};
    set_defaults(&reading);
    conf_yaml_read(&reading, text);
    conf_environment_read(&reading, environ_);
    check_window(&reading);
    check_partial_messages(&reading);
    check_tls(&reading);
    check_hooks(&reading);
    if (faults->n == 0)
        return reading.conf;
    conf_destroy(reading.conf);
    return NULL;
}

/* All of the file, at most one byte more than is taken. */
static bool read_file(int fd, struct builder *out)
{
    uint8_t part[4096];
    while (builder_bytes(out).len <= CONF_TEXT_MAX) {
        ssize_t n = read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        builder_put(out, bytes_make(part, (size_t)n));
    }
    return true;
}

struct conf *conf_load(const char *path, char *const *environ_,
                       struct conf_faults *ret_faults)
{
    ret_faults->n = 0;
    if (!path)
        return read_all(bytes_text(""), environ_, ret_faults);
    struct builder text;
    builder_init(&text, CONF_TEXT_MAX + 4096);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && read_file(fd, &text);
    int why = errno;
    if (fd >= 0)
        close(fd);
    struct conf *conf = NULL;
    if (done)
        conf = read_all(builder_bytes(&text), environ_, ret_faults);
    else
        conf_fault_add(ret_faults, (struct conf_place){0}, "%s: cannot be read: %s",
                       path, strerror(why));
    builder_finish(&text);
    return conf;
}

struct conf *conf_parse(const char *text, size_t len, char *const *environ_,
                        struct conf_faults *ret_faults)
{
    ret_faults->n = 0;
    return read_all(bytes_make(text, len), environ_, ret_faults);
}

static void forget(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    alloc_free(secret);
}

void conf_destroy(struct conf *conf)
{
    if (!conf)
        return;
    alloc_free(conf->data_dir);
    alloc_free(conf->rtmp_listen);
    alloc_free(conf->rtmps_listen);
    alloc_free(conf->tls_certificate);
    alloc_free(conf->tls_key);
    alloc_free(conf->http_listen);
    alloc_free(conf->admin_listen);
    alloc_free(conf->public_host);
    forget(conf->api_token);
    forget(conf->hooks_url);
    forget(conf->hooks_secret);
    alloc_free(conf);
}
