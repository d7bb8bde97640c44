/* Numbers of the whole process, added to by every thread and printed as Prometheus text
 * (exposition format 0.0.4). One table gives each its name, type and help. */
#ifndef METRICS_H
#define METRICS_H

#include "core/counter.h"

struct builder;

/* name, type, help. Counters end in _total; units are base units. */
#define METRICS_LIST(X)                                                           \
    X(rtmp_connections_total, counter, "RTMP connections accepted")               \
    X(rtmp_refused_total, counter, "RTMP publishes refused")                      \
    X(rtmp_crowded_total, counter,                                                \
      "RTMP connections closed because too many of their address wait")           \
    X(standby_switches_total, counter,                                            \
      "Times that the encoder on air and the one that stands by changed places")  \
    X(rtmp_rivals_total, counter,                                                 \
      "RTMP publishes refused because two encoders fight for a show")             \
    X(rtmp_errors_total, counter,                                                 \
      "RTMP connections ended by a broken protocol or limit")                     \
    X(rtmp_limit_media_message_total, counter,                                    \
      "RTMP connections ended by an audio or video message that is too long")     \
    X(rtmp_limit_command_message_total, counter,                                  \
      "RTMP connections ended by another message that is too long")               \
    X(rtmp_limit_partial_messages_total, counter,                                 \
      "RTMP connections ended by too much of unfinished messages")                \
    X(rtmp_limit_chunk_streams_total, counter,                                    \
      "RTMP connections ended by too many chunk streams")                         \
    X(rtmp_limit_before_publish_total, counter,                                   \
      "RTMP connections ended by too many bytes before a publish")                \
    X(rtmp_limit_handshake_total, counter,                                        \
      "RTMP connections ended because the handshake took too long")               \
    X(rtmp_limit_publish_total, counter,                                          \
      "RTMP connections ended because no publish came in time")                   \
    X(rtmp_limit_verdict_total, counter,                                          \
      "RTMP connections ended because a publish was not answered in time")        \
    X(rtmp_limit_first_media_total, counter,                                      \
      "RTMP connections ended because no media came after the publish")           \
    X(rtmp_limit_idle_total, counter,                                             \
      "RTMP connections ended because nothing came for too long")                 \
    X(rtmp_limit_answers_total, counter,                                          \
      "RTMP connections ended because they asked for too many answers")           \
    X(rtmp_limit_other_total, counter,                                            \
      "RTMP connections ended by a limit without a counter of its own")           \
    X(rtmp_handshakes_failed_total, counter,                                      \
      "Connections closed because TLS or a PROXY header failed")                  \
    X(rtmp_bytes_total, counter, "Bytes received from publishers")                \
    X(publishers, gauge, "Publishers connected and accepted")                     \
    X(shows, gauge, "Shows known")                                                \
    X(shows_live, gauge, "Shows live")                                            \
    X(viewers, gauge, "Open event streams of watch pages")                        \
    X(parts_total, counter, "HLS parts with media, of the rendition that leads")  \
    X(segments_total, counter, "HLS segments completed, all renditions")          \
    X(hole_reports_total, counter,                                                \
      "Reports of missing media: of each hole, and each second of it")            \
    X(long_gops_total, counter, "Segments cut without a key frame")               \
    X(packets_refused_total, counter, "Media packets that could not be packaged") \
    X(reloads_held, gauge, "Blocking reloads that wait")                          \
    X(reloads_expired_total, counter, "Blocking reloads answered 503")            \
    X(http_requests_total, counter, "HTTP requests answered")                     \
    X(http_errors_total, counter, "HTTP requests answered with 5xx")              \
    X(http_connections, gauge, "HTTP connections open")                           \
    X(http_sent_bytes_total, counter, "Bytes sent to HTTP clients")               \
    X(cues_total, counter, "Cues aired")                                          \
    X(cues_in_total, counter, "Cues taken from encoders")                         \
    X(cues_in_refused_total, counter, "Cues of encoders that were refused")       \
    X(ad_markers_in_total, counter,                                               \
      "Markers of advertisements in streams, left alone")                         \
    X(cues_late_total, counter, "Cues that aired later than asked for")           \
    X(hooks_sent_total, counter, "Requests of the hooks that were answered well") \
    X(hooks_failed_total, counter, "Requests of the hooks without a good answer") \
    X(hooks_dropped_total, counter, "Events of the hooks that were given up")     \
    X(hooks_queued, gauge, "Events of the hooks that wait to be received")        \
    X(store_failures_total, counter, "Changes the store could not commit")

struct metrics {
#define METRICS_FIELD(name, type, help) struct counter name;
    METRICS_LIST(METRICS_FIELD)
#undef METRICS_FIELD
};

/* All of them as vitrine_{name}, and process figures (memory, files, CPU, start time)
 * under the names that every Prometheus client gives them. Figures that the system does
 * not tell are left out. Any thread. */
void metrics_print(const struct metrics *metrics, struct builder *out);

#endif
