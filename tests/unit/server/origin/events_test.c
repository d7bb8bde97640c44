/* Event streams: what they begin with, what follows, and how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "server/show/show.h"
#include "tests/kit/air.h"

/* Connects and takes the head and the first event; alloc_free(). */
static char *listen_at(struct air *air, unsigned lane, struct client *client,
                       const char *request, const char *headers)
{
    client_open(client, &air->house, lane);
    client_send(client, request, headers, NULL);
    struct answer answer = client_receive_head(client);
    assert_int_equal(answer.status, 200);
    assert_string_equal(client_header(&answer, "Content-Type"), "text/event-stream");
    assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
    assert_string_equal(client_header(&answer, "Cache-Control"), "no-store");
    client_free(&answer);
    return client_receive_event(client);
}

static char *listen_to(struct air *air, unsigned lane, struct client *client,
                       const char *headers)
{
    return listen_at(air, lane, client, "GET /live/spring/events", headers);
}

static void join(struct air *air, unsigned lane, struct client *client)
{
    alloc_free(listen_to(air, lane, client, NULL));
}

/* The next event of a kind; others in front of it are passed over. */
static char *next_of(struct client *client, const char *kind)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "event: %s\n", kind);
    for (;;) {
        char *event = client_receive_event(client);
        if (!event)
            fail_msg("the stream has ended before a %s", kind);
        if (strstr(event, wanted))
            return event;
        alloc_free(event);
    }
}

static void assert_has(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        fail_msg("%s: is not in %s", wanted, text);
}

static void post_cue(struct air *air, const char *body)
{
    client_expect(&air->house, 0, "POST /api/shows/spring/cues", body, 201);
}

static void begins_with_the_state(void **state)
{
    for (unsigned lane = 0; lane < 2; lane++) {
        struct client client;
        char *event = listen_to(*state, lane, &client, NULL);
        assert_int_equal(strncmp(event, "event: state\ndata: {\"v\":1,", 26), 0);
        assert_has(event, "\"show\":\"spring\"");
        assert_has(event, "\"state\":\"ready\"");
        assert_has(event, "\"cards\":[]");
        assert_has(event, "Satin lipstick");
        alloc_free(event);
        client_close(&client);
    }
}

static void says_404_for_a_show_that_is_not_known(void **state)
{
    struct air *air = *state;
    struct answer answer =
        client_ask(&air->house, 0, "GET /live/summer/events", NULL, NULL);
    assert_int_equal(answer.status, 404);
    assert_string_equal(client_header(&answer, "Access-Control-Allow-Origin"), "*");
    client_free(&answer);
}

static void tells_cues_on_every_loop(void **state)
{
    struct air *air = *state;
    struct client clients[2];
    air_go_live(air);
    for (unsigned lane = 0; lane < 2; lane++)
        join(air, lane, &clients[lane]);
    post_cue(air, "{\"k\":\"show\",\"sku\":\"SKU-1\"}");
    for (unsigned lane = 0; lane < 2; lane++) {
        char *event = next_of(&clients[lane], "cue");
        assert_int_equal(strncmp(event, "id: 1\nevent: cue\ndata: {", 24), 0);
        assert_has(event, "\"k\":\"show\"");
        assert_has(event, "\"q\":1");
        assert_has(event, "\"m\":");
        alloc_free(event);
        client_close(&clients[lane]);
    }
}

static void resumes_behind_the_last_event_that_came(void **state)
{
    struct air *air = *state;
    struct client client;
    air_go_live(air);
    post_cue(air, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"one\"}");
    post_cue(air, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"two\"}");
    post_cue(air, "{\"k\":\"hide\",\"c\":\"one\"}");
    alloc_free(listen_to(air, house_other_lane(&air->house, "spring"), &client,
                         "Last-Event-ID: 1\r\n"));
    char *second = client_receive_event(&client);
    char *third = client_receive_event(&client);
    assert_has(second, "id: 2\n");
    assert_has(second, "\"c\":\"two\"");
    assert_has(third, "id: 3\n");
    assert_has(third, "\"k\":\"hide\"");
    alloc_free(second);
    alloc_free(third);
    post_cue(air, "{\"k\":\"hide\",\"c\":\"two\"}");
    char *fourth = next_of(&client, "cue");
    assert_has(fourth, "id: 4\n");
    alloc_free(fourth);
    client_close(&client);
}

static void does_not_repeat_cues_to_those_who_are_new(void **state)
{
    struct air *air = *state;
    struct client client;
    air_go_live(air);
    post_cue(air, "{\"k\":\"show\",\"sku\":\"SKU-1\",\"c\":\"one\"}");
    char *event = listen_to(air, 0, &client, NULL);
    assert_has(event, "\"b\":1");
    assert_has(event, "\"c\":\"one\"");
    alloc_free(event);
    post_cue(air, "{\"k\":\"hide\",\"c\":\"one\"}");
    event = next_of(&client, "cue");
    assert_has(event, "id: 2\n");
    alloc_free(event);
    client_close(&client);
}

static void begins_anew_for_an_id_it_cannot_read(void **state)
{
    static const char *const ids[] = {"Last-Event-ID: x\r\n", "Last-Event-ID: -1\r\n",
                                      "Last-Event-ID: 99999999999999999999\r\n",
                                      "Last-Event-ID: 4294967295\r\n"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct client client;
        char *event = listen_to(*state, 0, &client, ids[i]);
        assert_int_equal(strncmp(event, "event: state\n", 13), 0);
        alloc_free(event);
        client_close(&client);
    }
}

static void tells_products_that_change(void **state)
{
    struct air *air = *state;
    struct client client;
    join(air, 1, &client);
    shop_make_product(&air->house, "SKU-1", "Satin lipstick, new shade");
    char *event = next_of(&client, "product");
    assert_has(event, "new shade");
    assert_has(event, "\"i\":\"SKU-1\"");
    alloc_free(event);
    client_close(&client);
}

static void tells_nothing_of_products_that_are_not_on_the_run_sheet(void **state)
{
    struct air *air = *state;
    struct client client;
    shop_make_product(&air->house, "SKU-2", "Blush");
    client_expect(&air->house, 0, "PATCH /api/shows/spring",
                  "{\"run_sheet\":[\"SKU-2\"]}", 200);
    join(air, 1, &client);
    shop_make_product(&air->house, "SKU-1", "Lipstick nobody sells here");
    shop_make_product(&air->house, "SKU-2", "Blush, cheaper");
    char *event = next_of(&client, "product");
    assert_has(event, "Blush, cheaper");
    alloc_free(event);
    client_close(&client);
}

static void tells_the_shows_new_title(void **state)
{
    struct air *air = *state;
    struct client client;
    join(air, 1, &client);
    client_expect(&air->house, 1, "PATCH /api/shows/spring",
                  "{\"title\":\"Summer sale\"}", 200);
    char *event = next_of(&client, "show");
    assert_has(event, "\"title\":\"Summer sale\"");
    alloc_free(event);
    client_close(&client);
}

static void tells_when_the_show_goes_live_and_ends(void **state)
{
    struct air *air = *state;
    struct client client;
    join(air, 1, &client);
    air_go_live(air);
    for (;;) {
        char *event = next_of(&client, "show");
        bool live = strstr(event, "\"state\":\"live\",\"live\":true") != NULL;
        alloc_free(event);
        if (live)
            break;
    }
    encoder_stop(&air->encoder);
    for (;;) {
        char *event = next_of(&client, "show");
        bool ended = strstr(event, "\"state\":\"ended\",\"live\":false") != NULL;
        alloc_free(event);
        if (ended)
            break;
    }
    client_close(&client);
}

/* A show with nothing to sell is a draft; its first product makes it ready. */
static void tells_when_a_draft_gets_ready(void **state)
{
    struct air *air = *state;
    struct client client;
    client_expect(&air->house, 0, "DELETE /api/products/SKU-1", NULL, 204);
    char *first = listen_to(air, 0, &client, NULL);
    assert_has(first, "\"state\":\"draft\"");
    alloc_free(first);
    shop_make_product(&air->house, "SKU-1", "Satin lipstick");
    char *event = next_of(&client, "show");
    assert_has(event, "\"state\":\"ready\"");
    alloc_free(event);
    client_close(&client);
}

struct count {
    size_t n_listeners;
    int64_t n_viewers;
};

static void count(struct show_hub *hub, void *ctx)
{
    struct count *now = ctx;
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    *now = (struct count){0};
    if (!shelf || !shelf->view)
        return;
    list_for_each (node, &shelf->listeners)
        now->n_listeners++;
    now->n_viewers = counter_get(&shelf->view->tally->viewers);
}

static bool is_alone(struct show_hub *hub, void *ctx)
{
    struct count *now = ctx;
    count(hub, now);
    return now->n_listeners == 0 && now->n_viewers == 0;
}

static void counts_those_who_listen(void **state)
{
    struct air *air = *state;
    struct client clients[3];
    struct count now;
    for (unsigned i = 0; i < 3; i++)
        join(air, i % 2, &clients[i]);
    house_run(&air->house, 1, count, &now);
    assert_int_equal(now.n_viewers, 3);
    struct answer answer = client_call(&air->house, 0, "GET /api/shows/spring", NULL);
    assert_string_equal(client_field(&answer, "viewers"), "3");
    client_free(&answer);
    for (unsigned i = 0; i < 3; i++)
        client_close(&clients[i]);
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(&air->house, lane, is_alone, &now);
}

static void does_not_count_consoles(void **state)
{
    struct air *air = *state;
    struct client viewer, console;
    struct count now;
    alloc_free(listen_at(air, 0, &console, "GET /live/spring/events?as=host", NULL));
    join(air, 0, &viewer);
    house_run(&air->house, 0, count, &now);
    assert_int_equal(now.n_listeners, 2);
    assert_int_equal(now.n_viewers, 1);
    client_close(&console);
    client_close(&viewer);
    house_await(&air->house, 0, is_alone, &now);
}

static void tick_shows(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text("spring"));
    if (show)
        show_tick(show, *(int64_t *)ctx);
}

static void tells_how_many_watch(void **state)
{
    struct air *air = *state;
    struct client first, second;
    int64_t later_ms = INT32_MAX;
    join(air, 0, &first);
    join(air, 1, &second);
    house_run(&air->house, house_lane_of(&air->house, "spring"), tick_shows, &later_ms);
    for (;;) {
        char *event = next_of(&first, "show");
        bool both = strstr(event, "\"viewers\":2}") != NULL;
        alloc_free(event);
        if (both)
            break;
    }
    client_close(&first);
    client_close(&second);
}

static void ends_when_the_show_is_deleted(void **state)
{
    struct air *air = *state;
    struct client client;
    join(air, 1, &client);
    client_expect(&air->house, 0, "DELETE /api/shows/spring", NULL, 204);
    for (char *event; (event = client_receive_event(&client)); alloc_free(event))
        continue;
    client_close(&client);
}

static void shout(struct show_hub *hub, void *ctx)
{
    struct show_shelf *shelf = show_hub_shelf(hub, bytes_text("spring"));
    show_shelf_tell(shelf, ctx);
}

/* More than the socket and the queue hold: the one who does not read goes, the other gets
 * everything. */
static void cuts_a_client_that_does_not_read(void **state)
{
    enum { LOUD = 256 * 1024, TIMES = 12 };
    struct air *air = *state;
    struct client slow;
    struct count now;
    char *noise = alloc_zero(LOUD + BUF_PADDING);
    memset(noise, 'x', LOUD);
    memcpy(noise + LOUD - 2, "\n\n", 2);
    struct buf *event = buf_adopt(noise, LOUD);
    join(air, 1, &slow);
    for (int i = 0; i < TIMES; i++)
        house_run(&air->house, 1, shout, event);
    house_run(&air->house, 1, count, &now);
    assert_int_equal(now.n_listeners, 0);
    int n_heard = 0;
    for (char *heard; (heard = client_receive_event(&slow)); alloc_free(heard))
        n_heard++;
    assert_in_range(n_heard, 1, TIMES - 1);
    client_close(&slow);
    buf_unref(event);
}

static void forgets_clients_that_go_at_any_moment(void **state)
{
    struct air *air = *state;
    struct count now;
    for (unsigned i = 0; i < 20; i++) {
        struct client client;
        client_open(&client, &air->house, i % 2);
        client_send(&client, "GET /live/spring/events", NULL, NULL);
        if (i % 3 == 0)
            alloc_free(client_receive_event(&client));
        client_close(&client);
    }
    for (unsigned lane = 0; lane < 2; lane++)
        house_await(&air->house, lane, is_alone, &now);
}

static void answers_head_and_goes(void **state)
{
    struct air *air = *state;
    struct count now;
    struct client client;
    client_open(&client, &air->house, 0);
    client_send(&client, "HEAD /live/spring/events", NULL, NULL);
    struct answer answer = client_receive_head(&client);
    assert_int_equal(answer.status, 200);
    assert_null(client_receive_event(&client));
    client_free(&answer);
    client_close(&client);
    house_await(&air->house, 0, is_alone, &now);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, air_setup, air_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_AIR(begins_with_the_state),
        ON_AIR(says_404_for_a_show_that_is_not_known),
        ON_AIR(tells_cues_on_every_loop),
        ON_AIR(resumes_behind_the_last_event_that_came),
        ON_AIR(does_not_repeat_cues_to_those_who_are_new),
        ON_AIR(begins_anew_for_an_id_it_cannot_read),
        ON_AIR(tells_products_that_change),
        ON_AIR(tells_nothing_of_products_that_are_not_on_the_run_sheet),
        ON_AIR(tells_the_shows_new_title),
        ON_AIR(tells_when_the_show_goes_live_and_ends),
        ON_AIR(tells_when_a_draft_gets_ready),
        ON_AIR(counts_those_who_listen),
        ON_AIR(does_not_count_consoles),
        ON_AIR(tells_how_many_watch),
        ON_AIR(ends_when_the_show_is_deleted),
        ON_AIR(cuts_a_client_that_does_not_read),
        ON_AIR(forgets_clients_that_go_at_any_moment),
        ON_AIR(answers_head_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
