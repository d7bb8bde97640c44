#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (err) {
        err->code = code;
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return -(int)code;
}

const char *err_code_text(enum err_code code)
{
    switch (code) {
    case ERR_NONE:
        return "no error";
#define ERR_TEXT(name, text) \
    case ERR_##name:         \
        return text;
        ERR_LIST(ERR_TEXT)
#undef ERR_TEXT
    }
    return "unknown error";
}
