#include "server/metrics/metrics.h"

#include <inttypes.h>

#include "core/builder.h"
#include "core/pool.h"
#include "server/metrics/process.h"

static void put_head(struct builder *out, const char *name, const char *type,
                     const char *help)
{
    builder_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_number(struct builder *out, const char *name, const char *type,
                       const char *help, int64_t value)
{
    if (value < 0)
        return;
    put_head(out, name, type, help);
    builder_printf(out, "%s %" PRId64 "\n", name, value);
}

/* Seconds with a fraction, from a whole number of parts; digits of the fraction. */
static void put_seconds(struct builder *out, const char *name, const char *type,
                        const char *help, int64_t value, int64_t parts, int digits)
{
    if (value < 0)
        return;
    put_head(out, name, type, help);
    builder_printf(out, "%s %" PRId64 ".%0*" PRId64 "\n", name, value / parts, digits,
                   value % parts);
}

static void print_process(struct builder *out)
{
    struct metrics_process process;
    metrics_process_read(&process);
    put_seconds(out, "process_cpu_seconds_total", "counter",
                "User and system CPU time spent in seconds", process.cpu_us, 1000000,
                6);
    put_number(out, "process_resident_memory_bytes", "gauge",
               "Resident memory in bytes", process.resident_bytes);
    put_number(out, "process_open_fds", "gauge", "Open files and sockets",
               process.open_files);
    put_number(out, "process_max_fds", "gauge",
               "Files and sockets that may be open at most", process.max_files);
    put_seconds(out, "process_start_time_seconds", "gauge",
                "Unix time at which the process started", process.start_wall_ms, 1000,
                3);
}

void metrics_print(const struct metrics *metrics, struct builder *out)
{
#define METRICS_PRINT(name, type, help)           \
    put_head(out, "vitrine_" #name, #type, help); \
    builder_printf(out, "vitrine_" #name " %" PRId64 "\n", counter_get(&metrics->name));
    METRICS_LIST(METRICS_PRINT)
#undef METRICS_PRINT
    put_number(out, "vitrine_media_bytes", "gauge", "Parts of media held in memory",
               (int64_t)pool_get_stats().used);
    print_process(out);
}
