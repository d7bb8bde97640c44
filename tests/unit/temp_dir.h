/* A directory of a test's own, gone with what is in it at the end. */
#ifndef TESTS_UNIT_TEMP_DIR_H
#define TESTS_UNIT_TEMP_DIR_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct temp_dir {
    char path[64];
};

static inline void temp_dir_make(struct temp_dir *dir)
{
    strcpy(dir->path, "/tmp/vitrine-test-XXXXXX");
    if (!mkdtemp(dir->path))
        abort();
}

/* With everything below it. */
static inline void temp_dir_remove_path(const char *path)
{
    DIR *list = opendir(path);
    for (struct dirent *entry; list && (entry = readdir(list));) {
        char name[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR)
            temp_dir_remove_path(name);
        else
            (void)unlink(name);
    }
    if (list)
        closedir(list);
    (void)rmdir(path);
}

static inline void temp_dir_remove(struct temp_dir *dir)
{
    temp_dir_remove_path(dir->path);
}

/* For cmocka: the state of a test is a directory of its own. */
static inline int temp_dir_setup(void **state)
{
    static struct temp_dir dir;
    temp_dir_make(&dir);
    *state = &dir;
    return 0;
}

static inline int temp_dir_teardown(void **state)
{
    temp_dir_remove(*state);
    return 0;
}

/* "DIR/name"; valid until the next call. */
static inline const char *temp_dir_path(const struct temp_dir *dir, const char *name)
{
    static char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", dir->path, name);
    return path;
}

static inline void temp_dir_write(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
        abort();
}

#endif
