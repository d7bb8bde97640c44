#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "tests/sim/feed.h"

static void cuts_a_stream(void **state)
{
    (void)state;
    struct feed feed;
    feed_init(&feed, &(struct feed_config){.video = true,
                                           .audio = true,
                                           .fps_num = 30,
                                           .fps_den = 1,
                                           .gop_frames = 60});
    struct packager *p = packager_create(
        &(struct packager_config){.part_ms = 334,
                                  .segment_ms = 2000,
                                  .window_ms = 16000,
                                  .first_msn = 1,
                                  .constants = {.wall_anchor_ms = 1795000000000}});
    assert_int_equal(packager_begin(p, "abc", feed_track(&feed, TRACK_VIDEO),
                                    feed_track(&feed, TRACK_AUDIO), 0, NULL),
                     0);
    for (int i = 0; i < 2000; i++) {
        struct packet packet;
        int64_t ms;
        feed_next(&feed, &packet, &ms);
        assert_int_equal(packager_push(p, &packet, ms, NULL), 0);
        struct packager_event event;
        while (packager_next(p, &event))
            if (event.type == PACKAGER_PART_DUE)
                packager_finish_part(p, NULL, 0);
    }
    for (int k = 0; k < 2; k++) {
        struct snapshot *s = packager_snapshot(p, (enum track_kind)k);
        assert_non_null(s);
        hls_snapshot_unref(s);
    }
    struct buf *m = packager_multivariant(p);
    assert_non_null(m);
    buf_unref(m);
    packager_destroy(p);
    feed_finish(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cuts_a_stream)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
