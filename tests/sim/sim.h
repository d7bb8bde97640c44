/* One simulated show: a publisher, the packager, and the checker on what it publishes. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "tests/sim/checker.h"
#include "tests/sim/feed.h"

enum { SIM_WALL_ANCHOR_S = 1795000000, SIM_FINDINGS = PACKAGER_REFUSED_PACKET + 1 };

struct sim {
    struct feed feed;
    struct packager *packager;
    struct checker *checker;
    /* Of the others of each kind, which must be in step with the first sound. */
    struct checker *more[RENDITIONS_PER_KIND - 1];
    uint64_t n_findings[SIM_FINDINGS];
    int64_t findings[SIM_FINDINGS]; /* the newest value of each */
    uint64_t n_parts_due, n_after_gap;
    int64_t gap_ticks; /* of 90 kHz, told by PACKAGER_GAP, in sum */
    int64_t now_ms;
    int64_t first_ms;                /* when the first playlist appeared, or -1 */
    int64_t updated_ms[TRACK_KINDS]; /* the last time, or -1 */
    int64_t longest_wait_ms[TRACK_KINDS];
    int64_t last_end; /* of the last part that was due */
    /* Gives a packet the times that the server has for it; NULL: the feed's. */
    void (*restamp)(struct sim *sim, struct packet *packet);
    struct timeline *timeline;
    bool has_marker; /* goes into each segment's first part */
    struct marker marker;
};

struct packager_config sim_usual_config(void);
struct feed_config sim_usual_feed(void);

/* checks NULL: the strictest. */
void sim_init(struct sim *sim, const struct packager_config *config,
              const struct checker_config *checks);
void sim_finish(struct sim *sim);
/* A show as usual with that publisher on air. */
void sim_start(struct sim *sim, const struct feed_config *feed,
               const struct checker_config *checks);
void sim_carry_markers(struct sim *sim); /* from here on */
void sim_begin(struct sim *sim, const char *token, const struct feed_config *config);
/* Whether another publisher with these first tracks, or NULL, could go on. */
bool sim_continues(const struct sim *sim, struct track *video, struct track *audio);
/* Another publisher with the same tracks, which goes on in the epoch that runs. */
void sim_resume(struct sim *sim, const struct feed_config *config);
void sim_run_until(struct sim *sim, int64_t ms);  /* of arrival */
void sim_wait_until(struct sim *sim, int64_t ms); /* no packet comes */
void sim_pull(struct sim *sim);
void sim_end(struct sim *sim);
/* Of pictures and sound with that index; 1 and more. */
struct checker_stats sim_stats_more(const struct sim *sim, unsigned index,
                                    enum track_kind kind);
struct checker_stats sim_stats(const struct sim *sim, enum track_kind kind);

#endif
