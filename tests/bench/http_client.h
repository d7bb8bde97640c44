/* One HTTP/1.1 keep-alive connection of a load generator, on a non-blocking socket. It
 * asks and counts; the beginning of a body is kept when somebody wants to read it.
 *
 * Ownership: init/finish in the program's table. Threads: one.
 * Time:      CLOCK_REALTIME in µs. An answer's time is the kernel's stamp on its first
 *   bytes, so a generator that is behind measures the server and not itself. */
#ifndef BENCH_HTTP_CLIENT_H
#define BENCH_HTTP_CLIENT_H

#include <netinet/in.h>

#include "core/bytes.h"

struct err;

enum { HTTP_CLIENT_HEAD = 2048, HTTP_CLIENT_KEPT = 32 * 1024 };

enum http_client_state {
    HTTP_CLIENT_OFF,  /* no connection */
    HTTP_CLIENT_IDLE, /* connected or connecting, nothing asked */
    HTTP_CLIENT_HEADERS,
    HTTP_CLIENT_BODY,
};

struct http_client {
    enum http_client_state state;
    int fd;
    int64_t asked_us;
    int64_t first_us; /* when the first byte of the last answer came */
    int status;
    uint64_t n_bytes; /* of the last answer's body, as announced */
    struct bytes body;
    /* private */
    size_t body_left;
    size_t head_len;
    char head[HTTP_CLIENT_HEAD];
    uint8_t *kept;
    size_t kept_len;
};

int64_t http_client_now_us(void);
/* "127.0.0.1:8080" */
bool http_client_address(const char *text, struct sockaddr_in *ret_address);

/* keeps: the first HTTP_CLIENT_KEPT bytes of a body can be read; else they are dropped in
 * the kernel, which costs nothing. */
int http_client_connect(struct http_client *client, const struct sockaddr_in *address,
                        bool keeps, struct err *err);
void http_client_close(struct http_client *client); /* also when off */
/* Sends GET path; more: header lines with CRLF, or "". */
int http_client_get(struct http_client *client, const char *path, const char *more,
                    struct err *err);
/* Reads what came. 1: the answer is complete (body: its first bytes, until the next
 * call), 0: not yet, or -ERR_X. */
int http_client_readable(struct http_client *client, struct err *err);

#endif
