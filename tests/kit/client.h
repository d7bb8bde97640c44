/* An HTTP client that speaks bytes: what is sent is what the test wrote.
 *
 * Ownership: an answer is freed with client_free(). Threads: one at a time. */
#ifndef TESTS_KIT_CLIENT_H
#define TESTS_KIT_CLIENT_H

#include "core/builder.h"
#include "tests/kit/house.h"

struct client {
    int fd;
    struct builder in; /* what came and is not used yet */
};

struct answer {
    int status; /* 0: the connection was closed without one */
    char *head; /* with the status line */
    char *body; /* NUL behind it */
    size_t len;
};

void client_open(struct client *client, struct house *house, unsigned lane);
void client_close(struct client *client);
/* Sends a request: "GET /path", header lines (each with CRLF, or NULL), body (or NULL). */
void client_send(struct client *client, const char *request, const char *headers,
                 const char *body);
/* The next answer with its Content-Length; status 0 at the end of the connection. */
struct answer client_receive(struct client *client);
/* Of an answer without end: its head alone. */
struct answer client_receive_head(struct client *client);
/* The bytes up to and with the next empty line, as text; NULL: the stream has ended.
 * alloc_free(). */
char *client_receive_event(struct client *client);
/* Nothing has come yet. */
bool client_is_quiet(struct client *client);

/* All in one: a connection of its own. */
struct answer client_ask(struct house *house, unsigned lane, const char *request,
                         const char *headers, const char *body);
/* The same with the API token. */
struct answer client_call(struct house *house, unsigned lane, const char *request,
                          const char *body);
/* The same, of which only the status matters. */
void client_expect(struct house *house, unsigned lane, const char *request,
                   const char *body, int status);
void client_free(struct answer *answer);

/* A header's value in the head, or NULL; valid until the next call. */
const char *client_header(const struct answer *answer, const char *name);
/* The text or number behind the first "name": in the body, or NULL; until the next call. */
const char *client_field(const struct answer *answer, const char *name);
/* They are there, and so. */
void client_assert_header(const struct answer *answer, const char *name,
                          const char *value);
void client_assert_field(const struct answer *answer, const char *name,
                         const char *value);
/* A problem of the API, which has these words unless NULL; frees the answer. */
void client_assert_problem(struct answer answer, int status, const char *words);

#endif
