/* The connection to the database: the only one that writes, and checkpoints. Its journal
 * is a write-ahead log, each commit is on the disk when it returns (synchronous=FULL),
 * and files are not mapped into memory, so that an I/O error is an error and not a
 * signal.
 *
 * Two connections that write or checkpoint at once can damage a file in versions of
 * SQLite before 3.51.3: there must never be a second one; whoever wants to read beside
 * opens SQLITE_OPEN_READONLY.
 *
 * Ownership: open/close. Threads: one at a time. Errors: ERR_IO. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

struct err;
struct sqlite3;

/* Opens and examines; nothing is written to a file that is not ours. The schema may
 * still be an older one. */
int store_sqlite_open(const char *path, struct sqlite3 **ret_db, struct err *err);
void store_sqlite_close(struct sqlite3 *db); /* NULL: nothing */

/* One or more statements whose rows do not matter. */
int store_sqlite_exec(struct sqlite3 *db, const char *sql, struct err *err);
/* Words for the last failure: "FILE: disk I/O error". ERR_INVALID when the values cannot
 * be (a broken constraint), else ERR_IO. Returns -code. */
int store_sqlite_fault(struct sqlite3 *db, struct err *err);
/* The one number that a query gives. */
int store_sqlite_number(struct sqlite3 *db, const char *sql, long long *ret_number,
                        struct err *err);

#endif
