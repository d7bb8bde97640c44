/* An event as the body of a request, in the words of the mode:
 *
 *   vitrine  JSON, as hook_event_print().
 *   srs      JSON as SRS's http_hooks send it, for scripts written for that.
 *   nginx    a form as nginx-rtmp's notify module sends it, with every value escaped and
 *            the publisher's query in one field, args, so that it cannot overwrite
 *            another.
 *
 * In srs and nginx the stream's name is the show's public id; the stream key is sent in
 * no mode. Those two have words for publishers only: hook_body_has() tells.
 *
 * Pure. */
#ifndef HOOK_BODY_H
#define HOOK_BODY_H

#include "server/hook/event.h"

enum hook_mode { HOOK_VITRINE, HOOK_SRS, HOOK_NGINX };

bool hook_body_has(enum hook_mode mode, enum hook_event_type type);
/* tc_url: the server's own address, "rtmp://shop.example:1935/live". */
void hook_body_print(enum hook_mode mode, const struct hook_event *event,
                     const char *tc_url, struct builder *out);
const char *hook_body_content_type(enum hook_mode mode);

#endif
