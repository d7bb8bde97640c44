#include "server/http/h1_conn.h"

const struct http_limits http_h1_default_limits = {
    .head_max = 16 * 1024,
    .head_ms = 10 * 1000,
    .body_ms = 30 * 1000,
    .idle_ms = 75 * 1000,
    .stall_ms = 20 * 1000,
    .queue_max = 32 * 1024 * 1024,
    .connections_max = 20000,
    .connections_per_peer_max = 1000, /* some hundred viewers of one network */
};
