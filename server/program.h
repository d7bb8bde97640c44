/* The program on the disk, which may be newer than this process: a hand-over asks it
 * whether it takes the configuration, and becomes it.
 *
 * Ownership: server_program_find() allocates.
 * Threads:   the main thread. All of it blocks. */
#ifndef PROGRAM_H
#define PROGRAM_H

struct err;
struct sockets;

enum {
    PROGRAM_CHECK_MAX_MS = 10000, /* reading a file and certificates takes ms */
};

/* Where a program called by this word is: the word itself, made absolute, when there is a
 * slash in it, else the first of that name in PATH. Links are not followed, since an
 * upgrade may change where they lead; nor is the running file asked for, which may have
 * been deleted by one. NULL: nowhere. */
char *server_program_find(const char *word);

/* Runs its `check` with the file (NULL: none); what it finds it says on standard error.
 * ERR_INVALID when it has faults to tell, ERR_IO when it does not run, ERR_LIMIT when it
 * does not end. */
int server_program_check(const char *program, const char *file, struct err *err);

/* Becomes the program, with these arguments and listening sockets, and nothing else open.
 * Returns only when that failed: ERR_IO. */
int server_program_become(const char *program, char *const *argv,
                          struct sockets *sockets, struct err *err);

#endif
