/* The shop's end of the hooks, in the test's process: a thread that takes one HTTP request
 * after the other on 127.0.0.1, remembers it and answers as the test says.
 *
 * Ownership: open/close. Threads: its own; all functions from the test's thread.
 * A test that waits for what never comes fails after RECEIVER_PATIENCE_MS. */
#ifndef TESTS_KIT_RECEIVER_H
#define TESTS_KIT_RECEIVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RECEIVER_REQUESTS_MAX = 64,
    RECEIVER_TEXT_MAX = 4096,
    RECEIVER_ANSWER_MAX = 512,
    RECEIVER_PATIENCE_MS = 20000
};

struct receiver_request {
    char head[RECEIVER_TEXT_MAX]; /* with the request line */
    char body[RECEIVER_TEXT_MAX];
};

struct receiver {
    int fd;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* guarded by lock */
    struct receiver_request requests[RECEIVER_REQUESTS_MAX];
    unsigned n;
    int status;
    char answer[RECEIVER_ANSWER_MAX]; /* body */
    char location[RECEIVER_ANSWER_MAX];
};

void receiver_open(struct receiver *receiver);
void receiver_close(struct receiver *receiver);
/* For requests that come from now on; 204 without a body before. The words are copied. */
void receiver_answer(struct receiver *receiver, int status, const char *body);
/* The same with a Location. */
void receiver_redirect(struct receiver *receiver, int status, const char *location);
/* Waits until so many requests in all have come whose body holds the text; the last of
 * them. */
const struct receiver_request *receiver_await(struct receiver *receiver, unsigned n,
                                              const char *text);
/* As if none had come. */
void receiver_forget(struct receiver *receiver);
/* How many have come. */
unsigned receiver_count(struct receiver *receiver, const char *text);

#endif
