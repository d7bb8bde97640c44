#include "packager/media/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"

static void rescales_to_nearest_with_halves_away_from_zero(void **state)
{
    (void)state;
    assert_int_equal(media_packet_rescale(1024, 44100, 90000), 2090);
    assert_int_equal(media_packet_rescale(-1024, 44100, 90000), -2090);
    assert_int_equal(media_packet_rescale(1, 2, 1), 1);
    assert_int_equal(media_packet_rescale(-1, 2, 1), -1);
    assert_int_equal(media_packet_rescale(1, 3, 1), 0);
    assert_int_equal(media_packet_rescale(2, 3, 1), 1);
    assert_int_equal(media_packet_rescale(3, 2, 1), 2);
    assert_int_equal(media_packet_rescale(INT64_MIN, 90000, 90000), INT64_MIN);
}

static void rescales_centuries_exactly(void **state)
{
    (void)state;
    int64_t century_s = INT64_C(36525) * 86400;
    assert_int_equal(media_packet_rescale(century_s * 96000 + 96, 96000, 90000),
                     century_s * 90000 + 90);
    assert_int_equal(media_packet_rescale(-century_s * 90000 - 90, 90000, 1000),
                     -century_s * 1000 - 1);
}

static void finishing_gives_the_data_back_and_may_be_repeated(void **state)
{
    (void)state;
    struct packet a = {.kind = TRACK_AUDIO,
                       .dts = 5,
                       .pts = 6,
                       .key = true,
                       .data = buf_copy(bytes_text("abc"))};
    struct buf *kept = buf_ref(a.data);
    media_packet_finish(&a);
    assert_null(a.data);
    media_packet_finish(&a); /* zeroed: nothing */
    assert_true(bytes_equal_text(buf_bytes(kept), "abc"));
    buf_unref(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rescales_to_nearest_with_halves_away_from_zero),
        cmocka_unit_test(rescales_centuries_exactly),
        cmocka_unit_test(finishing_gives_the_data_back_and_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
