#include "core/require.h"

#include <stdio.h>
#include <stdlib.h>

void require_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, condition);
    abort();
}
