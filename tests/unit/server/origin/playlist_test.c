/* Playlists of a show that is on air: delivery directives, held reloads and what caches
 * are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/origin/gzip.h"
#include "tests/kit/air.h"

static struct answer get(struct air *air, const char *query)
{
    char request[256];
    (void)snprintf(request, sizeof request, "GET /live/spring/video.m3u8%s", query);
    return client_ask(&air->house, 1, request, NULL, NULL);
}

static struct answer get_part(struct air *air, uint64_t msn, uint64_t part)
{
    char query[96];
    (void)snprintf(query, sizeof query, "?_HLS_msn=%llu&_HLS_part=%llu",
                   (unsigned long long)msn, (unsigned long long)part);
    return get(air, query);
}

static struct answer get_segment(struct air *air, uint64_t msn)
{
    char query[96];
    (void)snprintf(query, sizeof query, "?_HLS_msn=%llu", (unsigned long long)msn);
    return get(air, query);
}

static void hold(struct air *air, struct client *client, const char *query)
{
    char request[256];
    (void)snprintf(request, sizeof request, "GET /live/spring/video.m3u8%s", query);
    air_hold(air, client, request);
}

static void hold_next_part(struct air *air, struct client *client)
{
    char query[96];
    (void)snprintf(query, sizeof query, "?_HLS_msn=%llu&_HLS_part=%u",
                   (unsigned long long)air->at.open_msn, air->at.n_open_parts);
    hold(air, client, query);
}

static void assert_status(struct answer answer, int status)
{
    assert_int_equal(answer.status, status);
    assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
    client_free(&answer);
}

static void gives_the_playlist_without_directives_at_once(void **state)
{
    struct air *air = *state;
    char cache[64];
    struct answer answer = get(air, "");
    uint32_t half = air->at.target_duration_s / 2;
    (void)snprintf(cache, sizeof cache, "public, max-age=%u", half > 1 ? half : 1);
    assert_int_equal(answer.status, 200);
    client_assert_header(&answer, "Content-Type", "application/vnd.apple.mpegurl");
    client_assert_header(&answer, "Cache-Control", cache);
    client_assert_header(&answer, "Vary", "Accept-Encoding");
    assert_int_equal(strncmp(answer.body, "#EXTM3U\n", 8), 0);
    client_free(&answer);
}

static void answers_at_once_for_media_that_is_there(void **state)
{
    struct air *air = *state;
    char cache[64];
    (void)snprintf(cache, sizeof cache, "public, max-age=%u",
                   6 * air->at.target_duration_s);
    struct answer answer = get_segment(air, air->at.last_msn);
    assert_int_equal(answer.status, 200);
    client_assert_header(&answer, "Cache-Control", cache);
    client_free(&answer);
    assert_status(get_part(air, air->at.open_msn, air->at.n_open_parts - 1), 200);
}

static void answers_at_once_for_the_distant_past(void **state)
{
    assert_status(get_segment(*state, 0), 200);
    assert_status(get_part(*state, 1, 0), 200);
}

/* rfc8216bis 6.2.5.2: such a part is the first of the next segment. */
static void takes_a_part_beyond_the_last_for_the_next_segments_first(void **state)
{
    struct air *air = *state;
    assert_status(get_part(air, air->at.last_msn, 99), 200);
}

static void refuses_directives_that_are_malformed(void **state)
{
    assert_status(get(*state, "?_HLS_msn=one"), 400);
    assert_status(get(*state, "?_HLS_msn=-1"), 400);
    assert_status(get(*state, "?_HLS_msn="), 400);
    assert_status(get(*state, "?_HLS_msn=9223372036854775808"), 400);
    assert_status(get(*state, "?_HLS_msn=1&_HLS_part=x"), 400);
    assert_status(get(*state, "?_HLS_msn=99999999999999999999999999999999999999"), 400);
}

static void refuses_a_part_without_a_segment(void **state)
{
    struct answer answer = get(*state, "?_HLS_part=0");
    assert_int_equal(answer.status, 400);
    client_assert_header(&answer, "Cache-Control", "public, max-age=1");
    client_assert_header(&answer, "Content-Type", "application/problem+json");
    client_free(&answer);
}

static void refuses_what_lies_too_far_in_the_future(void **state)
{
    struct air *air = *state;
    assert_status(get_segment(air, air->at.open_msn + 2), 400);
    assert_status(get_segment(air, INT64_MAX), 400);
    assert_status(get_part(air, air->at.open_msn, air->at.n_open_parts + 50), 400);
}

static void ignores_parameters_it_does_not_know(void **state)
{
    assert_status(get(*state, "?CMCD=bl%3D2000&token=x&_HLS_msn=1&_HLS_other=y"), 200);
}

static void reads_directives_that_are_percent_encoded(void **state)
{
    assert_status(get(*state, "?_HLS_msn=%31&_HLS_part=%30"), 200);
}

static void answers_a_held_reload_with_the_part_it_waits_for(void **state)
{
    struct air *air = *state;
    struct client client;
    char part[64];
    hold_next_part(air, &client);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 500);
    struct answer answer = client_receive(&client);
    assert_int_equal(answer.status, 200);
    (void)snprintf(part, sizeof part, "/video-%llu.%u.m4s\"",
                   (unsigned long long)air->at.open_msn, air->at.n_open_parts);
    assert_non_null(strstr(answer.body, part));
    assert_int_equal(shop_count_waiters(&air->house, 1, "spring"), 0);
    client_free(&answer);
    client_close(&client);
}

static void answers_many_held_reloads_with_one_text(void **state)
{
    enum { N = 40 };
    struct air *air = *state;
    struct client clients[N];
    char request[128];
    (void)snprintf(request, sizeof request, "GET /live/spring/video.m3u8?_HLS_msn=%llu",
                   (unsigned long long)air->at.open_msn);
    for (int i = 0; i < N; i++) {
        client_open(&clients[i], &air->house, (unsigned)i % 2);
        client_send(&clients[i], request, "Accept-Encoding: gzip\r\n", NULL);
    }
    shop_await_waiters(&air->house, 0, "spring", N / 2);
    shop_await_waiters(&air->house, 1, "spring", N / 2);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 2000);
    for (int i = 0; i < N; i++) {
        struct answer answer = client_receive(&clients[i]);
        assert_int_equal(answer.status, 200);
        client_free(&answer);
        client_close(&clients[i]);
    }
}

static void holds_a_request_for_a_whole_segment_until_it_is_complete(void **state)
{
    struct air *air = *state;
    struct client client;
    char query[64];
    (void)snprintf(query, sizeof query, "?_HLS_msn=%llu",
                   (unsigned long long)air->at.open_msn);
    hold(air, &client, query);
    encoder_send_until(&air->encoder,
                       AIR_LIVE_MS + 400); /* a part more, not the segment */
    house_await(&air->house, 1, shop_has_open_parts,
                &(struct shop_wanted){"spring", 2});
    assert_int_equal(shop_count_waiters(&air->house, 1, "spring"), 1);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 1500);
    assert_status(client_receive(&client), 200);
    client_close(&client);
}

/* After a while: players would rather have a whole segment. */
static void gives_parts_alone_when_no_whole_segment_comes_in_time(void **state)
{
    struct air *air = *state;
    air->house.conf.hls_segment_ms = 4000;
    house_restart(&air->house);
    encoder_go_live(&air->encoder, &air->house, air->show.key, 2000);
    house_await(&air->house, 1, shop_has_open_parts,
                &(struct shop_wanted){"spring", 2});
    struct answer answer = get(air, "");
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "#EXT-X-PART:"));
    assert_null(strstr(answer.body, "#EXTINF:"));
    client_free(&answer);
}

static void forgets_a_held_reload_whose_client_goes(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_next_part(air, &client);
    client_close(&client);
    shop_await_waiters(&air->house, 1, "spring", 0);
}

static void serves_the_requests_behind_a_held_one_in_order(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_next_part(air, &client);
    client_send(&client, "GET /live/spring/index.m3u8", NULL, NULL);
    assert_true(client_is_quiet(&client));
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 500);
    struct answer first = client_receive(&client);
    struct answer second = client_receive(&client);
    assert_non_null(strstr(first.body, "#EXT-X-PART:"));
    assert_non_null(strstr(second.body, "#EXT-X-STREAM-INF:"));
    client_free(&first);
    client_free(&second);
    client_close(&client);
}

static void gives_up_a_held_reload_that_waits_too_long(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_next_part(air, &client);
    air_let_time_pass(air, 1);
    struct answer answer = client_receive(&client);
    assert_int_equal(answer.status, 503);
    client_assert_header(&answer, "Retry-After", "1");
    client_assert_header(&answer, "Cache-Control", "no-store");
    client_assert_header(&answer, "Access-Control-Allow-Origin", "*");
    client_free(&answer);
    client_close(&client);
}

static void tells_those_who_wait_that_the_show_was_deleted(void **state)
{
    struct air *air = *state;
    struct client client;
    hold_next_part(air, &client);
    client_expect(&air->house, 0, "DELETE /api/shows/spring", NULL, 204);
    assert_status(client_receive(&client), 404);
    client_close(&client);
    assert_status(get(air, ""), 404);
}

static void ignores_directives_when_the_show_has_ended(void **state)
{
    struct air *air = *state;
    encoder_stop(&air->encoder);
    shop_await_state(&air->house, 1, "spring", SHOW_ENDED);
    static const char *const queries[] = {"?_HLS_msn=99", "?_HLS_part=1", "?_HLS_msn=x",
                                          "?_HLS_msn=99&_HLS_part=3&_HLS_skip=YES"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct answer answer = get(air, queries[i]);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, "#EXT-X-ENDLIST"));
        assert_null(strstr(answer.body, "#EXT-X-SKIP"));
        assert_null(strstr(answer.body, "#EXT-X-PRELOAD-HINT"));
        client_free(&answer);
    }
}

static void gives_a_delta_update_to_those_who_ask(void **state)
{
    struct air *air = *state;
    encoder_send_until(&air->encoder, 30000);
    shop_await_segment(&air->house, 1, "spring", TRACK_VIDEO, 28);
    struct answer full = get(air, "");
    struct answer delta = get(air, "?_HLS_skip=YES");
    assert_non_null(strstr(delta.body, "#EXT-X-SKIP:SKIPPED-SEGMENTS="));
    assert_null(strstr(full.body, "#EXT-X-SKIP:"));
    assert_true(delta.len < full.len);
    assert_string_not_equal(client_header(&full, "ETag"), "");
    client_free(&full);
    client_free(&delta);
}

static void packs_playlists_for_those_who_take_gzip(void **state)
{
    struct air *air = *state;
    static const char *const paths[] = {"GET /live/spring/video.m3u8",
                                        "GET /live/spring/audio.m3u8",
                                        "GET /live/spring/index.m3u8"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct answer plain = client_ask(&air->house, 1, paths[i], NULL, NULL);
        struct answer packed =
            client_ask(&air->house, 1, paths[i], "Accept-Encoding: gzip, br\r\n", NULL);
        struct buf *wanted = origin_gzip_pack(bytes_make(plain.body, plain.len));
        assert_int_equal(packed.status, 200);
        client_assert_header(&packed, "Content-Encoding", "gzip");
        assert_null(client_header(&plain, "Content-Encoding"));
        assert_true(
            bytes_equal(buf_bytes(wanted), bytes_make(packed.body, packed.len)));
        buf_unref(wanted);
        client_free(&plain);
        client_free(&packed);
    }
}

static void says_304_to_those_who_have_it(void **state)
{
    struct air *air = *state;
    static const char *const paths[] = {"GET /live/spring/video.m3u8",
                                        "GET /live/spring/index.m3u8"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char condition[128];
        struct answer answer = client_ask(&air->house, 1, paths[i], NULL, NULL);
        (void)snprintf(condition, sizeof condition, "If-None-Match: %s\r\n",
                       client_header(&answer, "ETag"));
        client_free(&answer);
        answer = client_ask(&air->house, 1, paths[i], condition, NULL);
        assert_int_equal(answer.status, 304);
        client_assert_header(&answer, "Access-Control-Allow-Origin", "*");
        client_free(&answer);
    }
}

static void has_another_etag_for_each_encoding_and_version(void **state)
{
    struct air *air = *state;
    char plain[96], packed[96];
    struct answer answer = get(air, "");
    (void)snprintf(plain, sizeof plain, "%s", client_header(&answer, "ETag"));
    client_free(&answer);
    answer = client_ask(&air->house, 1, "GET /live/spring/video.m3u8",
                        "Accept-Encoding: gzip\r\n", NULL);
    (void)snprintf(packed, sizeof packed, "%s", client_header(&answer, "ETag"));
    client_free(&answer);
    assert_string_not_equal(plain, packed);
    encoder_send_until(&air->encoder, AIR_LIVE_MS + 1500);
    shop_await_segment(&air->house, 1, "spring", TRACK_VIDEO, 5);
    answer = get(air, "");
    assert_string_not_equal(client_header(&answer, "ETag"), plain);
    client_free(&answer);
}

static void lists_both_renditions_in_the_multivariant_playlist(void **state)
{
    struct air *air = *state;
    struct answer answer =
        client_ask(&air->house, 0, "GET /live/spring/index.m3u8", NULL, NULL);
    assert_int_equal(answer.status, 200);
    client_assert_header(&answer, "Cache-Control", "public, max-age=5");
    assert_non_null(strstr(answer.body, "video.m3u8"));
    assert_non_null(strstr(answer.body, "audio.m3u8"));
    client_free(&answer);
}

static void says_404_for_a_show_that_is_not_known(void **state)
{
    struct air *air = *state;
    static const char *const paths[] = {
        "GET /live/summer/index.m3u8", "GET /live/summer/video.m3u8",
        "GET /live/summer/audio.m3u8?_HLS_msn=1", "GET /live/SPRING/index.m3u8"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_status(client_ask(&air->house, 0, paths[i], NULL, NULL), 404);
}

static void says_503_for_a_show_that_is_off_the_air(void **state)
{
    struct air *air = *state;
    (void)shop_make_show(&air->house, "autumn");
    static const char *const paths[] = {"GET /live/autumn/index.m3u8",
                                        "GET /live/autumn/video.m3u8",
                                        "GET /live/autumn/audio.m3u8?_HLS_msn=1"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct answer answer = client_ask(&air->house, 0, paths[i], NULL, NULL);
        client_assert_header(&answer, "Retry-After", "1");
        assert_status(answer, 503);
    }
}

static void gives_heads_without_bodies(void **state)
{
    struct air *air = *state;
    struct client client;
    client_open(&client, &air->house, 1);
    client_send(&client, "HEAD /live/spring/video.m3u8", NULL, NULL);
    struct answer answer = client_receive_head(&client);
    assert_int_equal(answer.status, 200);
    assert_non_null(client_header(&answer, "Content-Length"));
    assert_true(client_is_quiet(&client));
    client_free(&answer);
    client_close(&client);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, air_setup_live, air_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(gives_the_playlist_without_directives_at_once),
        ON_AIR(answers_at_once_for_media_that_is_there),
        ON_AIR(answers_at_once_for_the_distant_past),
        ON_AIR(takes_a_part_beyond_the_last_for_the_next_segments_first),
        ON_AIR(refuses_directives_that_are_malformed),
        ON_AIR(refuses_a_part_without_a_segment),
        ON_AIR(refuses_what_lies_too_far_in_the_future),
        ON_AIR(ignores_parameters_it_does_not_know),
        ON_AIR(reads_directives_that_are_percent_encoded),
        ON_AIR(answers_a_held_reload_with_the_part_it_waits_for),
        ON_AIR(answers_many_held_reloads_with_one_text),
        ON_AIR(holds_a_request_for_a_whole_segment_until_it_is_complete),
        cmocka_unit_test_setup_teardown(
            gives_parts_alone_when_no_whole_segment_comes_in_time, air_setup,
            air_teardown),
        ON_AIR(forgets_a_held_reload_whose_client_goes),
        ON_AIR(serves_the_requests_behind_a_held_one_in_order),
        ON_AIR(gives_up_a_held_reload_that_waits_too_long),
        ON_AIR(tells_those_who_wait_that_the_show_was_deleted),
        ON_AIR(ignores_directives_when_the_show_has_ended),
        ON_AIR(gives_a_delta_update_to_those_who_ask),
        ON_AIR(packs_playlists_for_those_who_take_gzip),
        ON_AIR(says_304_to_those_who_have_it),
        ON_AIR(has_another_etag_for_each_encoding_and_version),
        ON_AIR(lists_both_renditions_in_the_multivariant_playlist),
        ON_AIR(says_404_for_a_show_that_is_not_known),
        ON_AIR(says_503_for_a_show_that_is_off_the_air),
        ON_AIR(gives_heads_without_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
