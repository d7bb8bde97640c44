#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/builder.h"
#include "core/err.h"
#include "core/log.h"
#include "server/certificates.h"
#include "server/loop/tls.h"
#include "server/run.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, MAIN_TEXT_MAX = 65536 };

static const char USAGE[] =
    "usage: vitrine serve [-c FILE]   take streams in, serve pages and playlists\n"
    "       vitrine check [-c FILE]   tell every fault of a configuration\n"
    "       vitrine --version\n"
    "\n"
    "Without a file it runs on defaults; VITRINE_HTTP_LISTEN and its like override\n"
    "single options (see docs/conf.md).\n";

static int refuse(const char *what, const char *word)
{
    (void)fprintf(stderr, "vitrine: %s%s%s\n\n%s", what, *word ? ": " : "", word,
                  USAGE);
    return EXIT_USAGE;
}

static int print_usage(FILE *to, int exit_code)
{
    (void)fputs(USAGE, to);
    return exit_code;
}

/* Reads the configuration and prints its faults, if any. */
static struct conf *load(const char *path)
{
    struct conf_faults faults = {0};
    struct conf *conf = conf_load(path, environ, &faults);
    if (conf)
        return conf;
    struct builder out;
    builder_init(&out, MAIN_TEXT_MAX);
    conf_print_faults(&faults, path, &out);
    struct bytes text = builder_bytes(&out);
    (void)fwrite(text.data, 1, text.len, stderr);
    builder_finish(&out);
    return NULL;
}

static int check(const char *path)
{
    struct err err;
    struct loop_tls *tls = NULL;
    struct conf *conf = load(path);
    if (!conf)
        return EXIT_USAGE;
    const char *name = path ? path : "defaults and environment";
    int failed = server_certificates_load(conf, &tls, &err);
    if (failed)
        (void)fprintf(stderr, "%s: %s\n", name, err.text);
    else
        (void)printf("%s: no faults\n", name);
    loop_tls_unref(tls);
    conf_destroy(conf);
    return failed ? EXIT_USAGE : EXIT_OK;
}

static int serve(const char *path, char *const *argv)
{
    struct conf *conf = load(path);
    if (!conf)
        return EXIT_USAGE;
    log_setup((enum log_level)conf->log_level, (enum log_format)conf->log_format);
    log_info(NULL, "vitrine " VITRINE_VERSION ", data in %s", conf->data_dir);
    const struct run_call call = {.file = path, .argv = argv};
    int exit_code = server_run(conf, &call) == 0 ? EXIT_OK : EXIT_FAILED;
    conf_destroy(conf);
    return exit_code;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    const char *path = NULL;
    if (strcmp(command, "--version") == 0) {
        (void)puts("vitrine " VITRINE_VERSION);
        return EXIT_OK;
    }
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0)
        return print_usage(stdout, EXIT_OK);
    if (argc < 2)
        return print_usage(stderr, EXIT_USAGE);
    bool is_check = strcmp(command, "check") == 0;
    if (!is_check && strcmp(command, "serve") != 0)
        return refuse("there is no such command", command);
    if (argc > 2 && strcmp(argv[2], "-c") != 0)
        return refuse("not understood", argv[2]);
    if (argc == 3)
        return refuse("-c needs the name of a file", "");
    if (argc > 4)
        return refuse("not understood", argv[4]);
    if (argc == 4)
        path = argv[3];
    return is_check ? check(path) : serve(path, argv);
}
