/* The JSON that asks for a cue: {k, c?, sku?, at?, for_ms?}, see docs/openapi.yaml. Pure.
 *
 * Errors: ERR_PROTO, not JSON; ERR_INVALID, the words name the field. */
#ifndef API_CUE_BODY_H
#define API_CUE_BODY_H

#include <jansson.h>

#include "core/bytes.h"

struct err;
struct show_cues_request;

/* Fields, their types and limits. The caller's reference. */
int api_cue_body_read(struct bytes body, json_t **ret_body, struct err *err);
/* What they ask for. Texts in ret are borrowed from body. */
int api_cue_body_take(const json_t *body, struct show_cues_request *ret,
                      struct err *err);

#endif
