#include <string.h>

#include "conf/conf.h"
#include "conf/environment.h"
#include "conf/value.h"
#include "core/builder.h"

static const char intro[] =
    "# Configuration\n"
    "\n"
    "Vitrine runs without a configuration file, on the defaults below. "
    "`vitrine serve -c FILE`\n"
    "reads one; `vitrine check -c FILE` tells every fault in it, as "
    "`file:line:column: message`,\n"
    "without starting anything. Unknown keys are faults.\n"
    "\n"
    "The file is YAML. A path with dots is nested in it:\n"
    "\n"
    "```yaml\n"
    "http:\n"
    "  listen: 0.0.0.0:8080\n"
    "```\n"
    "\n"
    "`http.listen: 0.0.0.0:8080` in one line means the same. Durations carry their "
    "unit: "
    "`334ms`,\n"
    "`2s`; so do sizes: `64KiB`, `8MiB`. Anchors, aliases and tags are not taken, and "
    "a\n"
    "key may stand once.\n"
    "\n"
    "Every option is also an environment variable, which wins over the file. A secret "
    "may stand\n"
    "in a file of its own: `VITRINE_API_TOKEN_FILE` names one whose first line is the "
    "token.\n"
    "\n"
    "SIGHUP reads the file again and applies the options marked *reloadable*; the "
    "others need a\n"
    "restart, or a hand-over (`docs/OPERATING.md`). `conf/examples` has a file to "
    "start "
    "from\n"
    "and one with everything in it, and units for systemd.\n";

static void print_option(const struct conf_option *option, struct builder *out)
{
    char variable[CONF_VARIABLE_MAX], takes[CONF_TAKES_MAX];
    builder_printf(out, "\n## %s\n\n%s\n\n", option->path, option->help);
    builder_printf(out, "- takes: %s\n", conf_value_takes(option, takes));
    if (option->preset[0])
        builder_printf(out, "- default: `%s`\n", option->preset);
    else
        builder_text(out, "- default: empty\n");
    builder_printf(out, "- variable: `%s`", conf_environment_name(option, variable));
    if (option->secret)
        builder_printf(out, ", or `%s_FILE`", variable);
    builder_text(out, "\n");
    if (option->reloadable)
        builder_text(out, "- reloadable\n");
    if (option->secret)
        builder_text(out, "- secret: never printed or logged\n");
}

void conf_print_docs(struct builder *out)
{
    builder_text(out, intro);
    for (size_t i = 0; i < CONF_OPTIONS_N; i++)
        print_option(&conf_options[i], out);
}

void conf_print_faults(const struct conf_faults *faults, const char *path,
                       struct builder *out)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct conf_fault *fault = &faults->list[i];
        if (fault->line > 0)
            builder_printf(out, "%s:%u:%u: ", path ? path : "-", fault->line,
                           fault->column);
        builder_printf(out, "%s\n", fault->text);
    }
    if (faults->n == CONF_FAULTS_MAX)
        builder_text(out, "there may be more\n");
}
