#include "server/show/standby.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "core/buf.h"
#include "core/monotime.h"
#include "server/loop/loop.h"
#include "server/show/publisher.h"
#include "server/show/show.h"
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

struct look {
    struct roles *roles;
    bool yes;
};

static void look_at_roles(struct show_hub *hub, void *ctx)
{
    struct look *look = ctx;
    look->yes = has_roles(hub, look->roles);
}

static void await_roles(struct house *house, const char *publisher, const char *backup)
{
    struct roles roles = {publisher, backup};
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(house, lane, has_roles, &roles);
}

/* The primary on air and the backup behind it. */
struct scene {
    struct house house;
    struct shop_show show;
    struct encoder primary, backup;
    uint32_t sent_ms; /* by both of them */
};

static void go_on(struct scene *scene)
{
    scene->sent_ms += 40;
    encoder_send_until(&scene->primary, scene->sent_ms);
    encoder_send_until(&scene->backup, scene->sent_ms);
    (void)poll(NULL, 0, 20);
}

/* Media goes on meanwhile: who is silent for a second is no longer well, and on a busy
 * machine a second is not long. */
static void await_with_media(struct scene *scene, bool of_primary,
                             const char *publisher, const char *backup)
{
    struct roles roles = {publisher, backup};
    struct look look = {.roles = &roles};
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    for (;;) {
        house_run(&scene->house, 0, look_at_roles, &look);
        if (look.yes)
            break;
        if (monotime_ms() > until_ms)
            fail_msg("the primary and its backup are not in place");
        scene->sent_ms += 40;
        if (of_primary)
            encoder_send_until(&scene->primary, scene->sent_ms);
        encoder_send_until(&scene->backup, scene->sent_ms);
        (void)poll(NULL, 0, 20);
    }
    await_roles(&scene->house, publisher, backup);
}

static void await_both_well(struct scene *scene)
{
    await_with_media(scene, true, "primary", "backup");
}

static int setup(void **state)
{
    static struct scene scene;
    struct house *house = &scene.house;
    house_open_lingering(house, 2, 45000);
    scene.show = shop_make_show(house, "spring");
    scene.sent_ms = 4000;
    encoder_go_live(&scene.primary, house, scene.show.key, scene.sent_ms);
    shop_await_segment(house, 1, "spring", TRACK_VIDEO, 3);
    open_backup(&scene.backup, house, &scene.show);
    await_both_well(&scene);
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    encoder_close(&scene->primary);
    encoder_close(&scene->backup);
    house_close(&scene->house);
    return 0;
}

/* The backup takes its place. */
static void lose_primary(struct scene *scene)
{
    encoder_close(&scene->primary);
    await_roles(&scene->house, "", "backup");
    encoder_send_until(&scene->backup, 8000);
    await_roles(&scene->house, "backup", "");
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
    struct scene *scene = *state;
    encoder_send_until(&scene->primary, 6000);
    encoder_send_until(&scene->backup, 6000);
    await_both_well(scene);
    encoder_close(&scene->backup);
    await_roles(&scene->house, "primary", "");
}

static void takes_over_when_the_primary_is_gone(void **state)
{
    struct scene *scene = *state;
    uint64_t before = shop_position(&scene->house, 1, "spring", TRACK_VIDEO).open_msn;
    lose_primary(scene);
    assert_goes_on(&scene->house, before);
}

static void takes_over_when_the_primary_is_silent(void **state)
{
    static char id[] = "spring";
    struct scene *scene = *state;
    uint64_t before = shop_position(&scene->house, 1, id, TRACK_VIDEO).open_msn;
    await_with_media(scene, false, "backup", "primary");
    assert_goes_on(&scene->house, before);
}

static void be_well_for_long(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->standby.well_at_ms -= STANDBY_WELL_MS;
}

static void gives_back_to_a_primary_that_stays_well(void **state)
{
    static char id[] = "spring";
    struct scene *scene = *state;
    lose_primary(scene);
    encoder_open(&scene->primary, &scene->house, 1, scene->show.key);
    encoder_send_headers(&scene->primary);
    encoder_send_until(&scene->primary, 4000);
    await_roles(&scene->house, "backup", "primary");
    uint64_t before = shop_position(&scene->house, 1, id, TRACK_VIDEO).open_msn;
    house_run(&scene->house, house_lane_of(&scene->house, id), be_well_for_long, id);
    encoder_send_until(&scene->primary, 9000);
    await_roles(&scene->house, "primary", "backup");
    assert_goes_on(&scene->house, before);
}

static void leaves_its_place_to_a_primary_that_stands_by(void **state)
{
    struct scene *scene = *state;
    struct encoder other;
    lose_primary(scene);
    encoder_open(&scene->primary, &scene->house, 1, scene->show.key);
    encoder_send_headers(&scene->primary);
    await_roles(&scene->house, "backup", "primary");
    uint64_t before = shop_position(&scene->house, 1, "spring", TRACK_VIDEO).open_msn;
    encoder_close(&scene->backup);
    await_roles(&scene->house, "", "primary");
    open_backup(&other, &scene->house, &scene->show);
    await_roles(&scene->house, "primary", "backup");
    encoder_send_until(&scene->primary, 6000);
    assert_goes_on(&scene->house, before);
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

struct end {
    const char *id;
    bool is_here;
};

static void look_at_end(struct show_hub *hub, void *ctx)
{
    struct end *end = ctx;
    const struct show *show = show_hub_show(hub, bytes_text(end->id));
    end->is_here = show_get_state(show) == SHOW_ENDED;
}

static void let_linger_pass(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->away_at_ms -= 45000;
}

/* It sends all the time. */
static void does_not_keep_a_show_whose_media_it_cannot_give(void **state)
{
    static char id[] = "spring";
    struct house *house = *state;
    struct encoder primary, headless;
    char key[160];
    struct shop_show show = shop_make_show(house, id);
    encoder_go_live(&primary, house, show.key, 4000);
    shop_await_segment(house, 1, id, TRACK_VIDEO, 3);
    (void)snprintf(key, sizeof key, "%s?backup=1", show.key);
    encoder_open(&headless, house, 0, key);
    await_roles(house, "primary", "backup");
    encoder_close(&primary);
    await_roles(house, "", "backup");
    house_run(house, house_lane_of(house, id), let_linger_pass, id);
    struct end end = {.id = id};
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    for (uint32_t sent_ms = 40; !end.is_here; sent_ms += 40) {
        assert_true(monotime_ms() < until_ms);
        encoder_send_until(&headless, sent_ms);
        (void)poll(NULL, 0, 20);
        house_run(house, house_lane_of(house, id), look_at_end, &end);
    }
    encoder_close(&headless);
}

static void is_replaced_by_another_backup(void **state)
{
    struct scene *scene = *state;
    struct encoder other;
    open_backup(&other, &scene->house, &scene->show);
    encoder_await_end(&scene->backup);
    assert_string_equal(encoder_status(&scene->backup),
                        "Another encoder took over this show.");
    await_roles(&scene->house, "primary", "backup");
    encoder_close(&other);
}

/* The one that stands by as the API tells it. */
struct sight {
    char text[1024];
};

static void look_at_backup(struct show_hub *hub, void *ctx)
{
    struct sight *sight = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    struct bytes text = buf_bytes(shelf->view->backup);
    (void)snprintf(sight->text, sizeof sight->text, "%.*s", (int)text.len,
                   text.len > 0 ? (const char *)text.data : "");
}

static bool is_measured(const struct sight *sight)
{
    return strstr(sight->text, "\"kbps\":") && !strstr(sight->text, "\"kbps\":0,") &&
           !strstr(sight->text, "\"fps\":0.0");
}

/* Media goes on until a second of it has been measured, and its tracks are so. */
static void await_measured(struct scene *scene, const char *tracks)
{
    struct sight sight = {0};
    int64_t until_ms = monotime_ms() + HOUSE_PATIENCE_MS;
    do {
        if (monotime_ms() > until_ms)
            fail_msg("not measured: %s", sight.text);
        go_on(scene);
        house_run(&scene->house, 1, look_at_backup, &sight);
    } while (!is_measured(&sight) || !strstr(sight.text, tracks));
    assert_non_null(strstr(sight.text, "\"audio\":{\"codec\":\"mp4a."));
}

static const char PICTURES[] = "\"video\":{\"codec\":\"avc1.";

static void is_measured_before_it_is_on_air(void **state)
{
    await_measured(*state, PICTURES);
}

/* Its headers came when it was on air. */
static void is_measured_when_it_has_left_the_air(void **state)
{
    struct scene *scene = *state;
    await_with_media(scene, false, "backup", "primary");
    await_measured(scene, PICTURES);
}

static void has_the_tracks_that_come_while_it_stands_by(void **state)
{
    struct scene *scene = *state;
    char key[160];
    encoder_close(&scene->backup);
    await_roles(&scene->house, "primary", "");
    (void)snprintf(key, sizeof key, "%s?backup=1", scene->show.key);
    encoder_open(&scene->backup, &scene->house, 0, key);
    scene->backup.no_video = true;
    encoder_send_headers(&scene->backup);
    await_measured(scene, "\"video\":null");
    scene->backup.no_video = false;
    encoder_send_headers(&scene->backup);
    await_measured(scene, PICTURES);
}

static void call(struct house *house, const char *request, int status)
{
    struct answer answer = client_call(house, 1, request, NULL);
    assert_int_equal(answer.status, status);
    client_free(&answer);
}

static void assert_both_end(struct scene *scene, const char *words)
{
    encoder_await_end(&scene->primary);
    encoder_await_end(&scene->backup);
    assert_string_equal(encoder_status(&scene->backup), words);
}

static void is_cut_with_the_others_when_the_host_ends_the_show(void **state)
{
    struct scene *scene = *state;
    call(&scene->house, "POST /api/shows/spring/end", 200);
    assert_both_end(scene, "The host ended this show.");
    await_roles(&scene->house, "", "");
}

static void is_cut_when_the_show_is_deleted(void **state)
{
    struct scene *scene = *state;
    call(&scene->house, "DELETE /api/shows/spring", 204);
    assert_both_end(scene, "This show was deleted.");
}

#define PAIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define HOUSE(test) \
    cmocka_unit_test_setup_teardown(test, house_setup_lingering, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR(stands_by_while_the_primary_is_well),
        PAIR(takes_over_when_the_primary_is_gone),
        PAIR(takes_over_when_the_primary_is_silent),
        PAIR(gives_back_to_a_primary_that_stays_well),
        PAIR(leaves_its_place_to_a_primary_that_stands_by),
        HOUSE(begins_no_show_by_itself),
        HOUSE(goes_on_air_in_a_show_that_waits),
        HOUSE(does_not_keep_a_show_whose_media_it_cannot_give),
        PAIR(is_replaced_by_another_backup),
        PAIR(is_measured_before_it_is_on_air),
        PAIR(is_measured_when_it_has_left_the_air),
        PAIR(has_the_tracks_that_come_while_it_stands_by),
        PAIR(is_cut_with_the_others_when_the_host_ends_the_show),
        PAIR(is_cut_when_the_show_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
