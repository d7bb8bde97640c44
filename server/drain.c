#include "server/drain.h"

#include "server/lane.h"
#include "server/show/drain.h"

enum {
    DRAIN_STUCK_MS = 1000, /* beyond what a lane allows itself: it does not answer */
};

static void set_state(struct drain *drain, enum drain_state state, int64_t until_ms)
{
    drain->state = state;
    drain->until_ms = until_ms;
}

static bool are_all_done(const struct drain *drain)
{
    for (unsigned i = 0; i < drain->n_lanes; i++)
        if (!server_lane_is_done(drain->lanes[i]))
            return false;
    return true;
}

void server_drain_begin(struct drain *drain, struct lane *const *lanes,
                        unsigned n_lanes, bool hands_over, bool lingers, int64_t now_ms)
{
    *drain = (struct drain){.lanes = lanes,
                            .n_lanes = n_lanes,
                            .hands_over = hands_over,
                            .lingers = lingers};
    set_state(drain, DRAIN_SENDS_AWAY, now_ms + DRAIN_GOP_MAX_MS + DRAIN_STUCK_MS);
    for (unsigned i = 0; i < n_lanes; i++)
        server_lane_send_away(lanes[i], hands_over);
}

static void finish(struct drain *drain, int64_t now_ms)
{
    set_state(drain, DRAIN_FINISHES, now_ms + DRAIN_STUCK_MS);
    for (unsigned i = 0; i < drain->n_lanes; i++)
        server_lane_finish_sending(drain->lanes[i]);
}

static void linger(struct drain *drain, int64_t now_ms)
{
    int64_t linger_ms = drain->hands_over ? DRAIN_LINGER_SHORT_MS : DRAIN_LINGER_MS;
    set_state(drain, DRAIN_LINGERS, now_ms + (drain->lingers ? linger_ms : 0));
}

static void stop(struct drain *drain, int64_t now_ms)
{
    set_state(drain, DRAIN_STOPS, now_ms + LANE_DRAIN_MS + DRAIN_STUCK_MS);
    for (unsigned i = 0; i < drain->n_lanes; i++)
        server_lane_stop_serving(drain->lanes[i]);
}

bool server_drain_step(struct drain *drain, int64_t now_ms)
{
    bool late = now_ms >= drain->until_ms;
    switch (drain->state) {
    case DRAIN_SENDS_AWAY:
        if (late || are_all_done(drain))
            finish(drain, now_ms);
        break;
    case DRAIN_FINISHES:
        if (late || are_all_done(drain))
            linger(drain, now_ms);
        break;
    case DRAIN_LINGERS:
        if (late)
            stop(drain, now_ms);
        break;
    case DRAIN_STOPS:
        if (late || are_all_done(drain))
            set_state(drain, DRAIN_DONE, INT64_MAX);
        break;
    case DRAIN_DONE:
        break;
    }
    return drain->state == DRAIN_DONE;
}
