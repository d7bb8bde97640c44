#include "server/show/request.h"

#include "core/alloc.h"
#include "core/require.h"
#include "server/rtmp/session.h"

void show_request_keep(struct rtmp_publish **kept, struct rtmp_publish *request)
{
    if (*kept == request)
        return;
    require(!*kept);
    *kept = alloc_zero(sizeof **kept);
    **kept = *request;
    *request = (struct rtmp_publish){0};
}

void show_request_free(struct rtmp_publish *kept)
{
    if (!kept)
        return;
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH, .publish = *kept};
    rtmp_session_event_finish(&event);
    alloc_free(kept);
}
