#include "core/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/builder.h"
#include "core/iso8601.h"
#include "core/monotime.h"

enum {
    LOG_NAMES_MAX = 256,    /* names and values of a logger and its parents */
    LOG_MESSAGE_MAX = 1024, /* one sentence; longer is cut */
    LOG_LINE_MAX = 8192,    /* worst case of JSON escapes for both */
    LOG_LIMIT_PERIOD_MS = 5000,
};

struct log {
    char text[LOG_NAMES_MAX]; /* " show=abc conn=17" */
    char json[LOG_NAMES_MAX]; /* ,"show":"abc","conn":"17" */
};

static _Atomic int log_level_now = LOG_INFO;
static _Atomic int log_format_now = LOG_TEXT;
static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_setup(enum log_level level, enum log_format format)
{
    atomic_store(&log_level_now, (int)level);
    atomic_store(&log_format_now, (int)format);
}

void log_set_level(enum log_level level)
{
    atomic_store(&log_level_now, (int)level);
}

/* Control characters become '?', so that a line stays a line. */
static void put_plain(struct builder *out, const char *text)
{
    for (const char *p = text; *p; p++)
        builder_u8(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : (uint8_t)*p);
}

static void put_json(struct builder *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            builder_u8(out, '\\');
        builder_u8(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : (uint8_t)*p);
    }
}

static void copy_out(struct builder *from, char *to, size_t size)
{
    struct bytes made = builder_bytes(from);
    size_t len = made.len < size - 1 && !builder_failed(from) ? made.len : 0;
    if (len > 0)
        memcpy(to, made.data, len);
    to[len] = '\0';
    builder_finish(from);
}

struct log *log_child(const struct log *parent, const char *name, const char *value)
{
    struct log *log = alloc_zero(sizeof *log);
    struct builder text;
    builder_init(&text, LOG_NAMES_MAX - 1);
    builder_text(&text, parent ? parent->text : "");
    builder_printf(&text, " %s=", name);
    put_plain(&text, value);
    copy_out(&text, log->text, sizeof log->text);
    struct builder json;
    builder_init(&json, LOG_NAMES_MAX - 1);
    builder_text(&json, parent ? parent->json : "");
    builder_printf(&json, ",\"%s\":\"", name);
    put_json(&json, value);
    builder_text(&json, "\"");
    copy_out(&json, log->json, sizeof log->json);
    return log;
}

void log_destroy(struct log *log)
{
    alloc_free(log);
}

static void write_all(struct bytes line)
{
    while (line.len > 0) {
        ssize_t n = write(STDERR_FILENO, line.data, line.len);
        if (n <= 0)
            return; /* nowhere left to say it */
        line = bytes_from(line, (size_t)n);
    }
}

void log_write(const struct log *log, enum log_level level, const char *format, ...)
{
    if ((int)level > atomic_load(&log_level_now))
        return;
    char message[LOG_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);

    char time[ISO8601_MAX];
    iso8601_print(monotime_wall_ms(), time);
    struct builder line;
    builder_init(&line, LOG_LINE_MAX);
    if (atomic_load(&log_format_now) == LOG_JSON) {
        builder_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\"%s,\"message\":\"",
                       time, level_names[level], log ? log->json : "");
        put_json(&line, message);
        builder_text(&line, "\"}\n");
    } else {
        builder_printf(&line, "%s %s%s ", time, level_names[level],
                       log ? log->text : "");
        put_plain(&line, message);
        builder_text(&line, "\n");
    }
    write_all(builder_bytes(&line)); /* one write, so lines do not mix */
    builder_finish(&line);
}

bool log_limit_pass(struct log_limit *limit, long long now_ms, unsigned *ret_n_dropped)
{
    if (now_ms < limit->next_ms) {
        limit->n_dropped++;
        return false;
    }
    *ret_n_dropped = limit->n_dropped;
    limit->n_dropped = 0;
    limit->next_ms = now_ms + LOG_LIMIT_PERIOD_MS;
    return true;
}
