/* Counts the memory of the program under test: malloc() and its kin are wrapped when
 * linking, so that it works with and without sanitizers. */
#ifndef TESTS_RTMP_HEAP_H
#define TESTS_RTMP_HEAP_H

#include <stddef.h>

size_t heap_now(void);  /* bytes held */
size_t heap_peak(void); /* the most since the last heap_forget_peak() */
void heap_forget_peak(void);

#endif
