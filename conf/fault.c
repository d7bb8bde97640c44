#include "conf/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

static const char dots[] = "...";

void conf_fault_add(struct conf_faults *faults, struct conf_place place,
                    const char *format, ...)
{
    if (faults->n == CONF_FAULTS_MAX)
        return;
    struct conf_fault *fault = &faults->list[faults->n++];
    fault->line = place.line;
    fault->column = place.column;
    size_t size = sizeof fault->text, used = 0;
    if (place.variable[0]) {
        int n = snprintf(fault->text, size, "%s: ", place.variable);
        used = n < 0 ? 0 : (size_t)n;
        if (used >= size)
            return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault->text + used, size - used, format, args);
    va_end(args);
}

const char *conf_fault_quote(struct bytes text, char out[CONF_QUOTE_MAX])
{
    size_t max = CONF_QUOTE_MAX - sizeof dots, len = text.len;
    if (len > max) {
        for (len = max; len > 0 && (text.data[len] & 0xc0) == 0x80;)
            len--; /* not in the middle of a character */
    }
    bool readable = bytes_is_utf8(text);
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text.data[i];
        out[i] = (char)(c < 0x20 || c == 0x7f || (c >= 0x80 && !readable) ? '?' : c);
    }
    (void)snprintf(out + len, sizeof dots, "%s", len < text.len ? dots : "");
    return out;
}
