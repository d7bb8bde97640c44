/* The schema, as the steps that made it. PRAGMA user_version counts the steps that a file
 * has behind it; PRAGMA application_id says that it is ours. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

struct err;
struct sqlite3;

enum { STORE_APPLICATION_ID = 0x5654524e }; /* "VTRN" */

unsigned store_migrations_count(void);
/* Takes the steps that are missing, each whole or not at all. */
int store_migrations_run(struct sqlite3 *db, struct err *err);

#endif
