#include "tests/bench/tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "core/parse.h"

_Noreturn void tool_fail(const char *words)
{
    (void)fprintf(stderr, "%s: %s\n", program_invocation_short_name, words);
    exit(2);
}

unsigned tool_number(const char *text, unsigned min, unsigned max)
{
    uint64_t value;
    if (!parse_u64(bytes_text(text), &value) || value < min || value > max)
        tool_fail("a number is wrong");
    return (unsigned)value;
}

int tool_poll_open(void)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0)
        tool_fail("epoll");
    return poll;
}

void tool_poll_set(int poll, int action, int fd, bool writable, void *ptr)
{
    struct epoll_event event = {
        .events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN,
        .data = {.ptr = ptr},
    };
    if (epoll_ctl(poll, action, fd, &event) < 0)
        tool_fail("epoll");
}

int tool_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t tool_cpu_us(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}
