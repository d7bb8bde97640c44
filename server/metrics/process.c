#include "server/metrics/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STAT_MAX = 1024, /* /proc/self/stat is some 300 bytes */
    STAT_START = 22, /* proc(5): starttime, in clock ticks after boot */
};

static const char files_dir[] = "/proc/self/fd";

static int64_t read_resident(void)
{
    int64_t pages = -1;
    long page = sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return -1;
    if (fscanf(file, "%*d %" SCNd64, &pages) != 1)
        pages = -1;
    (void)fclose(file);
    return pages < 0 || page < 0 ? -1 : pages * page;
}

int64_t metrics_process_counted_files(void)
{
    struct stat about;
    return stat(files_dir, &about) == 0 && about.st_size > 0 ? about.st_size : -1;
}

int64_t metrics_process_listed_files(void)
{
    DIR *list = opendir(files_dir);
    if (!list)
        return -1;
    int64_t n = -1; /* the list itself */
    for (struct dirent *entry; (entry = readdir(list));)
        n += entry->d_name[0] != '.';
    (void)closedir(list);
    return n;
}

static int64_t read_open_files(void)
{
    int64_t counted = metrics_process_counted_files();
    return counted >= 0 ? counted : metrics_process_listed_files();
}

static int64_t read_max_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT64_MAX)
        return -1;
    return (int64_t)limit.rlim_cur;
}

static int64_t us_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static int64_t read_cpu(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return -1;
    return us_of(usage.ru_utime) + us_of(usage.ru_stime);
}

/* Clock ticks after boot at which the process began; -1: cannot be told. */
static int64_t read_start_ticks(void)
{
    char text[STAT_MAX];
    int64_t ticks = -1;
    FILE *file = fopen("/proc/self/stat", "re");
    if (!file)
        return -1;
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    /* The program's name, the second field, may hold spaces and brackets. */
    char *at = strrchr(text, ')');
    for (int field = 2; at && field < STAT_START; field++)
        at = strchr(at + 1, ' ');
    return at && sscanf(at, " %" SCNd64, &ticks) == 1 ? ticks : -1;
}

/* Unix time of the boot in seconds; -1: cannot be told. */
static int64_t read_boot(void)
{
    static const char format[] = "btime %" SCNd64;
    char line[256];
    int64_t boot = -1;
    FILE *file = fopen("/proc/stat", "re");
    /* The lines that are longer come in pieces, of which none begins so. */
    while (file && boot < 0 && fgets(line, sizeof line, file))
        if (sscanf(line, format, &boot) != 1)
            boot = -1;
    if (file)
        (void)fclose(file);
    return boot;
}

static int64_t read_start(void)
{
    int64_t ticks = read_start_ticks(), boot = read_boot();
    long per_second = sysconf(_SC_CLK_TCK);
    if (ticks < 0 || boot < 0 || per_second <= 0)
        return -1;
    return boot * 1000 + ticks * 1000 / per_second;
}

void metrics_process_read(struct metrics_process *ret)
{
    *ret = (struct metrics_process){
        .resident_bytes = read_resident(),
        .open_files = read_open_files(),
        .max_files = read_max_files(),
        .cpu_us = read_cpu(),
        .start_wall_ms = read_start(),
    };
}
