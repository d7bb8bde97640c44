/* What the process says on standard error for a while, to look at instead.
 *
 * Threads: one; others may write meanwhile. */
#ifndef TESTS_KIT_LOGGED_H
#define TESTS_KIT_LOGGED_H

/* From here on it goes to a file without a name. */
void logged_begin(void);
/* What went there, up to 16 KB; standard error is back. Valid until the next call. */
const char *logged_end(void);
/* How many times words stand in the text. */
unsigned logged_count(const char *text, const char *words);

#endif
