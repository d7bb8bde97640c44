#include "server/store/migrations.h"

#include <stdio.h>

#include "core/err.h"
#include "core/require.h"
#include "server/store/sqlite.h"

/* A step that has been released is never changed; a new one is added at the end. */
static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE shows ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " title TEXT NOT NULL,"
    " host TEXT,"
    " token TEXT NOT NULL,"
    " run_sheet TEXT,"
    " created_ms INTEGER NOT NULL,"
    " part_target_ms INTEGER NOT NULL,"
    " target_duration_s INTEGER NOT NULL,"
    " wall_anchor_ms INTEGER NOT NULL,"
    " next_msn INTEGER NOT NULL,"
    " next_discontinuity INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE stream_keys ("
    " show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32),"
    " PRIMARY KEY (show, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE products ("
    " sku TEXT NOT NULL PRIMARY KEY,"
    " json TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE cues ("
    " show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,"
    " id INTEGER NOT NULL,"
    " q INTEGER NOT NULL,"
    " cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)),"
    " kind INTEGER NOT NULL,"
    " card TEXT NOT NULL,"
    " revision INTEGER NOT NULL,"
    " time INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " product TEXT,"
    " PRIMARY KEY (show, id)"
    ") STRICT, WITHOUT ROWID;",
    /* 2: what is known of a stream key. Those of before are k1, k2, … and stay valid. */
    "CREATE TABLE stream_keys_2 ("
    " show TEXT NOT NULL REFERENCES shows (id) ON DELETE CASCADE,"
    " position INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32),"
    " number INTEGER NOT NULL,"
    " label TEXT,"
    " state INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " last_used_ms INTEGER NOT NULL,"
    " not_before_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " one_time INTEGER NOT NULL CHECK (one_time IN (0, 1)),"
    " used INTEGER NOT NULL CHECK (used IN (0, 1)),"
    " cues INTEGER NOT NULL CHECK (cues IN (0, 1)),"
    " PRIMARY KEY (show, position),"
    " UNIQUE (show, number)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO stream_keys_2"
    " SELECT show, position, hash, position + 1, NULL, 0, shows.created_ms,"
    " 0, 0, 0, 0, 0, 0 FROM stream_keys JOIN shows ON shows.id = stream_keys.show;"
    "DROP TABLE stream_keys;"
    "ALTER TABLE stream_keys_2 RENAME TO stream_keys;",
    /* 3: what the hooks have to tell. It outlives the shows that it is about. */
    "CREATE TABLE hook_events ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " position INTEGER NOT NULL,"
    " held INTEGER NOT NULL CHECK (held IN (0, 1)),"
    " event TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;",
    /* 4: who may take a show from whom, and whether encoders only rehearse. */
    "ALTER TABLE shows ADD COLUMN"
    " policy INTEGER NOT NULL DEFAULT 0 CHECK (policy IN (0, 1));"
    "ALTER TABLE shows ADD COLUMN"
    " rehearsal INTEGER NOT NULL DEFAULT 0 CHECK (rehearsal IN (0, 1));",
    /* 5: the run that a one-time key was used in. Of those used before it is not known. */
    "ALTER TABLE shows ADD COLUMN run INTEGER NOT NULL DEFAULT 0;"
    "UPDATE shows SET run = created_ms;"
    "ALTER TABLE stream_keys ADD COLUMN run INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE stream_keys ADD COLUMN run_show TEXT;",
    /* 6: since when a show is live, for the clocks of those who watch it. */
    "ALTER TABLE shows ADD COLUMN live_since_ms INTEGER NOT NULL DEFAULT 0;",
};

enum { STEPS_N = sizeof steps / sizeof steps[0], SQL_MAX = 8192 };

unsigned store_migrations_count(void)
{
    return STEPS_N;
}

static int take_step(struct sqlite3 *db, unsigned i, struct err *err)
{
    char sql[SQL_MAX];
    int n = snprintf(sql, sizeof sql,
                     "BEGIN IMMEDIATE; %s PRAGMA application_id = %d;"
                     "PRAGMA user_version = %u; COMMIT;",
                     steps[i], (int)STORE_APPLICATION_ID, i + 1);
    require(n > 0 && (size_t)n < sizeof sql);
    int error = store_sqlite_exec(db, sql, err);
    if (error)
        (void)store_sqlite_exec(db, "ROLLBACK", NULL);
    return error;
}

int store_migrations_run(struct sqlite3 *db, struct err *err)
{
    long long version = 0;
    int error = store_sqlite_number(db, "PRAGMA user_version", &version, err);
    for (unsigned i = (unsigned)version; !error && i < STEPS_N; i++)
        error = take_step(db, i, err);
    return error;
}
