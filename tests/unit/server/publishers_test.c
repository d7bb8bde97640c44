#include "server/publishers.h"

#include "tests/unit/server/observed.h"

static void print_all(const struct show_hub *hub, struct builder *out)
{
    server_publishers_print(hub, PUBLISHERS_LISTED_MAX, out);
}

static void print_with_metrics(const struct show_hub *hub, struct builder *out)
{
    metrics_print(hub->house->metrics, out);
    print_all(hub, out);
}

static void print_one(const struct show_hub *hub, struct builder *out)
{
    server_publishers_print(hub, 1, out);
}

static void tells_totals_when_nobody_publishes(void **state)
{
    char *text = observed_read(*state, print_all);
    observed_expect(text, "vitrine_publishers_unlisted 0\n");
    observed_expect(text, "vitrine_publishers_receive_bytes_per_second 0\n");
    assert_null(strstr(text, "show="));
    assert_true(observed_pleases("promtool", "promtool check metrics", text));
    alloc_free(text);
}

static void tells_figures_of_each_and_no_more_than_it_may(void **state)
{
    struct house *house = *state;
    struct encoder first;
    struct encoder second;
    struct shop_show early = shop_make_show(house, "z-early");
    struct shop_show late = shop_make_show(house, "a-late");
    observed_publish(house, &first, &early);
    observed_publish(house, &second, &late);
    char *text = observed_read(house, print_with_metrics);
    observed_expect(text, "vitrine_publisher_info{show=\"z-early\",role=\"primary\"");
    observed_expect(text, "size=\"64x36\"} 1\n");
    observed_expect(text, "vitrine_publisher_received_bytes_total{show=\"a-late\"} ");
    observed_expect(text, "vitrine_publisher_receive_bytes_per_second{show=\"a-late\","
                          "window=\"10s\"} ");
    observed_expect(text, "vitrine_publisher_frames_per_second{show=\"a-late\"} ");
    observed_expect(text,
                    "vitrine_publisher_bidirectional_frames{show=\"z-early\"} 2\n");
    observed_expect(text,
                    "vitrine_publisher_findings{show=\"a-late\",level=\"warn\"} ");
    observed_expect(text, "vitrine_publishers_unlisted 0\n");
    assert_null(strstr(text, early.key));
    assert_true(observed_pleases("promtool", "promtool check metrics", text));
    alloc_free(text);
    text = observed_read(house, print_one);
    observed_expect(text, "vitrine_publisher_uptime_seconds{show=\"z-early\"} ");
    observed_expect(text, "vitrine_publishers_unlisted 1\n");
    assert_null(strstr(text, "a-late"));
    alloc_free(text);
    encoder_close(&first);
    encoder_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_totals_when_nobody_publishes),
        cmocka_unit_test(tells_figures_of_each_and_no_more_than_it_may),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
