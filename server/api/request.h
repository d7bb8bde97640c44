/* One call of the API on its way: who asks, for what, on which loop it is done, and the
 * answer.
 *
 * Ownership: made for an exchange; freed by itself when it has been answered.
 * Threads:   as struct show_call: one at a time. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <jansson.h>

#include "core/err.h"
#include "server/api/memory.h"
#include "server/http/exchange.h"
#include "server/show/call.h"
#include "server/show/hub.h"

struct api;
struct builder;
struct show;
struct show_record;

enum { API_BASE_MAX = 300 }; /* "http://" and a Host header */

struct api_request {
    struct show_call call;
    struct api *api;
    struct http_exchange *exchange; /* NULL: the client is gone */
    struct show_hub *hub;           /* where the client is */
    enum auth_role role;
    char show[SHOW_PUBLIC_ID_MAX +
              1];            /* first parameter of the path, when it is a show */
    char base[API_BASE_MAX]; /* "http://host:port": as the client reached us */
    json_t *body;            /* or NULL */
    struct product *product; /* or NULL */
    char *text;              /* whatever the call needs: a SKU, a card, a key */
    char *idempotency_key;   /* or NULL */
    void (*work)(struct api_request *request); /* on call.owner's loop */
    struct api_memory_waiter waiter; /* of cues: for another one under the same key */
    int status;
    struct buf *json; /* answer, or NULL: err says why */
    struct err err;
};

/* Checks the token. Answers 401 or 403 itself and returns NULL when it does not suffice.
 * needs: AUTH_ADMIN, or AUTH_HOST: of the show in the path's first parameter, or of
 * any show when there is none in the path. */
struct api_request *api_request_create(struct api *api, struct show_hub *hub,
                                       struct http_exchange *exchange,
                                       enum auth_role needs, bool show_in_path);
/* What it asks for cannot be read: answered without a journey. */
void api_request_fail_unread(struct api_request *request, const struct err *err);
/* Takes the request to owner's loop, where work runs and ends in one of the answers. */
void api_request_start(struct api_request *request, struct show_hub *owner,
                       void (*work)(struct api_request *request));
/* Answers; each ends the request for the caller. Takes json. */
void api_request_answer(struct api_request *request, int status, struct buf *json);
/* What out holds, with a line's end; finishes out. */
void api_request_print(struct api_request *request, int status, struct builder *out);
void api_request_fail(struct api_request *request, const struct err *err);
void api_request_refuse(struct api_request *request, enum err_code code,
                        const char *words);
/* A registry's or store's last word on what is gone: 204, or why not. ctx: the request. */
void api_request_on_deleted(void *ctx, int error, const struct err *err);

/* The show of the path on the loop where the work is done, or NULL, and it is answered
 * that there is none. */
struct show_record *api_request_record(struct api_request *request);
/* The same as a show, on its own loop. */
struct show *api_request_show(struct api_request *request);

#endif
