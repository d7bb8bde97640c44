#include "server/store/sqlite.h"

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "core/err.h"
#include "server/store/migrations.h"

enum {
    BUSY_MS = 5000,         /* someone's backup holds the file: then wait, then fail */
    WAL_KEPT_MAX = 4 << 20, /* bytes of the log kept after a checkpoint, to be reused */
};

int store_sqlite_fault(struct sqlite3 *db, struct err *err)
{
    int primary = sqlite3_errcode(db) & 0xff;
    bool cannot_be = primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG;
    const char *path = sqlite3_db_filename(db, "main");
    return err_set(err, cannot_be ? ERR_INVALID : ERR_IO, "%s: %s",
                   path ? path : "database", sqlite3_errmsg(db));
}

int store_sqlite_exec(struct sqlite3 *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_sqlite_fault(db, err);
    return 0;
}

int store_sqlite_number(struct sqlite3 *db, const char *sql, long long *ret_number,
                        struct err *err)
{
    sqlite3_stmt *query = NULL;
    int error = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(query, 0);
    else
        error = store_sqlite_fault(db, err);
    (void)sqlite3_finalize(query);
    return error;
}

/* A new file, or one of ours and not newer than we are. */
static int check_identity(sqlite3 *db, struct err *err)
{
    long long application = 0, version = 0, n_tables = 0;
    int error = store_sqlite_number(db, "PRAGMA application_id", &application, err);
    if (!error)
        error = store_sqlite_number(db, "PRAGMA user_version", &version, err);
    if (!error)
        error = store_sqlite_number(db, "SELECT count(*) FROM sqlite_schema", &n_tables,
                                    err);
    if (error)
        return error;
    const char *path = sqlite3_db_filename(db, "main");
    if (application == 0 && version == 0 && n_tables == 0)
        return 0;
    if (application != STORE_APPLICATION_ID || version < 1)
        return err_set(err, ERR_IO,
                       "%s: is a database of another program; it was left as it is",
                       path);
    if (version > store_migrations_count())
        return err_set(
            err, ERR_IO,
            "%s: was written by a newer vitrine (schema %lld, this one knows "
            "%u); it was left as it is",
            path, version, store_migrations_count());
    return 0;
}

/* Reads the whole file once: what is damaged must show at the start, not in a show. */
static int check_whole(sqlite3 *db, struct err *err)
{
    sqlite3_stmt *query = NULL;
    int error = 0;
    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &query, NULL) !=
            SQLITE_OK ||
        sqlite3_step(query) != SQLITE_ROW) {
        error = store_sqlite_fault(db, err);
    } else {
        const char *found = (const char *)sqlite3_column_text(query, 0);
        if (!found || sqlite3_stricmp(found, "ok") != 0)
            error =
                err_set(err, ERR_IO, "%s: is damaged (%.100s); it was left as it is",
                        sqlite3_db_filename(db, "main"), found ? found : "");
    }
    (void)sqlite3_finalize(query);
    return error;
}

/* Before anything is looked at: nothing here writes. */
static void set_careful(sqlite3 *db)
{
    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

static int set_up(sqlite3 *db, struct err *err)
{
    char *limits = sqlite3_mprintf("PRAGMA journal_size_limit = %d", (int)WAL_KEPT_MAX);
    int error = store_sqlite_exec(db,
                                  "PRAGMA mmap_size = 0;"
                                  "PRAGMA cell_size_check = ON;"
                                  "PRAGMA journal_mode = WAL;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA wal_autocheckpoint = 1000;"
                                  "PRAGMA foreign_keys = ON;",
                                  err);
    if (!error && limits)
        error = store_sqlite_exec(db, limits, err);
    sqlite3_free(limits);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return error;
}

/* Some file systems cannot have a write-ahead log; then the pragma is not obeyed. */
static int check_journal(sqlite3 *db, struct err *err)
{
    sqlite3_stmt *query = NULL;
    const char *mode = NULL;
    if (sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &query, NULL) == SQLITE_OK &&
        sqlite3_step(query) == SQLITE_ROW)
        mode = (const char *)sqlite3_column_text(query, 0);
    int error = 0;
    if (!mode || sqlite3_stricmp(mode, "wal") != 0)
        error =
            err_set(err, ERR_IO,
                    "%s: this file system takes no write-ahead log; put data_dir on "
                    "a local disk",
                    sqlite3_db_filename(db, "main"));
    (void)sqlite3_finalize(query);
    return error;
}

int store_sqlite_open(const char *path, struct sqlite3 **ret_db, struct err *err)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) {
        int error = err_set(err, ERR_IO, "%s: %s", path,
                            db ? sqlite3_errmsg(db) : "out of memory");
        (void)sqlite3_close(db);
        return error;
    }
    set_careful(db);
    int error = check_identity(db, err);
    if (!error)
        error = check_whole(db, err);
    if (!error)
        error = set_up(db, err);
    if (!error)
        error = check_journal(db, err);
    if (!error)
        *ret_db = db;
    else
        store_sqlite_close(db);
    return error;
}

void store_sqlite_close(struct sqlite3 *db)
{
    (void)sqlite3_close(db);
}
