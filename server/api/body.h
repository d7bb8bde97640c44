/* JSON bodies of requests, read strictly: duplicates, unknown fields and wrong types are
 * refused with words that name the field. jansson's types stay inside this room. */
#ifndef API_BODY_H
#define API_BODY_H

#include <jansson.h>

#include "core/bytes.h"

struct err;

enum api_body_type {
    API_BODY_TEXT,
    API_BODY_INTEGER,
    API_BODY_BOOLEAN,
    API_BODY_TEXTS,
    API_BODY_ANY
};

struct api_body_field {
    const char *name;
    enum api_body_type type;
    bool required;
    size_t max; /* TEXT: characters; TEXTS: entries; INTEGER: largest value; 0: any */
};

/* An object of these fields (ended by a NULL name); an empty body counts as {}.
 * ERR_PROTO: not JSON (400); ERR_INVALID: a field (422). The caller's reference. */
int api_body_read(struct bytes body, const struct api_body_field *fields,
                  json_t **ret_object, struct err *err);
/* Text of a field, or NULL. Valid while the object is. */
const char *api_body_text(const json_t *object, const char *name);

#endif
