/* The certificates that the configuration names.
 *
 * Threads: blocking; any but the loops'. */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

struct conf;
struct err;
struct loop_tls;

/* *ret_tls is NULL when the configuration names none. The words name option and file. */
int server_certificates_load(const struct conf *conf, struct loop_tls **ret_tls,
                             struct err *err);
/* One line for each in the log. */
void server_certificates_log(const struct loop_tls *tls);

#endif
