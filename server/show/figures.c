#include "server/show/figures.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "server/loop/loop.h"
#include "server/show/ingest.h"
#include "server/show/publisher.h"
#include "server/show/show.h"

static void take_findings(struct show_figures *figures,
                          const struct coach_finding *from, size_t n, int64_t now_ms)
{
    figures->n_findings = n;
    for (size_t i = 0; i < n; i++) {
        figures->findings[i] = from[i];
        figures->findings[i].since_ms += figures->sampled_ms - now_ms;
    }
}

struct show_figures *show_figures_create(const struct show *show)
{
    struct coach_finding findings[COACH_CODES];
    if (!show->publisher)
        return NULL;
    size_t n = show_coach_findings(&show->health.watch->coach, findings);
    const struct show_passport *passport = show_publisher_passport(show->publisher);
    struct show_figures *figures =
        alloc_zero(sizeof *figures + n * sizeof figures->findings[0]);
    refs_init(&figures->refs);
    figures->sampled_ms = loop_wall_ms(show->hub->loop);
    figures->connected_ms = show->connected_ms;
    figures->n_reconnects = show->n_publishers > 0 ? show->n_publishers - 1 : 0;
    figures->role = passport->role;
    figures->reading = show->health.watch->reading;
    memcpy(figures->encoder, show->encoder, sizeof figures->encoder);
    memcpy(figures->session, passport->session, sizeof figures->session);
    memcpy(figures->address, passport->address, sizeof figures->address);
    memcpy(figures->key_id, passport->key_id, sizeof figures->key_id);
    if (passport->is_guest)
        memcpy(figures->key_show, passport->home, sizeof figures->key_show);
    figures->max_kbps = passport->terms.max_kbps;
    figures->expires_ms = passport->terms.expires_ms;
    show_publisher_measure(show->publisher, &figures->line);
    figures->timeline = show_ingest_timeline(show->ingest);
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        figures->tracks[kind] =
            media_track_ref(show_ingest_track(show->ingest, (enum track_kind)kind));
    take_findings(figures, findings, n, loop_now_ms(show->hub->loop));
    return figures;
}

struct show_figures *show_figures_ref(struct show_figures *figures)
{
    if (figures)
        refs_add(&figures->refs);
    return figures;
}

void show_figures_unref(struct show_figures *figures)
{
    if (!figures || !refs_drop(&figures->refs))
        return;
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        media_track_unref(figures->tracks[kind]);
    alloc_free(figures);
}
