/* Dates as HTTP writes them (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stdint.h>

enum { HTTP_DATE_MAX = 30 }; /* with the NUL */

/* Years 1970 to 9999; times outside are clamped. Returns out. */
const char *http_date_print(int64_t wall_ms, char out[HTTP_DATE_MAX]);

#endif
