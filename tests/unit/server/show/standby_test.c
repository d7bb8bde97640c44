#include "server/show/standby.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/show.h"
#include "tests/kit/house.h"
#include "tests/kit/shop.h"

static void open_backup(struct encoder *encoder, struct house *house,
                        const struct shop_show *show)
{
    char key[160];
    (void)snprintf(key, sizeof key, "%s?backup=1", show->key);
    encoder_open(encoder, house, 0, key);
    assert_int_equal(encoder_state(encoder), RTMP_CLIENT_PUBLISHING);
    encoder_send_headers(encoder);
}

/* The show's publishers as the API tells them: their roles, or "" for none. */
struct roles {
    const char *publisher, *backup;
};

static const char *role_in(struct buf *text)
{
    static const char *const roles[] = {"primary", "backup", "test"};
    struct bytes json = buf_bytes(text);
    char wanted[32];
    for (size_t i = 0; json.len > 0 && i < 3; i++) {
        int n = snprintf(wanted, sizeof wanted, "\"role\":\"%s\"", roles[i]);
        if (memmem(json.data, json.len, wanted, (size_t)n))
            return roles[i];
    }
    return "";
}

static bool has_roles(struct show_hub *hub, void *ctx)
{
    const struct roles *roles = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    const struct show_view *view = shelf ? shelf->view : NULL;
    return view && strcmp(role_in(view->publisher), roles->publisher) == 0 &&
           strcmp(role_in(view->backup), roles->backup) == 0;
}

static void await_roles(struct house *house, const char *publisher, const char *backup)
{
    struct roles roles = {publisher, backup};
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(house, lane, has_roles, &roles);
}

static void begin(struct house *house, struct shop_show *show, struct encoder *primary,
                  struct encoder *backup)
{
    *show = shop_make_show(house, "spring");
    encoder_go_live(primary, house, show->key, 4000);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    open_backup(backup, house, show);
    encoder_send_until(backup, 1500);
    await_roles(house, "primary", "backup");
}

static void assert_goes_on(struct house *house, uint64_t from_msn)
{
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, from_msn + 2);
    assert_false(shop_position(house, 1, "spring", TRACK_VIDEO).ended);
    struct answer answer =
        client_ask(house, 1, "GET /live/spring/video.m3u8", NULL, NULL);
    assert_null(strstr(answer.body, "#EXT-X-DISCONTINUITY\n"));
    client_free(&answer);
}

static void stands_by_while_the_primary_is_well(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    encoder_send_until(&primary, 6000);
    encoder_send_until(&backup, 6000);
    await_roles(house, "primary", "backup");
    encoder_close(&backup);
    await_roles(house, "primary", "");
    encoder_close(&primary);
}

static void takes_over_when_the_primary_is_gone(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    uint64_t before = shop_position(house, 1, "spring", TRACK_VIDEO).open_msn;
    encoder_close(&primary);
    await_roles(house, "", "backup");
    encoder_send_until(&backup, 8000);
    await_roles(house, "backup", "");
    assert_goes_on(house, before);
    encoder_close(&backup);
}

static bool is_silent(struct show_hub *hub, void *ctx)
{
    const struct show *show = show_hub_show(hub, bytes_text(ctx));
    return loop_now_ms(hub->loop) - show->media_at_ms >= STANDBY_SILENT_MS;
}

static void takes_over_when_the_primary_is_silent(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    uint64_t before = shop_position(house, 1, id, TRACK_VIDEO).open_msn;
    house_await(house, house_lane_of(house, id), is_silent, id);
    encoder_send_until(&backup, 8000);
    await_roles(house, "backup", "primary");
    assert_goes_on(house, before);
    encoder_close(&backup);
    encoder_close(&primary);
}

static void be_well_for_long(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->standby.well_at_ms -= STANDBY_WELL_MS;
}

static void gives_back_to_a_primary_that_stays_well(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    encoder_close(&primary);
    await_roles(house, "", "backup");
    encoder_send_until(&backup, 8000);
    await_roles(house, "backup", "");
    encoder_open(&primary, house, 1, show.key);
    encoder_send_headers(&primary);
    encoder_send_until(&primary, 4000);
    await_roles(house, "backup", "primary");
    uint64_t before = shop_position(house, 1, id, TRACK_VIDEO).open_msn;
    house_run(house, house_lane_of(house, id), be_well_for_long, id);
    encoder_send_until(&primary, 9000);
    await_roles(house, "primary", "backup");
    assert_goes_on(house, before);
    encoder_close(&primary);
    encoder_close(&backup);
}

static void leaves_its_place_to_a_primary_that_stands_by(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup, other;
    begin(house, &show, &primary, &backup);
    encoder_close(&primary);
    await_roles(house, "", "backup");
    encoder_send_until(&backup, 8000);
    await_roles(house, "backup", "");
    encoder_open(&primary, house, 1, show.key);
    encoder_send_headers(&primary);
    await_roles(house, "backup", "primary");
    uint64_t before = shop_position(house, 1, "spring", TRACK_VIDEO).open_msn;
    encoder_close(&backup);
    await_roles(house, "", "primary");
    open_backup(&other, house, &show);
    await_roles(house, "primary", "backup");
    encoder_send_until(&primary, 6000);
    assert_goes_on(house, before);
    encoder_close(&primary);
    encoder_close(&other);
}

static void begins_no_show_by_itself(void **state)
{
    struct house *house = *state;
    struct encoder backup;
    struct shop_show show = shop_make_show(house, "spring");
    open_backup(&backup, house, &show);
    encoder_send_until(&backup, 6000);
    await_roles(house, "", "backup");
    assert_int_equal(shop_position(house, 0, "spring", TRACK_VIDEO).last_msn, 0);
    encoder_close(&backup);
    await_roles(house, "", "");
}

static void goes_on_air_in_a_show_that_waits(void **state)
{
    struct house *house = *state;
    struct encoder primary, backup;
    struct shop_show show = shop_make_show(house, "spring");
    encoder_go_live(&primary, house, show.key, 4000);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    uint64_t before = shop_position(house, 1, "spring", TRACK_VIDEO).open_msn;
    encoder_close(&primary);
    await_roles(house, "", "");
    open_backup(&backup, house, &show);
    encoder_send_until(&backup, 6000);
    await_roles(house, "backup", "");
    assert_goes_on(house, before);
    encoder_close(&backup);
}

static void is_replaced_by_another_backup(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup, other;
    begin(house, &show, &primary, &backup);
    open_backup(&other, house, &show);
    encoder_await_end(&backup);
    assert_string_equal(encoder_status(&backup),
                        "Another encoder took over this show.");
    await_roles(house, "primary", "backup");
    encoder_close(&backup);
    encoder_close(&other);
    encoder_close(&primary);
}

static void call(struct house *house, const char *request, int status)
{
    struct answer answer = client_call(house, 1, request, NULL);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void is_cut_with_the_others_when_the_host_ends_the_show(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    call(house, "POST /api/shows/spring/end", 200);
    encoder_await_end(&primary);
    encoder_await_end(&backup);
    assert_string_equal(encoder_status(&backup), "The host ended this show.");
    await_roles(house, "", "");
    encoder_close(&primary);
    encoder_close(&backup);
}

static void is_cut_when_the_show_is_deleted(void **state)
{
    struct house *house = *state;
    struct shop_show show;
    struct encoder primary, backup;
    begin(house, &show, &primary, &backup);
    call(house, "DELETE /api/shows/spring", 204);
    encoder_await_end(&primary);
    encoder_await_end(&backup);
    assert_string_equal(encoder_status(&backup), "This show was deleted.");
    encoder_close(&primary);
    encoder_close(&backup);
}

#define ON_AIR(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(stands_by_while_the_primary_is_well),
        ON_AIR(takes_over_when_the_primary_is_gone),
        ON_AIR(takes_over_when_the_primary_is_silent),
        ON_AIR(gives_back_to_a_primary_that_stays_well),
        ON_AIR(leaves_its_place_to_a_primary_that_stands_by),
        ON_AIR(begins_no_show_by_itself),
        ON_AIR(goes_on_air_in_a_show_that_waits),
        ON_AIR(is_replaced_by_another_backup),
        ON_AIR(is_cut_with_the_others_when_the_host_ends_the_show),
        ON_AIR(is_cut_when_the_show_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
