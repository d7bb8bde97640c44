#include "conf/size.h"

#include <stdio.h>

#include "core/parse.h"

enum { UNITS_N = 3 };

struct unit {
    const char *name;
    uint32_t size;
};

/* The largest first: the first that divides a size is the one to print. */
static const struct unit units[UNITS_N] = {
    {"MiB", 1024 * 1024}, {"KiB", 1024}, {"B", 1}};

bool conf_size_parse(struct bytes text, uint64_t *ret_size)
{
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    uint64_t n;
    if (!parse_u64(bytes_first(text, digits), &n))
        return false;
    for (size_t i = 0; i < UNITS_N; i++) {
        if (!bytes_equal_text(bytes_from(text, digits), units[i].name))
            continue;
        if (n > UINT64_MAX / units[i].size)
            return false;
        *ret_size = n * units[i].size;
        return true;
    }
    return false;
}

const char *conf_size_print(uint32_t size, char out[CONF_SIZE_TEXT_MAX])
{
    size_t i = 0;
    while (size % units[i].size != 0)
        i++;
    (void)snprintf(out, CONF_SIZE_TEXT_MAX, "%u%s", (unsigned)(size / units[i].size),
                   units[i].name);
    return out;
}
