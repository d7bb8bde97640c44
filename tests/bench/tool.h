/* What every program that measures needs: its end with words, its options, its sockets
 * and its own cost. */
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/* Says the words under the program's name and ends it: 2, as for wrong options. */
_Noreturn void tool_fail(const char *words);
/* An option's value from min to max. */
unsigned tool_number(const char *text, unsigned min, unsigned max);

/* An epoll descriptor. */
int tool_poll_open(void);
/* Tells of fd with ptr when it can be read, and also written when writable;
 * action: EPOLL_CTL_ADD or _MOD. */
void tool_poll_set(int poll, int action, int fd, bool writable, void *ptr);

/* For qsort() of int64_t. */
int tool_compare(const void *a, const void *b);
/* User and system time that this process has taken; 0: not known. */
int64_t tool_cpu_us(void);

#endif
