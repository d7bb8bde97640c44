/* Errors: a code on which callers act, and words for people.
 *
 * A function that can fail in more than one way returns 0 or -ERR_X, and its last
 * parameter is struct err *err, which may be NULL and gets the words. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#define ERR_LIST(X)                                                                  \
    X(PROTO, "protocol broken") /* a peer broke its protocol */                      \
    X(LIMIT, "limit passed")    /* a named limit was passed */                       \
    X(NOMEM, "out of memory")                                                        \
    X(INVALID, "invalid value") /* a value is not acceptable; the words say which */ \
    X(NOT_FOUND, "not found")                                                        \
    X(CONFLICT, "conflict") /* exists already, or has another state */               \
    X(UNSUPPORTED, "not supported")                                                  \
    X(MEDIA, "media not usable")                                                     \
    X(IO, "input or output failed")                                                  \
    X(CLOSED, "closed")                                                              \
    X(BUSY, "busy")

enum err_code {
    ERR_NONE = 0,
#define ERR_ENUM(name, text) ERR_##name,
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

enum { ERR_TEXT_MAX = 256 };

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX]; /* one sentence, no line breaks, never a secret */
};

/* Fills err when it is not NULL; returns -code, so that it can be returned at once. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *err_code_text(enum err_code code);

#endif
