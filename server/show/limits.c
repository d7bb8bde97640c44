#include "server/show/limits.h"

#include <stddef.h>

#include "server/metrics/metrics.h"

static struct counter *counter_of(struct metrics *metrics, enum rtmp_limit limit)
{
    switch (limit) {
    case RTMP_LIMIT_NONE:
        return NULL;
    case RTMP_LIMIT_MEDIA_MESSAGE:
        return &metrics->rtmp_limit_media_message_total;
    case RTMP_LIMIT_COMMAND_MESSAGE:
        return &metrics->rtmp_limit_command_message_total;
    case RTMP_LIMIT_PARTIAL_MESSAGES:
        return &metrics->rtmp_limit_partial_messages_total;
    case RTMP_LIMIT_CHUNK_STREAMS:
        return &metrics->rtmp_limit_chunk_streams_total;
    case RTMP_LIMIT_BEFORE_PUBLISH:
        return &metrics->rtmp_limit_before_publish_total;
    case RTMP_LIMIT_HANDSHAKE:
        return &metrics->rtmp_limit_handshake_total;
    case RTMP_LIMIT_PUBLISH:
        return &metrics->rtmp_limit_publish_total;
    case RTMP_LIMIT_VERDICT:
        return &metrics->rtmp_limit_verdict_total;
    case RTMP_LIMIT_FIRST_MEDIA:
        return &metrics->rtmp_limit_first_media_total;
    case RTMP_LIMIT_IDLE:
        return &metrics->rtmp_limit_idle_total;
    case RTMP_LIMIT_ANSWERS:
        return &metrics->rtmp_limit_answers_total;
    case RTMP_LIMIT_OTHER:
        return &metrics->rtmp_limit_other_total;
    }
    return NULL;
}

void show_limits_count(struct metrics *metrics, enum rtmp_limit limit)
{
    struct counter *counter = counter_of(metrics, limit);
    if (counter)
        counter_add(counter, 1);
}
