#include "conf/environment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"
#include "core/require.h"

static const char prefix[] = "VITRINE_";
static const char file_suffix[] = "_FILE";

enum { SECRET_MAX = 4096 }; /* bytes of a secret's file */

const char *conf_environment_name(const struct conf_option *option,
                                  char out[CONF_VARIABLE_MAX])
{
    size_t n = sizeof prefix - 1;
    memcpy(out, prefix, n);
    for (const char *c = option->path; *c; c++) {
        require(n < CONF_VARIABLE_MAX - sizeof file_suffix);
        out[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : '_';
    }
    out[n] = '\0';
    return out;
}

/* Kubernetes and Docker set variables of these names for a service that is called
 * vitrine; they are not meant for us. */
static bool is_of_the_platform(struct bytes name)
{
    return bytes_has_prefix(name, "VITRINE_SERVICE_") ||
           bytes_has_prefix(name, "VITRINE_PORT_") ||
           bytes_equal_text(name, "VITRINE_PORT");
}

/* The option that a variable names; *ret_in_file: by its file. */
static const struct conf_option *find(struct bytes name, bool *ret_in_file)
{
    for (size_t i = 0; i < CONF_OPTIONS_N; i++) {
        char own[CONF_VARIABLE_MAX];
        if (!bytes_has_prefix(name, conf_environment_name(&conf_options[i], own)))
            continue;
        struct bytes rest = bytes_from(name, strlen(own));
        *ret_in_file = rest.len > 0;
        if (rest.len == 0 ||
            (conf_options[i].secret && bytes_equal_text(rest, file_suffix)))
            return &conf_options[i];
    }
    return NULL;
}

static void add_unknown(struct conf_reading *reading, struct bytes name)
{
    char quote[CONF_QUOTE_MAX], path[CONF_PATH_MAX], near[CONF_PATH_MAX],
        variable[CONF_VARIABLE_MAX];
    struct bytes rest = bytes_from(name, sizeof prefix - 1);
    struct conf_place nowhere = {0};
    const struct conf_option *meant = NULL;
    conf_fault_quote(name, quote);
    if (rest.len < sizeof path) {
        for (size_t i = 0; i < rest.len; i++)
            path[i] = rest.data[i] == '_' ? '.' : (char)rest.data[i];
        if (conf_options_suggest(bytes_make(NULL, 0), bytes_make(path, rest.len), near))
            meant = conf_options_find(bytes_text(near));
    }
    if (meant)
        conf_fault_add(reading->faults, nowhere,
                       "unknown variable %s (did you mean %s?)", quote,
                       conf_environment_name(meant, variable));
    else
        conf_fault_add(reading->faults, nowhere, "unknown variable %s", quote);
}

/* The file's first line; what else is in it is not looked at. */
static void set_from_file(struct conf_reading *reading,
                          const struct conf_option *option, const char *path,
                          struct conf_place place)
{
    char content[SECRET_MAX];
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(content, 1, sizeof content, file) : 0;
    bool failed = !file || ferror(file);
    int why = errno;
    if (file)
        (void)fclose(file);
    struct bytes line = bytes_make(content, len);
    line = bytes_trim(bytes_first(line, bytes_index(line, 0, '\n')));
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    if (failed)
        conf_fault_add(reading->faults, place, "cannot be read: %s", strerror(why));
    else if (line.len == 0)
        conf_fault_add(reading->faults, place, "the file's first line is empty");
    else
        conf_value_set(reading, option, line, place);
    explicit_bzero(content, sizeof content);
}

static void read_variable(struct conf_reading *reading, struct bytes name,
                          const char *value)
{
    bool in_file;
    struct conf_place place = {0};
    const struct conf_option *option = find(name, &in_file);
    if (!option) {
        if (!is_of_the_platform(name))
            add_unknown(reading, name);
        return;
    }
    require(name.len < sizeof place.variable);
    memcpy(place.variable, name.data, name.len);
    if (reading->places[option - conf_options].variable[0])
        conf_fault_add(reading->faults, place, "is set already, by %s",
                       reading->places[option - conf_options].variable);
    else if (in_file)
        set_from_file(reading, option, value, place);
    else
        conf_value_set(reading, option, bytes_text(value), place);
}

void conf_environment_read(struct conf_reading *reading, char *const *environ_)
{
    for (size_t i = 0; environ_ && environ_[i]; i++) {
        struct bytes whole = bytes_text(environ_[i]);
        struct bytes name = bytes_first(whole, bytes_index(whole, 0, '='));
        if (name.len < whole.len && bytes_has_prefix(name, prefix))
            read_variable(reading, name, environ_[i] + name.len + 1);
    }
}
