/* Changes as SQL. Statements are prepared once; every value is bound.
 *
 * Ownership: create/destroy; the connection must outlive it.
 * Threads:   one at a time, as the connection. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

struct err;
struct sqlite3;
struct store_change;
struct store_writer;

int store_writer_create(struct sqlite3 *db, struct store_writer **ret_writer,
                        struct err *err);
void store_writer_destroy(struct store_writer *writer); /* NULL: nothing */

int store_writer_begin(struct store_writer *writer, struct err *err);
/* Within begin and commit. A STORE_SYNC does nothing. */
int store_writer_apply(struct store_writer *writer, const struct store_change *change,
                       struct err *err);
/* 0: it is on the disk. A failure leaves the transaction open, for rollback. */
int store_writer_commit(struct store_writer *writer, struct err *err);
void store_writer_rollback(struct store_writer *writer);

#endif
