/* A call of the API as its file declares it: its path, who may, what is read of it, and on
 * which loop its work is done. One place carries all of them out.
 *
 * Ownership: calls are constants; a place lives as long as the API.
 * Threads:   a call begins on the loop of its place. */
#ifndef API_CALL_H
#define API_CALL_H

#include "server/api/request.h"

struct api_body_field;
struct http_router;

enum api_call_where {
    API_CALL_HERE,        /* the client's loop: its directory and shelves are read */
    API_CALL_AT_REGISTRY, /* where shows and products are changed */
    API_CALL_AT_SHOW,     /* the loop that owns the show of the path */
};

struct api_call {
    enum http_method method;
    const char *path;
    size_t body_max;
    enum auth_role
        needs;    /* AUTH_HOST: of the show in the path; without one of any show */
    bool of_show; /* the first parameter of the path is a show */
    enum api_call_where where;
    const struct api_body_field *fields; /* of the body; NULL: none is read as JSON */
    /* What else is read, and checked, on the client's loop; the words of err answer what
     * does not fit. NULL: nothing. */
    int (*take)(struct api_request *request, const struct http_request *http,
                struct err *err);
    /* Ends in api_request_answer() or one of its like, at once or later. */
    void (*work)(struct api_request *request);
};

enum { API_CALLS_MAX = 32 }; /* there are fewer */

/* Which API, which hub; and the routes that lead there. */
struct api_place {
    struct api *api;
    struct show_hub *hub;
    size_t n_entries; /* private, from here */
    struct api_entry {
        const struct api_place *place;
        const struct api_call *call;
    } entries[API_CALLS_MAX];
};

void api_call_add_routes(struct api_place *place, struct http_router *router,
                         const struct api_call *calls, size_t n_calls);
/* A take(): the path's last parameter, behind the show if there is one, is the request's
 * text. */
int api_call_take_name(struct api_request *request, const struct http_request *http,
                       struct err *err);

#endif
