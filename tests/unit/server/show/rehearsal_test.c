#include "server/show/rehearsal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/map.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

struct preview {
    struct shop_show show;
    char id[SHOW_PUBLIC_ID_MAX + 1];
    char key[160]; /* with ?test=1 */
};

static void make(struct house *house, struct preview *preview)
{
    preview->show = shop_make_show(house, "spring");
    (void)snprintf(preview->key, sizeof preview->key, "%s?test=1", preview->show.key);
    struct answer answer = client_call(house, 1, "GET /api/shows/spring", NULL);
    const char *url = client_field(&answer, "preview_url");
    assert_non_null(url);
    (void)snprintf(preview->id, sizeof preview->id, "%s",
                   strstr(url, "/watch/") + strlen("/watch/"));
    client_free(&answer);
}

static struct answer get(struct house *house, const char *before, const char *id,
                         const char *behind)
{
    char request[160];
    (void)snprintf(request, sizeof request, "GET %s%s%s", before, id, behind);
    return client_ask(house, 1, request, NULL, NULL);
}

static void assert_status(struct house *house, const char *before, const char *id,
                          const char *behind, int status)
{
    struct answer answer = get(house, before, id, behind);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void rehearse(struct house *house, struct preview *preview,
                     struct encoder *encoder)
{
    make(house, preview);
    encoder_go_live(encoder, house, preview->key, 4000);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_segment(house, lane, preview->id, TRACK_VIDEO, 3);
}

static void plays_where_only_its_address_leads(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    rehearse(house, &preview, &encoder);
    assert_status(house, "/live/", preview.id, "/video.m3u8", 200);
    assert_status(house, "/live/", preview.id, "/state", 200);
    assert_status(house, "/watch/", preview.id, "", 200);
    assert_status(house, "/live/", "spring", "/video.m3u8", 503);
    assert_status(house, "/live/", "spring~aaaabbbbccccdddd", "/video.m3u8", 404);
    assert_status(house, "/live/", "spring~", "/state", 404);
    assert_status(house, "/live/", "~", "/state", 404);
    assert_status(house, "/watch/", "spring~aaaabbbbccccdddd", "", 404);
    encoder_close(&encoder);
}

static void says_nothing_of_itself_in_public(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    rehearse(house, &preview, &encoder);
    struct answer answer = get(house, "/live/", "spring", "/state");
    assert_string_equal(client_field(&answer, "state"), "draft");
    assert_null(strchr(answer.body, '~'));
    client_free(&answer);
    answer = client_call(house, 1, "GET /api/shows/spring", NULL);
    assert_string_equal(client_field(&answer, "state"), "draft");
    assert_string_equal(client_field(&answer, "rehearsing"), "true");
    assert_non_null(strstr(answer.body, "\"publisher\":null"));
    client_free(&answer);
    encoder_close(&encoder);
}

static void can_be_looked_at_before_it_begins(void **state)
{
    struct house *house = *state;
    struct preview preview;
    make(house, &preview);
    assert_status(house, "/live/", preview.id, "/state", 200);
    assert_status(house, "/live/", preview.id, "/video.m3u8", 503);
}

static void assert_goes_live(struct house *house, const struct preview *preview,
                             struct encoder *encoder)
{
    uint64_t wanted = 2;
    client_expect(house, 1, "POST /api/shows/spring/live", NULL, 200);
    encoder_send_until(encoder, 9000);
    for (unsigned lane = 0; lane < 2; lane++) {
        shop_await_segment(house, lane, "spring", TRACK_VIDEO, wanted);
        shop_await_state(house, lane, preview->id, SHOW_ENDED);
        shop_await_state(house, lane, "spring", SHOW_LIVE);
    }
    assert_int_equal(encoder_state(encoder), RTMP_CLIENT_PUBLISHING);
    struct answer answer = client_call(house, 1, "GET /api/shows/spring", NULL);
    assert_non_null(strstr(answer.body, "\"role\":\"primary\""));
    assert_string_equal(client_field(&answer, "rehearsing"), "false");
    assert_string_equal(client_field(&answer, "rehearsal"), "false");
    client_free(&answer);
}

static void goes_live_without_a_new_connection(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    rehearse(house, &preview, &encoder);
    assert_goes_live(house, &preview, &encoder);
    encoder_close(&encoder);
}

/* Its encoder has ?test=1 in its settings still. */
static void stays_live_when_its_encoder_comes_back(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    rehearse(house, &preview, &encoder);
    assert_goes_live(house, &preview, &encoder);
    encoder_close(&encoder);
    uint64_t wanted = shop_position(house, 0, "spring", TRACK_VIDEO).last_msn + 3;
    encoder_go_live(&encoder, house, preview.key, 5000);
    shop_await_segment(house, 0, "spring", TRACK_VIDEO, wanted);
    encoder_close(&encoder);
}

static void rehearses_by_the_shows_switch(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    make(house, &preview);
    client_expect(house, 1, "PATCH /api/shows/spring", "{\"rehearsal\":true}", 200);
    encoder_go_live(&encoder, house, preview.show.key, 4000);
    shop_await_segment(house, 1, preview.id, TRACK_VIDEO, 3);
    assert_goes_live(house, &preview, &encoder);
    client_expect(house, 1, "PATCH /api/shows/spring", "{\"rehearsal\":true}", 409);
    encoder_close(&encoder);
}

static void cannot_go_live_when_nobody_rehearses(void **state)
{
    struct house *house = *state;
    struct preview preview;
    char request[128];
    make(house, &preview);
    client_expect(house, 1, "POST /api/shows/spring/live", NULL, 409);
    client_expect(house, 1, "POST /api/shows/winter/live", NULL, 404);
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/live", preview.id);
    client_expect(house, 1, request, NULL, 404);
}

static void takes_cues_of_its_own_and_keeps_none(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    char request[128];
    shop_make_product(house, "mug", "Mug");
    rehearse(house, &preview, &encoder);
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/cues", preview.id);
    client_expect(house, 0, request, "{\"k\":\"show\",\"sku\":\"mug\"}", 201);
    struct answer answer = get(house, "/live/", preview.id, "/state");
    assert_non_null(strstr(answer.body, "\"c\":\"c1\""));
    client_free(&answer);
    answer = get(house, "/live/", "spring", "/state");
    assert_null(strstr(answer.body, "\"c\":\"c1\""));
    client_free(&answer);
    encoder_close(&encoder);
    house_restart(house);
    answer = get(house, "/live/", preview.id, "/state");
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.body, "\"c\":\"c1\""));
    assert_string_equal(client_field(&answer, "state"), "ready");
    client_free(&answer);
}

static void says_none_of_its_letters_in_its_cues(void **state)
{
    struct house *house = *state;
    struct preview preview;
    make(house, &preview);
    struct answer answer = get(house, "/live/", preview.id, "/state");
    const char *token = client_field(&answer, "s");
    assert_int_equal(strlen(token), 6);
    assert_null(strstr(preview.id, token));
    client_free(&answer);
}

static bool has_no_publishers(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    return hub->n_publishers == 0;
}

static void is_gone_with_its_show(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder;
    rehearse(house, &preview, &encoder);
    client_expect(house, 1, "DELETE /api/shows/spring", NULL, 204);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder), "This show was deleted.");
    encoder_close(&encoder);
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(house, lane, has_no_publishers, NULL);
    assert_status(house, "/live/", preview.id, "/state", 404);
}

/* Whoever is on air gives way to what the host puts there. */
static void takes_the_place_of_who_is_on_air(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder encoder, rehearsing;
    make(house, &preview);
    encoder_go_live(&encoder, house, preview.show.key, 4000);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    encoder_go_live(&rehearsing, house, preview.key, 4000);
    shop_await_segment(house, 1, preview.id, TRACK_VIDEO, 3);
    assert_goes_live(house, &preview, &rehearsing);
    encoder_await_end(&encoder);
    assert_string_equal(encoder_status(&encoder),
                        "Another encoder took over this show.");
    encoder_close(&encoder);
    encoder_close(&rehearsing);
}

static bool has_nobody_on_air(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    return shelf && shelf->view && !shelf->view->publisher;
}

static bool has_backup_on_air(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    struct bytes text = shelf && shelf->view && shelf->view->publisher
                            ? buf_bytes(shelf->view->publisher)
                            : bytes_make(NULL, 0);
    static const char role[] = "\"role\":\"backup\"";
    return text.len > 0 && memmem(text.data, text.len, role, sizeof role - 1);
}

/* Seen in the rehearsal is seen in the show, also when the primary has left meanwhile. */
static void goes_live_with_the_backup_when_that_rehearses(void **state)
{
    struct house *house = *state;
    struct preview preview;
    struct encoder primary, backup;
    char key[180];
    rehearse(house, &preview, &primary);
    (void)snprintf(key, sizeof key, "%s&backup=1", preview.key);
    encoder_go_live(&backup, house, key, 1500);
    encoder_close(&primary);
    house_await(house, 1, has_nobody_on_air, preview.id);
    encoder_send_until(&backup, 5000);
    house_await(house, 1, has_backup_on_air, preview.id);
    assert_goes_live(house, &preview, &backup);
    encoder_close(&backup);
}

#define ON_AIR(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(plays_where_only_its_address_leads),
        ON_AIR(says_nothing_of_itself_in_public),
        ON_AIR(can_be_looked_at_before_it_begins),
        ON_AIR(goes_live_without_a_new_connection),
        ON_AIR(stays_live_when_its_encoder_comes_back),
        ON_AIR(rehearses_by_the_shows_switch),
        ON_AIR(cannot_go_live_when_nobody_rehearses),
        ON_AIR(takes_cues_of_its_own_and_keeps_none),
        ON_AIR(says_none_of_its_letters_in_its_cues),
        ON_AIR(is_gone_with_its_show),
        ON_AIR(takes_the_place_of_who_is_on_air),
        ON_AIR(goes_live_with_the_backup_when_that_rehearses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
