/* The directory that one server has for itself, held by a lock on data_dir/lock that
 * goes with the process, however it ends. */
#ifndef STORE_DATA_DIR_H
#define STORE_DATA_DIR_H

struct err;

/* Makes the directory (mode 0700; its parent must be there) and takes the lock. ret_lock
 * is a file for store_data_dir_unlock(). ERR_BUSY: another process holds it. */
int store_data_dir_lock(const char *data_dir, int *ret_lock, struct err *err);
void store_data_dir_unlock(int lock); /* negative: nothing */
/* Makes an empty file (mode 0600) when there is none, entered on the disk. SQLite gives
 * its other files the same mode. */
int store_data_dir_make_file(const char *data_dir, const char *path, struct err *err);

#endif
