#include "tests/kit/air.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/loop/loop.h"

enum { HOUR_MS = 3600000 };

int air_setup(void **state)
{
    static struct air air;
    air = (struct air){.encoder.fd = -1};
    house_open(&air.house, 2);
    air.show = shop_make_show(&air.house, "spring");
    shop_make_product(&air.house, "SKU-1", "Satin lipstick");
    *state = &air;
    return 0;
}

static bool has_taken_all(struct show_hub *hub, void *ctx)
{
    struct air *air = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    const struct snapshot *snapshot =
        shelf && shelf->view ? shelf->view->renditions[TRACK_VIDEO] : NULL;
    if (!snapshot || snapshot->last_msn != 4 || snapshot->n_open_parts != 1)
        return false;
    (void)snprintf(air->epoch, sizeof air->epoch, "%s",
                   snapshot->segments[0]->epoch->token);
    return true;
}

int air_setup_live(void **state)
{
    int failed = air_setup(state);
    struct air *air = *state;
    air_go_live(air);
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(&air->house, lane, has_taken_all, air);
    air->at = shop_position(&air->house, 0, "spring", TRACK_VIDEO);
    return failed;
}

int air_teardown(void **state)
{
    struct air *air = *state;
    encoder_close(&air->encoder);
    house_close(&air->house);
    return 0;
}

void air_go_live(struct air *air)
{
    encoder_go_live(&air->encoder, &air->house, air->show.key, AIR_LIVE_MS);
    for (unsigned lane = 0; lane < 2; lane++)
        shop_await_state(&air->house, lane, "spring", SHOW_LIVE);
}

void air_hold(struct air *air, struct client *client, const char *request)
{
    client_open(client, &air->house, 1);
    client_send(client, request, NULL, NULL);
    shop_await_waiters(&air->house, 1, "spring", 1);
    assert_true(client_is_quiet(client));
}

static void let_time_pass(struct show_hub *hub, void *ctx)
{
    (void)ctx;
    show_shelf_tick(show_hub_shelf(hub, bytes_text("spring")),
                    loop_now_ms(hub->loop) + HOUR_MS);
}

void air_let_time_pass(struct air *air, unsigned lane)
{
    house_run(&air->house, lane, let_time_pass, NULL);
}
