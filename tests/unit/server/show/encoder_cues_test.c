/* Cues that an encoder sends, on a running server: who may, what is taken, at which media
 * time, and what the host is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/builder.h"
#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"
#include "server/show/cue_in.h"
#include "server/show/ingest.h"
#include "server/show/show.h"
#include "tests/kit/air.h"

enum { DATA_MESSAGE = 18, TEXT_MAX = 20000 };

static int setup(void **state)
{
    int failed = air_setup(state);
    struct air *air = *state;
    shop_make_product(&air->house, "SKU-2", "Mug");
    return failed;
}

/* With a key whose holder may send cues. */
static void allow_cues(struct air *air)
{
    struct answer answer =
        client_call(&air->house, 0, "POST /api/shows/spring/keys", "{\"cues\":true}");
    (void)snprintf(air->show.key, sizeof air->show.key, "%s",
                   client_field(&answer, "stream_key"));
    client_free(&answer);
}

static void go_live_with_cues(struct air *air)
{
    allow_cues(air);
    air_go_live(air);
}

/* onTextData as ffmpeg sends it, but for the array's mark. */
static void send_text(struct air *air, uint32_t stamp_ms, const char *text)
{
    struct builder body;
    builder_init(&body, 2 * TEXT_MAX);
    rtmp_amf0_write_text(&body, "onTextData");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "type");
    rtmp_amf0_write_text(&body, "Text");
    rtmp_amf0_write_name(&body, "text");
    rtmp_amf0_write_text(&body, text);
    rtmp_amf0_write_object_end(&body);
    assert_false(builder_failed(&body));
    rtmp_client_send(air->encoder.client, DATA_MESSAGE, stamp_ms, builder_bytes(&body));
    encoder_flush(&air->encoder);
    builder_finish(&body);
}

struct numbers {
    int64_t taken, refused, ads;
    int64_t first_stamp_ms; /* 0 of the publisher's clock on the show's axis */
};

static void read_numbers(struct show_hub *hub, void *ctx)
{
    struct numbers *numbers = ctx;
    const struct metrics *metrics = hub->house->metrics;
    const struct show *show = show_hub_show(hub, bytes_text("spring"));
    numbers->taken = counter_get(&metrics->cues_in_total);
    numbers->refused = counter_get(&metrics->cues_in_refused_total);
    numbers->ads = counter_get(&metrics->ad_markers_in_total);
    if (show->ingest)
        numbers->first_stamp_ms = show_ingest_locate_ms(show->ingest, 7000) - 7000;
}

static struct numbers numbers_of(struct air *air)
{
    struct numbers numbers = {0};
    house_run(&air->house, house_lane_of(&air->house, "spring"), read_numbers,
              &numbers);
    return numbers;
}

static bool have_come(struct show_hub *hub, void *ctx)
{
    const struct numbers *wanted = ctx;
    struct numbers now = {0};
    read_numbers(hub, &now);
    return now.taken + now.refused + now.ads >=
           wanted->taken + wanted->refused + wanted->ads;
}

/* So many came, and that is how they were judged. */
static void await_numbers(struct air *air, int64_t taken, int64_t refused, int64_t ads)
{
    struct numbers wanted = {.taken = taken, .refused = refused, .ads = ads};
    house_await(&air->house, house_lane_of(&air->house, "spring"), have_come, &wanted);
    struct numbers now = numbers_of(air);
    assert_int_equal(now.taken, taken);
    assert_int_equal(now.refused, refused);
    assert_int_equal(now.ads, ads);
}

static bool says(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text("spring"));
    struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&show->health.watch->coach, findings);
    for (size_t i = 0; i < n; i++)
        if (findings[i].code == COACH_CUES_REFUSED && strstr(findings[i].text, ctx))
            return true;
    return false;
}

static void await_words(struct air *air, const char *words)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s", words);
    house_await(&air->house, house_lane_of(&air->house, "spring"), says, text);
}

static size_t count_cues(struct air *air, const char *words)
{
    size_t n = 0;
    struct answer answer =
        client_call(&air->house, 1, "GET /api/shows/spring/cues", NULL);
    assert_int_equal(answer.status, 200);
    for (const char *at = answer.body; (at = strstr(at, words)); at += strlen(words))
        n++;
    client_free(&answer);
    return n;
}

#define SHOW_1 "{\"k\":\"show\",\"c\":\"a\",\"sku\":\"SKU-1\"}"

static void a_card_appears_at_the_media_time_of_its_message(void **state)
{
    struct air *air = *state;
    char words[64];
    go_live_with_cues(air);
    send_text(air, 5000, SHOW_1);
    send_text(air, 6123, "{\"k\":\"hide\",\"c\":\"a\"}");
    encoder_send_until(&air->encoder, 8000);
    await_numbers(air, 2, 0, 0);
    int64_t start_ms = numbers_of(air).first_stamp_ms;
    (void)snprintf(words, sizeof words, "\"m\":%lld}", (long long)start_ms + 5000);
    assert_int_equal(count_cues(air, words), 1);
    (void)snprintf(words, sizeof words, "\"m\":%lld}", (long long)start_ms + 6123);
    assert_int_equal(count_cues(air, words), 1);
    assert_int_equal(count_cues(air, "\"k\":\"show\""), 1);
    assert_int_equal(count_cues(air, "\"k\":\"hide\""), 1);
}

/* Prices and links in the message are nobody's: the catalogue's are told. */
static void a_forged_price_is_not_told(void **state)
{
    struct air *air = *state;
    go_live_with_cues(air);
    send_text(air, 5000,
              "{\"v\":1,\"k\":\"show\",\"c\":\"a\",\"p\":{\"i\":\"SKU-1\",\"a\":1,"
              "\"t\":\"Forged\",\"u\":\"https://evil.test\"}}");
    encoder_send_until(&air->encoder, 8000);
    await_numbers(air, 1, 0, 0);
    assert_int_equal(count_cues(air, "\"a\":2800"), 1);
    assert_int_equal(count_cues(air, "Forged"), 0);
    assert_int_equal(count_cues(air, "evil"), 0);
}

static void a_key_without_permission_does_nothing_and_the_host_is_told(void **state)
{
    struct air *air = *state;
    air_go_live(air);
    send_text(air, 5000, SHOW_1);
    encoder_send_until(&air->encoder, 8000);
    await_numbers(air, 0, 1, 0);
    assert_int_equal(count_cues(air, "\"k\""), 0);
    await_words(air, "its stream key does not allow");
    assert_int_equal(encoder_state(&air->encoder), RTMP_CLIENT_PUBLISHING);
}

static void products_that_the_show_has_not_are_refused(void **state)
{
    struct air *air = *state;
    client_expect(&air->house, 0, "PATCH /api/shows/spring",
                  "{\"run_sheet\":[\"SKU-2\"]}", 200);
    go_live_with_cues(air);
    send_text(air, 5000, SHOW_1);
    send_text(air, 5000, "{\"k\":\"show\",\"sku\":\"SKU-3\"}");
    send_text(air, 5000, "{\"k\":\"show\",\"sku\":\"SKU-2\"}");
    encoder_send_until(&air->encoder, 8000);
    await_numbers(air, 1, 2, 0);
    assert_int_equal(count_cues(air, "\"i\":\"SKU-2\""), 1);
    assert_int_equal(count_cues(air, "SKU-1"), 0);
    await_words(air, "names product SKU-3, which is not in this show");
}

static void what_is_meant_as_a_cue_and_is_none_is_told(void **state)
{
    struct air *air = *state;
    go_live_with_cues(air);
    send_text(air, 5000, "{\"k\":\"dance\"}");
    send_text(air, 5000, "Hello, I am a caption");
    await_numbers(air, 0, 1, 0);
    await_words(air, "A cue was refused: k: must be show, upd or hide.");
}

static void a_flood_is_cut_down_and_the_stream_goes_on(void **state)
{
    struct air *air = *state;
    go_live_with_cues(air);
    for (uint32_t i = 0; i < 200; i++)
        send_text(air, 5000 + i, SHOW_1);
    encoder_send_until(&air->encoder, 12000);
    shop_await_segment(&air->house, 0, "spring", TRACK_VIDEO, 5);
    struct numbers now = numbers_of(air);
    assert_int_equal(now.taken + now.refused, 200);
    assert_in_range(now.taken, 10, 100); /* ten at once, ten a second */
    assert_int_equal(encoder_state(&air->encoder), RTMP_CLIENT_PUBLISHING);
}

struct burst {
    struct rtmp_event event;
    int64_t taken[3]; /* at once, a second later, a tenth of a second later */
};

/* How many of fifty are taken at one moment of the loop's clock; the show's own budget is
 * not in the way. */
static int64_t take_fifty(struct show *show, const struct rtmp_event *event)
{
    const struct metrics *metrics = show->hub->house->metrics;
    int64_t before = counter_get(&metrics->cues_in_total);
    for (int i = 0; i < 50; i++) {
        show->budget = (struct show_budget){0};
        show_cue_in_take(show, event);
    }
    return counter_get(&metrics->cues_in_total) - before;
}

static void send_burst(struct show_hub *hub, void *ctx)
{
    static const int64_t later_ms[] = {0, 1000, 100};
    struct burst *burst = ctx;
    struct show *show = show_hub_show(hub, bytes_text("spring"));
    for (size_t i = 0; i < 3; i++) {
        show->cue_in_budget.full_at_ms -= later_ms[i];
        burst->taken[i] = take_fifty(show, &burst->event);
    }
}

static void an_encoder_has_ten_cues_a_second(void **state)
{
    struct air *air = *state;
    struct burst burst = {
        .event = {.type = RTMP_EVENT_DATA,
                  .data = {.stamp_ms = 5000, .name = "onProductCue"}}};
    struct builder values;
    builder_init(&values, TEXT_MAX);
    rtmp_amf0_write_text(&values, SHOW_1);
    burst.event.data.values = buf_copy(builder_bytes(&values));
    builder_finish(&values);
    go_live_with_cues(air);
    house_run(&air->house, house_lane_of(&air->house, "spring"), send_burst, &burst);
    assert_int_equal(burst.taken[0], 10);
    assert_int_equal(burst.taken[1], 10);
    assert_int_equal(burst.taken[2], 1);
    buf_unref(burst.event.data.values);
}

static void a_message_that_is_too_long_is_refused(void **state)
{
    struct air *air = *state;
    static char text[RTMP_AMF0_TEXT_MAX + 1];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, SHOW_1, sizeof SHOW_1 - 1);
    go_live_with_cues(air);
    send_text(air, 5000, text);
    await_numbers(air, 0, 1, 0);
    await_words(air, "longer than 16384 bytes");
}

static void a_cue_before_the_first_picture_has_no_time(void **state)
{
    struct air *air = *state;
    allow_cues(air);
    encoder_open(&air->encoder, &air->house, 0, air->show.key);
    send_text(air, 0, SHOW_1);
    await_numbers(air, 0, 1, 0);
    encoder_send_headers(&air->encoder);
    encoder_send_until(&air->encoder, 4400);
    shop_await_state(&air->house, 0, "spring", SHOW_LIVE);
    assert_int_equal(count_cues(air, "\"k\""), 0);
}

/* With what metadata has in front, as scripts send it that know no other way. */
static void a_message_in_a_data_frame_is_taken(void **state)
{
    struct air *air = *state;
    struct builder body;
    builder_init(&body, 1000);
    rtmp_amf0_write_text(&body, "@setDataFrame");
    rtmp_amf0_write_text(&body, "onProductCue");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "k");
    rtmp_amf0_write_text(&body, "show");
    rtmp_amf0_write_name(&body, "sku");
    rtmp_amf0_write_text(&body, "SKU-2");
    rtmp_amf0_write_object_end(&body);
    go_live_with_cues(air);
    rtmp_client_send(air->encoder.client, DATA_MESSAGE, 5000, builder_bytes(&body));
    encoder_send_until(&air->encoder, 8000);
    builder_finish(&body);
    await_numbers(air, 1, 0, 0);
    assert_int_equal(count_cues(air, "\"i\":\"SKU-2\""), 1);
}

static void markers_of_advertisements_are_counted_and_left(void **state)
{
    struct air *air = *state;
    struct builder body;
    builder_init(&body, 1000);
    rtmp_amf0_write_text(&body, "onCuePoint");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "parameters");
    rtmp_amf0_write_object_begin(&body);
    rtmp_amf0_write_name(&body, "splice_command_type");
    rtmp_amf0_write_text(&body, "splice_insert");
    rtmp_amf0_write_object_end(&body);
    rtmp_amf0_write_object_end(&body);
    air_go_live(air);
    rtmp_client_send(air->encoder.client, DATA_MESSAGE, 5000, builder_bytes(&body));
    encoder_flush(&air->encoder);
    builder_finish(&body);
    await_numbers(air, 0, 0, 1);
}

#define ON_AIR(test) cmocka_unit_test_setup_teardown(test, setup, air_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_AIR(a_card_appears_at_the_media_time_of_its_message),
        ON_AIR(a_forged_price_is_not_told),
        ON_AIR(a_key_without_permission_does_nothing_and_the_host_is_told),
        ON_AIR(products_that_the_show_has_not_are_refused),
        ON_AIR(what_is_meant_as_a_cue_and_is_none_is_told),
        ON_AIR(a_flood_is_cut_down_and_the_stream_goes_on),
        ON_AIR(an_encoder_has_ten_cues_a_second),
        ON_AIR(a_message_that_is_too_long_is_refused),
        ON_AIR(a_cue_before_the_first_picture_has_no_time),
        ON_AIR(a_message_in_a_data_frame_is_taken),
        ON_AIR(markers_of_advertisements_are_counted_and_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
