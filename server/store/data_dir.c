#include "server/store/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"

static int io_fault(struct err *err, const char *path, const char *what)
{
    return err_set(err, ERR_IO, "%s: cannot be %s: %s", path, what, strerror(errno));
}

int store_data_dir_lock(const char *data_dir, int *ret_lock, struct err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/lock", data_dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, ERR_IO, "data_dir: the path is too long");
    if (mkdir(data_dir, 0700) != 0 && errno != EEXIST)
        return io_fault(err, data_dir, "made");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return io_fault(err, path, "opened");
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        *ret_lock = lock;
        return 0;
    }
    int error =
        errno == EWOULDBLOCK
            ? err_set(err, ERR_BUSY, "%s: another vitrine is running on this data_dir",
                      data_dir)
            : io_fault(err, path, "locked");
    close(lock);
    return error;
}

void store_data_dir_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

static bool sync_and_close(int fd)
{
    bool done = fsync(fd) == 0;
    int why = errno;
    close(fd);
    errno = why;
    return done;
}

int store_data_dir_make_file(const char *data_dir, const char *path, struct err *err)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return errno == EEXIST ? 0 : io_fault(err, path, "made");
    close(file);
    int dir = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || !sync_and_close(dir))
        return io_fault(err, data_dir, "written");
    return 0;
}
