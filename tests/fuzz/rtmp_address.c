/* tcUrl, app and stream name, one a line, as the parts of a publish. */
#include <string.h>

#include "core/require.h"
#include "server/rtmp/address.h"
#include "server/rtmp/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_make(data, size);
    if (size > RTMP_APP_MAX || memchr(data, 0, size))
        return 0;
    struct bytes tc_url = {0}, app = {0};
    (void)bytes_cut(&in, '\n', &tc_url);
    (void)bytes_cut(&in, '\n', &app);
    struct rtmp_event event = {.type = RTMP_EVENT_PUBLISH};
    rtmp_address_read(tc_url, app, in, &event.publish);
    require(!strpbrk(event.publish.key, "/?"));
    require(!strchr(event.publish.app, '?'));
    rtmp_session_event_finish(&event);
    return 0;
}
