#include "packager/media/access_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/err.h"
#include "tests/unit/packager/clip.h"

static void key_units_of_h264_are_found_in_the_bytes(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    for (size_t i = 0; i < clip->n_frames; i++) {
        const struct clip_frame *frame = &clip->frames[i];
        struct packet packet;
        assert_int_equal(media_access_unit_clean(clip->tracks[frame->kind], frame->data,
                                                 &packet, NULL),
                         0);
        assert_int_equal(packet.kind, frame->kind);
        assert_int_equal(packet.key, frame->kind == TRACK_AUDIO || frame->key);
        assert_ptr_equal(packet.data, frame->data);
        assert_int_equal(packet.n_samples, frame->kind == TRACK_AUDIO ? 1024 : 0);
        assert_int_equal(packet.dts, 0);
        media_packet_finish(&packet);
    }
    clip_free(clip);
}

static void leaves_what_it_returns_alone_when_it_fails(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    struct buf *data = buf_copy(bytes_make("\0\0\0\x09\x65\x88", 6));
    struct packet packet = {.dts = 7};
    struct err err = {0};
    assert_int_equal(
        media_access_unit_clean(clip->tracks[TRACK_VIDEO], data, &packet, &err),
        -ERR_MEDIA);
    assert_int_equal(packet.dts, 7);
    assert_null(packet.data);
    assert_int_equal(err.code, ERR_MEDIA);
    buf_unref(data);
    clip_free(clip);
}

static void units_of_h264_say_nothing_new_of_their_track(void **state)
{
    (void)state;
    struct clip *clip = clip_load();
    struct track *track = clip->tracks[TRACK_VIDEO];
    struct packet packet = {.data = clip->frames[0].data};
    struct track *refined = media_access_unit_refine(track, &packet);
    assert_ptr_equal(refined, track);
    media_track_unref(refined);
    clip_free(clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_units_of_h264_are_found_in_the_bytes),
        cmocka_unit_test(leaves_what_it_returns_alone_when_it_fails),
        cmocka_unit_test(units_of_h264_say_nothing_new_of_their_track),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
