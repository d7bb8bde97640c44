/* One unbroken run of media in a show: leads its renditions from the first key frame to
 * the end. The first pictures lead, all else follows; without pictures the first sound
 * leads.
 *
 * Ownership: a plain value; the renditions are the packager's.
 * Time:      90 kHz between renditions.
 * Away:      media that does not come in time is given up on the schedule, in all
 *            renditions; a start that breaks off is begun anew.
 * Late:      a sender that stays behind what was made, because it was paused or begins
 *            too early, goes on right behind it with its next key frame, all tracks alike.
 * Limits:    EPOCH_LAG_MS of media between the renditions. */
#ifndef EPOCH_H
#define EPOCH_H

#include "packager/rendition.h"
#include "packager/schedule.h"
#include "packager/segment/cadence.h"

/* How far one rendition waits for the other: twice the second by which encoders
 * interleave. What is missing then is a hole. */
enum { EPOCH_LAG_MS = 2000 };
/* Nothing was shown yet and nothing comes: the start is begun anew with what comes next,
 * since what players see of it stays for the show's life. */
enum { EPOCH_START_PATIENCE_MS = 3000 };
/* So long a silence of a sender that is still connected: what it sent is on its way more
 * often than lost, and comes at once; players have about as much in store. */
enum { EPOCH_CONNECTED_PATIENCE_MS = 2500 };
/* The leader's packets come too late for their places, and do not catch up in this time. */
enum { EPOCH_LATE_MS = 1000 };
/* A sender that goes on so far ahead has another clock: it is placed right behind. */
enum { EPOCH_AHEAD_MAX_MS = 60000 };
#define EPOCH_NO_KEY INT64_MIN
enum { EPOCH_STARTS_MAX = 64 }; /* enough to tell 29.97 from 30 frames a second */

enum epoch_state {
    EPOCH_NONE,      /* no publisher */
    EPOCH_WAITING,   /* for the first key frame */
    EPOCH_MEASURING, /* the show's first seconds, not cut yet */
    EPOCH_CUTTING,   /* parts are made */
    EPOCH_DRAINING,  /* nothing more comes; the rest is cut */
};

struct epoch {
    enum epoch_state state;
    struct rendition *leader;
    size_t n_followers; /* all others that ever were */
    struct rendition *followers[RENDITIONS_MAX - 1];
    const struct packager_config *config;
    struct packager_constants *constants; /* measured values are written here */
    struct cadence cadence;               /* of the leader; num 0: not measured */
    bool discontinuity;                   /* at the first segment */
    bool show_started; /* the first playlist may appear; stays true over epochs */
    int64_t start;     /* 90 kHz, of the leader */
    int64_t boundary;  /* of the leader's open segment, known to the followers */
    int64_t part_end; /* of the leader's newest complete part, known to the followers */
    int64_t second_key;
    bool connected; /* a publisher is there, whether it sends or not */
    struct schedule schedule;
    int64_t given_up; /* 90 kHz: what is missing before it comes no more, or NEVER */
    bool wants_key;   /* the leader goes on with a key frame and no other picture */
    int64_t delay; /* 90 kHz: what is added to all times, so that they have a place */
    bool is_returning;     /* the key frame that ends missing media has not come */
    bool is_resumed;       /* no packet of the newest sender has come */
    int64_t late_since_ms; /* no packet of the leader had a place since; or NEVER */
    bool is_shifted;       /* the muxer has had its first packet */
    int64_t starts[EPOCH_STARTS_MAX]; /* of an epoch that was not measured at first */
    size_t n_starts;
};

void packager_epoch_init(struct epoch *epoch, const struct packager_config *config,
                         struct packager_constants *constants);
/* The renditions have entered. */
void packager_epoch_begin(struct epoch *epoch, struct rendition *leader,
                          struct rendition *const *followers, size_t n_followers,
                          bool discontinuity, int64_t now_ms);
/* Takes the packet's data. */
void packager_epoch_push(struct epoch *epoch, struct rendition *rendition,
                         const struct packet *packet, int64_t now_ms);
/* Another sender goes on with the same tracks. */
void packager_epoch_resume(struct epoch *epoch);
void packager_epoch_tick(struct epoch *epoch, int64_t now_ms);
int64_t packager_epoch_deadline_ms(const struct epoch *epoch);
/* What was not shown yet is forgotten. */
void packager_epoch_restart(struct epoch *epoch);
/* From now on nothing comes; state is EPOCH_NONE when the last step was IDLE. */
void packager_epoch_drain(struct epoch *epoch);
/* RENDITION_PART_DUE: of the leader; the follower's parts are finished inside. */
enum rendition_step packager_epoch_step(struct epoch *epoch);

/* The answer to RENDITION_PART_DUE: boxes go in front of the leader's part, and of those
 * of its kind that follow, because a player has one of them. */
void packager_epoch_finish_part(struct epoch *epoch, struct bytes boxes);

/* 90 kHz: start of the open part of the leader, and the newest time of any packet. */
int64_t packager_epoch_open_time(const struct epoch *epoch);
int64_t packager_epoch_newest_time(const struct epoch *epoch);

#endif
