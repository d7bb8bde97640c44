/* What happened to a publisher or a show, as the hooks tell it. Plain values, so that an
 * event can be kept as text and read again after a restart.
 *
 * The stream key is in none of them: its place has the show's public id and the key's own
 * id. Only on_publish carries the publisher's query, and it is not kept.
 *
 * Texts are cut to fit. Threads: values. */
#ifndef HOOK_EVENT_H
#define HOOK_EVENT_H

#include "core/bytes.h"

struct builder;
struct err;

enum hook_event_type {
    HOOK_PUBLISH,   /* an encoder wants to publish: the one event that is a question */
    HOOK_UNPUBLISH, /* an accepted publish has ended */
    HOOK_SHOW_LIVE, /* viewers have something to see */
    HOOK_SHOW_AWAY, /* no media comes; the show is still on */
    HOOK_SHOW_BACK, /* media comes again */
    HOOK_SHOW_END,  /* the show is off the air */
    HOOK_FINDING,   /* something about the stream that the host can mend */
    HOOK_EVENT_TYPES
};

enum {
    HOOK_ID_MAX = 40,      /* with the NUL, as the next ones */
    HOOK_SHOW_MAX = 64,    /* a show's id */
    HOOK_NAME_MAX = 40,    /* letters of a session, a key's id, codes and units */
    HOOK_ADDRESS_MAX = 64, /* an IPv6 address with a zone */
    HOOK_TEXT_MAX = 201,   /* one sentence */
    HOOK_EVENT_MAX =
        64 * 1024, /* bytes of an event as text: a query of 6 KiB, escaped */
};

struct hook_event {
    enum hook_event_type type;
    char id[HOOK_ID_MAX]; /* "msg_…": the same at every attempt to deliver it */
    int64_t wall_ms;      /* when it happened */
    char show[HOOK_SHOW_MAX];
    char session[HOOK_NAME_MAX]; /* of the publisher; empty: none, as what follows */
    char key[HOOK_NAME_MAX];     /* the stream key's id, never the key */
    char
        key_show[HOOK_SHOW_MAX]; /* the show that the key is of, when that is another */
    char role[HOOK_NAME_MAX];    /* "primary", "backup", "test" */
    char address[HOOK_ADDRESS_MAX];
    char encoder[HOOK_TEXT_MAX];
    char reason[HOOK_TEXT_MAX]; /* why it ended */
    const char *query;          /* PUBLISH: borrowed; NULL: none */
    /* FINDING */
    char code[HOOK_NAME_MAX];
    char level[HOOK_NAME_MAX]; /* "info", "warn", "problem" */
    char text[HOOK_TEXT_MAX];
    int64_t value;
    char unit[HOOK_NAME_MAX]; /* empty: there is no value */
};

/* Zeroed, with a new id. */
void hook_event_init(struct hook_event *event, enum hook_event_type type,
                     const char *show, int64_t wall_ms);
const char *hook_event_name(enum hook_event_type type); /* "on_publish" */
/* Cuts text to fit between two characters. */
void hook_event_set(char *out, size_t size, const char *text);
/* A copy of query in which the stream key's secret part is blotted out, should a
 * publisher have put it there too; freed with alloc_free(). */
char *hook_event_clean_query(const char *query, const char *key);

/* As JSON, which is also the body that is sent: {"type","timestamp","data"}. The id is
 * not in it. */
void hook_event_print(const struct hook_event *event, struct builder *out);
/* Reads what print gave, but the query. ERR_INVALID when it is something else. */
int hook_event_parse(struct bytes text, const char *id, struct hook_event *ret,
                     struct err *err);

#endif
