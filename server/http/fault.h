/* Why a request is not taken: the status to answer with and words for its sender. */
#ifndef HTTP_FAULT_H
#define HTTP_FAULT_H

#include <stdbool.h>

struct http_fault {
    int status;         /* 4xx or 5xx */
    const char *detail; /* a sentence that lives as long as the program */
};

/* Fills *fault; gives false, so that it can be returned at once. */
static inline bool http_fault_set(struct http_fault *fault, int status,
                                  const char *detail)
{
    *fault = (struct http_fault){status, detail};
    return false;
}

#endif
