#include "server/rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/message.h"
#include "tests/unit/server/rtmp/fixture.h"

static void answers_pings_on_any_chunk_stream(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 6, 1, 2, 3, 4));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_true(bytes_equal(run_out(&fixture->run), BYTES(2, 0, 0, 0, 0, 0, 6, 4, 0, 0,
                                                          0, 0, 0, 7, 1, 2, 3, 4)));
}

static void ignores_what_it_does_not_know(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, BYTES(0, 31, 1));
    fixture_put(fixture, RTMP_MESSAGE_USER_CONTROL, 0, bytes_make(NULL, 0));
    fixture_put(fixture, RTMP_MESSAGE_PEER_BANDWIDTH, 0, BYTES(0, 1, 0, 0, 2));
    fixture_put(fixture, 16, 0, BYTES(1, 2));                /* shared object */
    fixture_put(fixture, 99, 0, BYTES(1, 2));                /* no such type */
    fixture_put(fixture, RTMP_MESSAGE_DATA, 0, BYTES(0xff)); /* no AMF0 */
    fixture_put(fixture, RTMP_MESSAGE_DATA, 0,
                BYTES(2, 0, 1, 'x', 9)); /* broken behind */
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(run_out(&fixture->run).len, 0);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 6);
}

static void control_messages_cut_short_break_the_protocol(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_SET_CHUNK_SIZE, 0, BYTES(0, 0, 1));
    assert_int_equal(fixture_feed(fixture), -ERR_PROTO);
    assert_int_equal(fixture->run.err.code, ERR_PROTO);
}

static void takes_aggregates_apart(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AGGREGATE, 1000,
                BYTES(8, 0, 0, 3, 0, 0, 50, 0, 0, 0, 0, 0xaf, 1, 5, 0, 0, 0, 14, /**/
                      8, 0, 0, 3, 0, 0, 73, 0, 0, 0, 0, 0xaf, 1, 6, 0, 0, 0, 14));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "audio aac 1000+0 key 1:00000024\n"
                                                   "audio aac 1023+0 key 1:00000025\n");
}

static void takes_amf3_messages_with_a_format_byte(void **state)
{
    struct fixture *fixture = *state;
    fixture_connect(fixture);
    struct builder body;
    builder_init(&body, 256);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, "publish");
    rtmp_amf0_write_number(&body, 0);
    rtmp_amf0_write_null(&body);
    rtmp_amf0_write_text(&body, "k3");
    fixture_put(fixture, RTMP_MESSAGE_COMMAND_AMF3, 0, builder_bytes(&body));
    builder_clear(&body);
    builder_u8(&body, 0);
    rtmp_amf0_write_text(&body, "onCuePoint");
    rtmp_amf0_write_null(&body);
    fixture_put(fixture, RTMP_MESSAGE_DATA_AMF3, 77, builder_bytes(&body));
    builder_finish(&body);
    assert_int_equal(fixture_feed(fixture), 0);
    builder_u8(&fixture->run.events, 0);
    assert_non_null(strstr((const char *)fixture->run.events.data, "key=k3"));
    assert_non_null(
        strstr((const char *)fixture->run.events.data, "data 77 onCuePoint 1"));
}

static void gives_metadata_of_encoders_that_leave_the_at_sign_away(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    struct builder body;
    builder_init(&body, 256);
    rtmp_amf0_write_text(&body, "setDataFrame");
    rtmp_amf0_write_text(&body, "onMetaData");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_object_end(&body);
    fixture_put(fixture, RTMP_MESSAGE_DATA, 0, builder_bytes(&body));
    builder_finish(&body);
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "metadata 0x0 encoder=\n");
}

static void gives_metadata_with_or_without_setdataframe(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(
        fixture, RTMP_MESSAGE_DATA, 0,
        BYTES(2, 0, 10, 'o', 'n', 'M', 'e', 't', 'a', 'D', 'a', 't', 'a', 3, 0, 0, 9));
    fixture_put(fixture, RTMP_MESSAGE_DATA, 0,
                BYTES(2, 0, 13, '@', 's', 'e', 't', 'D', 'a', 't', 'a', 'F', 'r', 'a',
                      'm', 'e', 2, 0, 10, 'o', 'n', 'M', 'e', 't', 'a', 'D', 'a', 't',
                      'a', 3, 0, 0, 9));
    fixture_put(fixture, RTMP_MESSAGE_DATA, 3,
                BYTES(2, 0, 13, '@', 's', 'e', 't', 'D', 'a', 't', 'a', 'F', 'r', 'a',
                      'm', 'e', 2, 0, 3, 'o', 'n', 'X', 5, 1, 1));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "metadata 0x0 encoder=\n"
                                                   "metadata 0x0 encoder=\n"
                                                   "data 3 onX 3\n");
}

static void media_that_carries_nothing_gives_no_event(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, bytes_make(NULL, 0));
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 0));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x27, 1, 0, 0, 0, 0, 0, 0, 0));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x95, 'a', 'v', '0', '1', 0));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 0);
}

static void unknown_codecs_are_given_out_and_never_cut(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0,
                BYTES(0x90, 'z', 'z', 'z', 'z', 1, 2, 3));
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 1, BYTES(0x2f, 0xff));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run),
                        "video-config other 0+0 key 3:00007861\n"
                        "audio other 1+0 key 1:0000011e\n");
}

static void counts_messages_that_were_dropped_half_way(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_header(&fixture->script, &message, 300);
    for (int i = 0; i < 128; i++)
        builder_u8(&fixture->script.out, 0x17);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 4, BYTES(0xaf, 1, 5));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_restarted, 1);
    assert_string_equal(run_events(&fixture->run), "audio aac 4+0 key 1:00000024\n");
}

static void counts_what_it_takes(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    struct rtmp_session_stats before = rtmp_session_get_stats(fixture->run.session);
    struct script_message message = {.csid = 6, .type = RTMP_MESSAGE_VIDEO};
    script_header(&fixture->script, &message, 100);
    builder_u8(&fixture->script.out, 0x17);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0xaf, 1, 1));
    size_t len = script_bytes(&fixture->script).len;
    (void)fixture_feed(fixture);
    struct rtmp_session_stats after = rtmp_session_get_stats(fixture->run.session);
    assert_int_equal(after.bytes_in - before.bytes_in, len);
    assert_int_equal(after.n_messages - before.n_messages,
                     0); /* all of it is payload */
    assert_int_equal(after.n_restarted, 0);
}

static void gives_out_the_tracks_of_one_message(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 40,
                BYTES(0x96, 0x13, 'a', 'v', '0', '1', 0, 0, 0, 2, 7, 8, 3, 0, 0, 1, 9));
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 41,
                BYTES(0x95, 0x01, 'm', 'p', '4', 'a', 1, 9));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "video av1 40+0 key 2:000004a2\n"
                                                   "video 3 av1 40+0 key 1:00000028\n"
                                                   "audio 1 aac 41+0 key 1:00000028\n");
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 0);
}

static void tells_the_end_of_tracks_and_their_colours(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    struct builder body;
    builder_init(&body, 256);
    builder_put(&body, BYTES(0x96, 0x04, 'h', 'v', 'c', '1', 2));
    rtmp_amf0_write_text(&body, "colorInfo");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "colorConfig");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "transferCharacteristics");
    rtmp_amf0_write_number(&body, 16);
    rtmp_amf0_write_object_end(&body);
    rtmp_amf0_write_object_end(&body);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, builder_bytes(&body));
    builder_finish(&body);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 9,
                BYTES(0x96, 0x02, 'h', 'v', 'c', '1', 2));
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 9, BYTES(0x92, 'O', 'p', 'u', 's'));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "color 2 2/16/2\n"
                                                   "track-end video 2\n"
                                                   "track-end audio 0\n");
}

static void counts_tags_it_does_not_understand(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x98, 'a', 'v', '0', '1', 0));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0, BYTES(0x94, 'a', 'v', '0', '1', 0));
    assert_int_equal(fixture_feed(fixture), 0);
    assert_string_equal(run_events(&fixture->run), "");
    assert_int_equal(rtmp_session_get_stats(fixture->run.session).n_unknown, 2);
}

static void an_opus_track_without_configuration_is_plain_stereo(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_AUDIO, 0, BYTES(0x90, 'O', 'p', 'u', 's'));
    struct rtmp_event event = fixture_first_event(fixture, RTMP_EVENT_AUDIO_CONFIG);
    struct bytes head = buf_bytes(event.media.data);
    assert_int_equal(head.len, 19);
    assert_true(bytes_has_prefix(head, "OpusHead"));
    assert_int_equal(head.data[9], 2);
    rtmp_session_event_finish(&event);
}

/* An hvcC behind AVC's number, as sent before FourCCs; AVC again after the next avcC. */
static void hevc_under_the_number_of_avc_is_known_by_its_configuration(void **state)
{
    struct fixture *fixture = *state;
    fixture_publish(fixture);
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 0,
                BYTES(0x17, 0, 0, 0, 0, 1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 63,
                      0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 15, 1, 0xa0, 0, 1, 0, 2,
                      0x40, 1));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 1, BYTES(0x17, 1, 0, 0, 0, 0, 0, 0, 1, 9));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 2, BYTES(0x17, 0, 0, 0, 0, 1, 100, 0, 31));
    fixture_put(fixture, RTMP_MESSAGE_VIDEO, 3, BYTES(0x17, 1, 0, 0, 0, 0, 0, 0, 1, 9));
    assert_int_equal(fixture_feed(fixture), 0);
    const char *events = run_events(&fixture->run);
    assert_non_null(strstr(events, "video-config hevc 0+0"));
    assert_non_null(strstr(events, "video hevc 1+0"));
    assert_non_null(strstr(events, "video-config h264 2+0"));
    assert_non_null(strstr(events, "video h264 3+0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(answers_pings_on_any_chunk_stream),
        WITH_FIXTURE(ignores_what_it_does_not_know),
        WITH_FIXTURE(control_messages_cut_short_break_the_protocol),
        WITH_FIXTURE(takes_aggregates_apart),
        WITH_FIXTURE(takes_amf3_messages_with_a_format_byte),
        WITH_FIXTURE(gives_metadata_of_encoders_that_leave_the_at_sign_away),
        WITH_FIXTURE(gives_metadata_with_or_without_setdataframe),
        WITH_FIXTURE(media_that_carries_nothing_gives_no_event),
        WITH_FIXTURE(unknown_codecs_are_given_out_and_never_cut),
        WITH_FIXTURE(counts_messages_that_were_dropped_half_way),
        WITH_FIXTURE(counts_what_it_takes),
        WITH_FIXTURE(gives_out_the_tracks_of_one_message),
        WITH_FIXTURE(tells_the_end_of_tracks_and_their_colours),
        WITH_FIXTURE(counts_tags_it_does_not_understand),
        WITH_FIXTURE(an_opus_track_without_configuration_is_plain_stereo),
        WITH_FIXTURE(hevc_under_the_number_of_avc_is_known_by_its_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
