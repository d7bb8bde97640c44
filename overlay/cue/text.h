/* shop.cue.v1: the JSON of cues, as docs/CUES.md describes it. Keys always stand in the
 * same order and there are no spaces, so equal cues are equal bytes.
 *
 * A text in band is at most CUE_TEXT_MAX bytes. When a product's links make it longer,
 * they are left out, image first; in a snapshot those of the card that has been up
 * longest first. Names and revisions always stay. */
#ifndef CUE_TEXT_H
#define CUE_TEXT_H

#include "overlay/cue/journal.h"

struct builder;

enum {
    CUE_TEXT_MAX = 1000, /* bytes */
    CUE_TEXT_MORE = 32,  /* bytes that ,"m":… adds */
};

/* Whose cues they are. */
struct cue_text_show {
    const char *token; /* "s" */
    int64_t anchor_ms; /* wall clock at media time 0 */
};

int64_t cue_text_wall_ms(const struct cue_text_show *show, int64_t time);

/* A cue that aired, as it is in band. */
void cue_text_delta(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry);
/* The same and "m", its media time in ms; "q" is null when it has not aired. */
void cue_text_event(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry);
/* The state at a time; q: last cue in it, or 0. */
void cue_text_snapshot(struct builder *out, const struct cue_text_show *show,
                       const struct cue_board *board, uint32_t q, int64_t time);
/* What a playlist's date range says of a card's revision: without times, which are the
 * range's own. */
void cue_text_range(struct builder *out, const struct cue_text_show *show,
                    const struct cue_entry *entry);
/* "b":184,"cards":[…]: the state as the HTTP interface gives it. */
void cue_text_state(struct builder *out, const struct cue_text_show *show,
                    const struct cue_board *board, uint32_t q);

#endif
