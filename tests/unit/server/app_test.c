/* What is there again after a restart, and what players see of it. */
#include "server/app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/err.h"
#include "tests/kit/shop.h"

static struct answer playlist(struct house *house)
{
    struct answer answer =
        client_ask(house, 1, "GET /live/spring/video.m3u8", NULL, NULL);
    assert_int_equal(answer.status, 200);
    return answer;
}

/* The number behind a tag. */
static unsigned long long number(const struct answer *answer, const char *tag)
{
    const char *at = strstr(answer->body, tag);
    if (!at)
        fail_msg("no %s in %s", tag, answer->body);
    return strtoull(at + strlen(tag), NULL, 10);
}

/* Discontinuities from the beginning of the show up to the playlist's end. */
static unsigned long long discontinuities(const struct answer *answer)
{
    unsigned long long n = number(answer, "#EXT-X-DISCONTINUITY-SEQUENCE:");
    for (const char *at = answer->body; (at = strstr(at, "#EXT-X-DISCONTINUITY\n"));
         at++)
        n++;
    return n;
}

/* All that was asked to be kept so far is on the disk. */
static void await_disk(struct house *house)
{
    shop_make_product(house, "DISK", "Asked for last, kept last");
}

static void put_on_air(struct house *house, struct encoder *encoder, const char *key,
                       uint64_t segments)
{
    uint64_t wanted =
        shop_position(house, 1, "spring", TRACK_VIDEO).last_msn + segments;
    encoder_go_live(encoder, house, key, 4400);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, wanted);
}

static void brings_back_shows_products_and_cues(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    shop_make_product(house, "SKU-1", "Satin lipstick");
    shop_make_product(house, "SKU-2", "Blush");
    put_on_air(house, &encoder, show.key, 4);
    client_expect(house, 0, "POST /api/shows/spring/cues",
                  "{\"k\":\"show\",\"c\":\"one\",\"sku\":\"SKU-1\"}", 201);
    client_expect(house, 0, "PATCH /api/shows/spring",
                  "{\"host\":\"Ada\",\"run_sheet\":[\"SKU-2\",\"SKU-1\"]}", 200);
    encoder_close(&encoder);
    house_restart(house);
    char headers[200];
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n",
                   show.host_token);
    struct answer answer = client_ask(house, 1, "GET /api/shows/spring", headers, NULL);
    assert_int_equal(answer.status, 200); /* the host's token is as good as before */
    client_assert_field(&answer, "title", "Spring sale");
    client_assert_field(&answer, "host", "Ada");
    client_assert_field(&answer, "state", "ended");
    assert_non_null(strstr(answer.body, "[\"SKU-2\",\"SKU-1\"]"));
    client_free(&answer);
    answer = client_ask(house, 1, "GET /live/spring/state?t=86400000", NULL, NULL);
    client_assert_field(&answer, "b", "1");
    assert_non_null(strstr(answer.body, "\"c\":\"one\""));
    assert_non_null(strstr(answer.body, "Satin lipstick"));
    client_free(&answer);
    encoder_open(&encoder, house, 0, show.key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_PUBLISHING);
    encoder_close(&encoder);
}

static void answers_503_until_the_publisher_comes_back(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    put_on_air(house, &encoder, show.key, 4);
    encoder_close(&encoder);
    house_restart(house);
    static const char *const requests[] = {
        "GET /live/spring/index.m3u8", "GET /live/spring/video.m3u8",
        "GET /live/spring/audio.m3u8?_HLS_msn=5&_HLS_part=1"};
    for (unsigned i = 0; i < 3; i++) {
        struct answer answer = client_ask(house, i % 2, requests[i], NULL, NULL);
        assert_int_equal(answer.status, 503);
        assert_string_equal(client_header(&answer, "Retry-After"), "1");
        assert_string_equal(client_header(&answer, "Cache-Control"), "no-store");
        client_free(&answer);
    }
    put_on_air(house, &encoder, show.key, 1);
    struct answer answer = playlist(house);
    client_free(&answer);
    encoder_close(&encoder);
}

static void assert_goes_on(const struct answer *before, const struct answer *after)
{
    static const char *const constants[] = {"#EXT-X-TARGETDURATION:",
                                            "#EXT-X-PART-INF:PART-TARGET=0."};
    unsigned long long n_segments = 0;
    for (const char *at = before->body; (at = strstr(at, "#EXTINF:")); at++)
        n_segments++;
    unsigned long long next = number(before, "#EXT-X-MEDIA-SEQUENCE:") + n_segments;
    assert_true(number(after, "#EXT-X-MEDIA-SEQUENCE:") > next);
    assert_true(number(after, "#EXT-X-DISCONTINUITY-SEQUENCE:") >=
                discontinuities(before));
    assert_null(strstr(after->body, "#EXT-X-ENDLIST"));
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        assert_int_equal(number(before, constants[i]), number(after, constants[i]));
}

static void goes_on_behind_its_numbers_after_a_restart(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    put_on_air(house, &encoder, show.key, 4);
    struct answer before = playlist(house);
    encoder_close(&encoder);
    for (int i = 0; i < 3; i++) {
        house->conf.hls_part_ms = i == 0 ? 500 : 250; /* for new shows only */
        house_restart(house);
        put_on_air(house, &encoder, show.key, 3);
        struct answer after = playlist(house);
        assert_goes_on(&before, &after);
        client_free(&before);
        before = after;
        encoder_close(&encoder);
    }
    client_free(&before);
}

/* Killed in the middle of the show, behind a second and a third encoder. */
static void goes_on_behind_its_numbers_after_a_crash(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder first, second, third;
    put_on_air(house, &first, show.key, 4);
    put_on_air(house, &second, show.key, 5);
    put_on_air(house, &third, show.key, 5);
    struct answer before = playlist(house);
    assert_int_equal(discontinuities(&before), 0); /* their tracks are the same */
    await_disk(house);
    house_crash(house);
    encoder_close(&first);
    encoder_close(&second);
    encoder_close(&third);
    put_on_air(house, &first, show.key, 3);
    struct answer after = playlist(house);
    assert_goes_on(&before, &after);
    client_free(&before);
    client_free(&after);
    encoder_close(&first);
}

static void keeps_numbers_when_the_show_is_changed_while_it_is_live(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    put_on_air(house, &encoder, show.key, 4);
    struct answer before = playlist(house);
    client_expect(house, 0, "PATCH /api/shows/spring", "{\"title\":\"Other\"}", 200);
    house_crash(house);
    encoder_close(&encoder);
    put_on_air(house, &encoder, show.key, 3);
    struct answer after = playlist(house);
    assert_goes_on(&before, &after);
    client_free(&before);
    client_free(&after);
    encoder_close(&encoder);
}

static void forgets_what_was_deleted(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    shop_make_product(house, "SKU-1", "Satin lipstick");
    put_on_air(house, &encoder, show.key, 4);
    client_expect(house, 0, "POST /api/shows/spring/cues",
                  "{\"k\":\"show\",\"sku\":\"SKU-1\"}", 201);
    client_expect(house, 0, "DELETE /api/shows/spring", NULL, 204);
    client_expect(house, 0, "DELETE /api/products/SKU-1", NULL, 204);
    encoder_close(&encoder);
    house_restart(house);
    client_expect(house, 0, "GET /api/shows/spring", NULL, 404);
    client_expect(house, 0, "GET /api/products/SKU-1", NULL, 404);
}

/* A show made anew under an old id has nothing of the one before. */
static void begins_anew_under_an_id_that_was_used(void **state)
{
    struct house *house = *state;
    struct shop_show show = shop_make_show(house, "spring");
    struct encoder encoder;
    put_on_air(house, &encoder, show.key, 4);
    client_expect(house, 0, "DELETE /api/shows/spring", NULL, 204);
    encoder_close(&encoder);
    (void)shop_make_show(house, "spring");
    house_restart(house);
    struct answer answer = client_call(house, 0, "GET /api/shows/spring", NULL);
    client_assert_field(&answer, "state", "draft");
    client_free(&answer);
    answer = client_ask(house, 1, "GET /live/spring/state", NULL, NULL);
    client_assert_field(&answer, "anchor_ms", "0");
    client_free(&answer);
}

static void refuses_a_data_dir_that_is_in_use(void **state)
{
    struct house *house = *state;
    struct err err;
    struct app *second = server_app_create(&house->conf);
    assert_int_equal(server_app_open(second, &err), -ERR_BUSY);
    server_app_destroy(second);
    client_expect(house, 0, "GET /api/shows", NULL, 200);
}

static void may_be_destroyed_before_it_runs(void **state)
{
    struct house *house = *state;
    struct temp_dir dir;
    struct conf conf = house->conf;
    struct err err;
    temp_dir_make(&dir);
    conf.data_dir = dir.path;
    struct app *app = server_app_create(&conf);
    assert_int_equal(server_app_open(app, &err), 0);
    server_app_destroy(app);
    temp_dir_remove(&dir);
}

static void copy_limits(struct show_hub *hub, void *ctx)
{
    *(struct rtmp_limits *)ctx = hub->house->rtmp_limits;
}

static void hands_the_limits_of_the_configuration_to_rtmp(void **state)
{
    struct house *house = *state;
    struct conf *conf = &house->conf;
    struct rtmp_limits limits;
    conf->rtmp_media_message = 1000001;
    conf->rtmp_command_message = 1000002;
    conf->rtmp_partial_messages = 1000003;
    conf->rtmp_chunk_streams = 104;
    conf->rtmp_before_publish = 1000005;
    conf->rtmp_handshake_ms = 1006;
    conf->rtmp_publish_ms = 1007;
    conf->rtmp_first_media_ms = 1008;
    conf->rtmp_idle_ms = 1009;
    house_restart(house);
    for (unsigned lane = 0; lane < house->n_lanes; lane++) {
        house_run(house, lane, copy_limits, &limits);
        assert_int_equal(limits.media_message_max, 1000001);
        assert_int_equal(limits.command_message_max, 1000002);
        assert_int_equal(limits.partial_total_max, 1000003);
        assert_int_equal(limits.chunk_streams_max, 104);
        assert_int_equal(limits.before_publish_max, 1000005);
        assert_int_equal(limits.handshake_ms, 1006);
        assert_int_equal(limits.publish_ms, 1007);
        assert_int_equal(limits.first_media_ms, 1008);
        assert_int_equal(limits.idle_ms, 1009);
        assert_int_equal(limits.verdict_ms, rtmp_session_default_limits.verdict_ms);
    }
}

#define OPEN(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN(brings_back_shows_products_and_cues),
        OPEN(answers_503_until_the_publisher_comes_back),
        OPEN(goes_on_behind_its_numbers_after_a_restart),
        OPEN(goes_on_behind_its_numbers_after_a_crash),
        OPEN(keeps_numbers_when_the_show_is_changed_while_it_is_live),
        OPEN(forgets_what_was_deleted),
        OPEN(begins_anew_under_an_id_that_was_used),
        OPEN(refuses_a_data_dir_that_is_in_use),
        OPEN(may_be_destroyed_before_it_runs),
        OPEN(hands_the_limits_of_the_configuration_to_rtmp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
