/* Figures of this process, as Linux tells them in /proc. Cheap enough for a loop: no disk
 * is read, and open files are not listed where the system counts them. */
#ifndef METRICS_PROCESS_H
#define METRICS_PROCESS_H

#include <stdint.h>

struct metrics_process {
    /* Each -1 when the system does not tell. */
    int64_t resident_bytes;
    int64_t open_files;
    int64_t max_files;
    int64_t cpu_us;        /* user and system time of all threads */
    int64_t start_wall_ms; /* Unix time at which the process began */
};

void metrics_process_read(struct metrics_process *ret);

/* The two ways of counting open files; -1: cannot be told. A list of ten thousand takes
 * some 20 ms; the count is there since Linux 6.2. */
int64_t metrics_process_counted_files(void);
int64_t metrics_process_listed_files(void);

#endif
