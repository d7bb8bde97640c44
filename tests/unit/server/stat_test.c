#include "server/stat.h"

#include "tests/unit/server/observed.h"

static void lists_nobody_when_nobody_publishes(void **state)
{
    char *text = observed_read(*state, server_stat_print);
    observed_expect(text, "<application>\n<name>live</name>\n<live>\n"
                          "<nclients>0</nclients>\n</live>");
    assert_null(strstr(text, "<stream>"));
    assert_true(observed_pleases("xmllint", "xmllint --noout -", text));
    alloc_free(text);
}

/* The elements that scene switchers and dashboards ask for, and no key. */
static void tells_of_a_publisher_what_scene_switchers_read(void **state)
{
    static const char *const wanted[] = {
        "<name>stage</name>",
        "<nginx_version>",
        "<nginx_rtmp_version>",
        "<uptime>",
        "<naccepted>",
        "<bw_in>",
        "<bytes_in>",
        "<bw_out>0</bw_out>",
        "<bw_audio>",
        "<bw_video>",
        "<client><id>",
        "<address>local</address>",
        "<flashver>",
        "<dropped>0</dropped>",
        "<avsync>",
        "<timestamp>",
        "<publishing/><active/></client>",
        "<width>64</width><height>36</height><frame_rate>",
        "<codec>H264</codec><profile>High</profile>",
        "<codec>AAC</codec><profile>LC</profile><channels>1</channels>",
        "<sample_rate>44100</sample_rate></audio></meta>",
        "<nclients>1</nclients>\n<publishing/>\n<active/>\n</stream>",
        "<nclients>1</nclients>\n</live>",
    };
    struct house *house = *state;
    struct encoder encoder;
    shop_make_show(house, "dark");
    struct shop_show show = shop_make_show(house, "stage");
    observed_publish(house, &encoder, &show);
    char *text = observed_read(house, server_stat_print);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        observed_expect(text, wanted[i]);
    assert_null(strstr(text, "<bw_video>0<"));
    assert_null(strstr(text, "dark"));
    assert_null(strstr(text, show.key));
    assert_true(observed_pleases("xmllint", "xmllint --noout -", text));
    alloc_free(text);
    encoder_close(&encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_nobody_when_nobody_publishes),
        cmocka_unit_test(tells_of_a_publisher_what_scene_switchers_read),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
