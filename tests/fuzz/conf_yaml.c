/* Any text is a configuration or a list of faults, each with its place. */
#include <stdlib.h>

#include "conf/conf.h"
#include "core/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf_faults faults;
    struct conf *conf = conf_parse((const char *)data, size, NULL, &faults);
    if ((conf == NULL) != (faults.n > 0))
        abort();
    for (size_t i = 0; i < faults.n; i++)
        if (faults.list[i].line == 0 || faults.list[i].text[0] == '\0')
            abort();
    struct builder out;
    builder_init(&out, 1 << 16);
    conf_print_faults(&faults, "f", &out);
    if (builder_failed(&out))
        abort();
    builder_finish(&out);
    conf_destroy(conf);
    return 0;
}
