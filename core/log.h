/* The log: one line an event, on standard error, as text or as a JSON object. Only edges
 * log; libraries return errors. Loggers form a tree and carry names and values, so a
 * line says which show and which connection it is about. Secrets never get here.
 *
 *   struct log *log = log_child(parent, "show", "abc");
 *   log_info(log, "publisher gone: %s", err.text);
 *     2026-11-22T18:00:00.123Z info show=abc publisher gone: ...
 *
 * Ownership: log_child() copies what it needs; destroy each child, any order.
 * Threads:   any; a line is written whole. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

struct log;

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* For the whole process; once at the start, level again on reload. */
void log_setup(enum log_level level, enum log_format format);
void log_set_level(enum log_level level);

/* parent NULL: the root. name and value are short plain text without spaces. */
struct log *log_child(const struct log *parent, const char *name, const char *value);
void log_destroy(struct log *log); /* NULL: nothing */

/* log may be NULL: a line without names. */
void log_write(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define log_error(log, ...) log_write(log, LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...) log_write(log, LOG_WARN, __VA_ARGS__)
#define log_info(log, ...) log_write(log, LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_write(log, LOG_DEBUG, __VA_ARGS__)

/* Lets a line through at most once per period and counts the rest, so that a peer cannot
 * fill the log. One for each kind of line; zeroed at the start; one thread. */
struct log_limit {
    long long next_ms;
    unsigned n_dropped;
};
bool log_limit_pass(struct log_limit *limit, long long now_ms, unsigned *ret_n_dropped);

#endif
