/* Shows and products made through the API, as a shop makes them, and what tests ask
 * about them. */
#ifndef TESTS_KIT_SHOP_H
#define TESTS_KIT_SHOP_H

#include "tests/kit/client.h"
#include "tests/kit/encoder.h"

struct shop_show {
    char id[64];
    char key[128];
    char host_token[128];
};

/* POST /api/shows on lane 0; the test fails when it is refused. */
struct shop_show shop_make_show(struct house *house, const char *id);
void shop_make_product(struct house *house, const char *sku, const char *title);
/* Waits until the show's playlist of that rendition is there on the lane, and has
 * complete segments up to msn. */
void shop_await_segment(struct house *house, unsigned lane, const char *show,
                        enum track_kind kind, uint64_t msn);
void shop_await_state(struct house *house, unsigned lane, const char *show,
                      enum show_state state);
/* The newest numbers of a rendition as a lane has them. */
struct shop_position {
    uint64_t version, first_msn, last_msn, open_msn;
    uint32_t n_open_parts, n_segments, target_duration_s;
    bool ended;
};
struct shop_position shop_position(struct house *house, unsigned lane, const char *show,
                                   enum track_kind kind);
/* For house_await(): the video's open segment has as many parts; ctx: struct shop_wanted. */
struct shop_wanted {
    const char *show;
    uint32_t n_open_parts;
};
bool shop_has_open_parts(struct show_hub *hub, void *ctx);
/* As if no cue had been asked for in a while. */
void shop_refill_budget(struct house *house, const char *show);
size_t shop_count_waiters(struct house *house, unsigned lane, const char *show);
void shop_await_waiters(struct house *house, unsigned lane, const char *show, size_t n);

#endif
