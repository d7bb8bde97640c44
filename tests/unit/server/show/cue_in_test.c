/* Each shape in which senders put cues into their stream, and what comes of it. */
#include "server/show/cue_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/builder.h"
#include "core/err.h"
#include "server/rtmp/amf0.h"
#include "tests/unit/server/rtmp/amf0_boolean.h"

/* ---- messages, written one property after the other ---- */

static struct builder out;
static struct cue_wish wish;
static struct err err;

static void open_object(const char *name) /* NULL: at the top */
{
    if (name)
        rtmp_amf0_write_name(&out, name);
    rtmp_amf0_write_object_begin(&out);
}

static void put_text(const char *name, const char *text)
{
    rtmp_amf0_write_name(&out, name);
    rtmp_amf0_write_text(&out, text);
}

static void put_number(const char *name, double number)
{
    rtmp_amf0_write_name(&out, name);
    rtmp_amf0_write_number(&out, number);
}

static void put_flag(const char *name, bool value)
{
    rtmp_amf0_write_name(&out, name);
    amf0_boolean_write(&out, value);
}

static void close_object(void)
{
    rtmp_amf0_write_object_end(&out);
}

static int setup(void **state)
{
    (void)state;
    builder_init(&out, 64 * 1024);
    wish = (struct cue_wish){0};
    err = (struct err){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    builder_finish(&out);
    return 0;
}

static enum show_cue_in read_as(const char *name)
{
    return show_cue_in_read(name, builder_bytes(&out), &wish, &err);
}

static void assert_shows_sku_1(enum show_cue_in read)
{
    if (read != CUE_IN_WISH)
        fail_msg("%d: %s", (int)read, err.text);
    assert_int_equal(wish.kind, CUE_SHOW);
    assert_string_equal(wish.card, "c1");
    assert_string_equal(wish.sku, "SKU-1");
}

#define SHOW_JSON "{\"k\":\"show\",\"c\":\"c1\",\"p\":{\"i\":\"SKU-1\",\"a\":1}}"

/* ---- onTextData: Flash, Wowza, ffmpeg ---- */

static void text_data_holds_json(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("type", "Text");
    put_text("text", SHOW_JSON);
    put_text("language", "eng");
    put_number("trackid", 1);
    close_object();
    assert_shows_sku_1(read_as("onTextData"));
}

/* ffmpeg writes an ECMA array with a count, and the object's end behind it. */
static void text_data_of_ffmpeg_holds_json(void **state)
{
    (void)state;
    builder_u8(&out, 0x08);
    builder_u32(&out, 2);
    put_text("type", "Text");
    put_text("text", SHOW_JSON);
    close_object();
    assert_shows_sku_1(read_as("onTextData"));
}

static void captions_are_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("type", "Text");
    put_text("text", "[applause] Hello {everybody}");
    close_object();
    assert_int_equal(read_as("onTextData"), CUE_IN_OTHER);
}

static void text_data_that_is_nearly_a_cue_is_told(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("text", "{\"k\":\"show\"}");
    close_object();
    assert_int_equal(read_as("onTextData"), CUE_IN_WRONG);
    assert_string_equal(err.text, "sku: is missing: which product?");
}

/* ---- onCuePoint: Flash, FMLE, Elemental ---- */

static void cue_point_has_the_fields_as_parameters(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "card");
    put_number("time", 12.5);
    put_text("type", "event");
    open_object("parameters");
    put_text("k", "show");
    put_text("c", "c1");
    put_text("sku", "SKU-1");
    put_text("price", "1.00");
    close_object();
    close_object();
    assert_shows_sku_1(read_as("onCuePoint"));
}

static void cue_point_has_the_kind_as_its_name(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "show");
    put_number("time", 12.5);
    put_text("type", "navigation");
    open_object("parameters");
    put_text("c", "c1");
    put_text("sku", "SKU-1");
    close_object();
    close_object();
    assert_shows_sku_1(read_as("onCuePoint"));
}

static void cue_point_has_the_product_as_an_object(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "show");
    open_object("parameters");
    put_text("c", "c1");
    open_object("p");
    put_text("i", "SKU-1");
    put_number("a", 1);
    put_text("u", "https://evil.test");
    close_object();
    close_object();
    close_object();
    assert_shows_sku_1(read_as("onCuePoint"));
}

static void cue_point_holds_json_as_payload(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "anything");
    open_object("parameters");
    put_text("payload", SHOW_JSON);
    close_object();
    close_object();
    assert_shows_sku_1(read_as("onCuePoint"));
}

static void cue_point_of_an_advertisement_is_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "adbreak");
    put_text("type", "event");
    open_object("parameters");
    put_text("type", "ad");
    put_number("duration", 30);
    close_object();
    close_object();
    assert_int_equal(read_as("onCuePoint"), CUE_IN_AD);
}

static void cue_point_of_scte_35_is_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("type", "SCTE-35");
    open_object("parameters");
    put_text("messageType", "SpliceOut");
    put_text("splice_command_type", "splice_insert");
    put_number("splice_event_id", 100);
    put_flag("splice_event_cancel_indicator", false);
    put_flag("out_of_network_indicator", true);
    put_flag("splice_immediate", false);
    put_number("pre_roll_time", 2000);
    put_number("break_duration", 30000);
    put_number("unique_program_id", 1);
    put_number("avail_num", 0);
    put_number("avail_expected", 0);
    close_object();
    close_object();
    assert_int_equal(read_as("onCuePoint"), CUE_IN_AD);
}

static void cue_point_of_a_break_that_goes_on_is_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "cont");
    open_object("parameters");
    put_text("segmentation_upid", "x");
    put_number("segmentation_duration", 30000);
    put_number("segmentation_remaining_duration", 20000);
    close_object();
    close_object();
    assert_int_equal(read_as("onCuePoint"), CUE_IN_AD);
}

static void cue_point_of_another_kind_is_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("name", "chapter 2");
    put_number("time", 60);
    put_text("type", "navigation");
    open_object("parameters");
    close_object();
    close_object();
    assert_int_equal(read_as("onCuePoint"), CUE_IN_OTHER);
}

/* ---- names of one's own ---- */

static void product_cue_has_the_fields(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("k", "show");
    put_text("c", "c1");
    put_text("sku", "SKU-1");
    close_object();
    assert_shows_sku_1(read_as("onProductCue"));
}

static void product_cue_is_json(void **state)
{
    (void)state;
    rtmp_amf0_write_text(&out, SHOW_JSON);
    assert_shows_sku_1(read_as("onProductCue"));
}

static void product_cue_without_a_kind_is_told(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("sku", "SKU-1");
    close_object();
    assert_int_equal(read_as("onProductCue"), CUE_IN_WRONG);
    assert_string_equal(err.text, "k: is missing: show, upd or hide");
}

/* Wowza's cloud, and scripts that may set a name. */
static void any_name_may_carry_json_as_payload(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("payload", SHOW_JSON);
    close_object();
    assert_shows_sku_1(read_as("onShopEvent"));
}

static void other_messages_are_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("tc", "10:00:00:00");
    put_text("k", "show");
    put_text("sku", "SKU-1");
    close_object();
    assert_int_equal(read_as("onFI"), CUE_IN_OTHER);
    assert_int_equal(read_as("|RtmpSampleAccess"), CUE_IN_OTHER);
}

static void payload_for_others_is_left_alone(void **state)
{
    (void)state;
    open_object(NULL);
    put_text("payload", "aGVsbG8=");
    close_object();
    assert_int_equal(read_as("onStatus"), CUE_IN_OTHER);
}

static void values_that_are_no_object_are_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"onTextData", "onCuePoint", "onProductCue",
                                        "onShopEvent"};
    rtmp_amf0_write_number(&out, 7);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(read_as(names[i]), CUE_IN_OTHER);
        assert_int_equal(show_cue_in_read(names[i], bytes_make(NULL, 0), &wish, &err),
                         CUE_IN_OTHER);
    }
}

#define SHAPE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        SHAPE(text_data_holds_json),
        SHAPE(text_data_of_ffmpeg_holds_json),
        SHAPE(captions_are_left_alone),
        SHAPE(text_data_that_is_nearly_a_cue_is_told),
        SHAPE(cue_point_has_the_fields_as_parameters),
        SHAPE(cue_point_has_the_kind_as_its_name),
        SHAPE(cue_point_has_the_product_as_an_object),
        SHAPE(cue_point_holds_json_as_payload),
        SHAPE(cue_point_of_an_advertisement_is_left_alone),
        SHAPE(cue_point_of_scte_35_is_left_alone),
        SHAPE(cue_point_of_a_break_that_goes_on_is_left_alone),
        SHAPE(cue_point_of_another_kind_is_left_alone),
        SHAPE(product_cue_has_the_fields),
        SHAPE(product_cue_is_json),
        SHAPE(product_cue_without_a_kind_is_told),
        SHAPE(any_name_may_carry_json_as_payload),
        SHAPE(other_messages_are_left_alone),
        SHAPE(payload_for_others_is_left_alone),
        SHAPE(values_that_are_no_object_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
