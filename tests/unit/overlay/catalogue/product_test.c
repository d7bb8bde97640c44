#include "overlay/catalogue/product.h"

#include "tests/unit/overlay/fixture.h"

/* A product in which one field is text of the test's choice; the others are fine. */
struct fields {
    const char *title;
    const char *url;
    const char *price;
    const char *currency;
    const char *more; /* further members, with a comma in front */
};

static int parse(const struct fields *fields, struct product **ret_product,
                 struct err *err)
{
    struct builder json;
    builder_init(&json, 16384);
    builder_printf(
        &json, "{\"title\":%s,\"url\":%s,\"price_minor\":%s,\"currency\":%s%s}",
        fields->title ? fields->title : "\"Lipstick\"",
        fields->url ? fields->url : "\"/p/1\"", fields->price ? fields->price : "2800",
        fields->currency ? fields->currency : "\"EUR\"",
        fields->more ? fields->more : "");
    assert_false(builder_failed(&json));
    *err = (struct err){0};
    int result = catalogue_product_parse(builder_bytes(&json), bytes_text("SKU-1"),
                                         ret_product, err);
    builder_finish(&json);
    return result;
}

static void assert_refused(struct fields fields, const char *words)
{
    struct product *product = NULL;
    struct err err;
    assert_int_equal(parse(&fields, &product, &err), -ERR_INVALID);
    assert_null(product);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.text, words);
}

static struct product *taken(struct fields fields)
{
    struct product *product = NULL;
    struct err err;
    if (parse(&fields, &product, &err))
        fail_msg("%s", err.text);
    return product;
}

static void assert_json_refused(const char *json, const char *words)
{
    struct product *product = NULL;
    struct err err = {0};
    assert_int_equal(
        catalogue_product_parse(bytes_text(json), bytes_text("SKU-1"), &product, &err),
        -ERR_INVALID);
    assert_null(product);
    assert_string_equal(err.text, words);
}

static void reads_all_fields(void **state)
{
    (void)state;
    struct product *product = taken(
        (struct fields){.more = ",\"sku\":\"SKU-1\",\"image\":\"/i/"
                                "1.webp\",\"list_price_minor\":3500,\"stock\":12"});
    assert_string_equal(product->sku, "SKU-1");
    assert_string_equal(product->title, "Lipstick");
    assert_string_equal(product->url, "/p/1");
    assert_string_equal(product->image, "/i/1.webp");
    assert_int_equal(product->price_minor, 2800);
    assert_int_equal(product->list_price_minor, 3500);
    assert_int_equal(product->stock, 12);
    assert_string_equal(product->currency, "EUR");
    catalogue_product_unref(product);
}

static void does_without_optional_fields(void **state)
{
    (void)state;
    const char *const more[] = {
        NULL, ",\"image\":null,\"list_price_minor\":null,\"stock\":null"};
    for (size_t i = 0; i < 2; i++) {
        struct product *product = taken((struct fields){.more = more[i]});
        assert_null(product->image);
        assert_true(product->list_price_minor == PRODUCT_NO_PRICE);
        assert_true(product->stock == PRODUCT_NO_STOCK);
        catalogue_product_unref(product);
    }
}

static void prints_what_it_read(void **state)
{
    (void)state;
    struct product *product = taken(
        (struct fields){.title = "\"\\\"Ros\\u00e9\\\" <b>\"",
                        .more = ",\"image\":\"https://cdn.example/1.webp\",\"list_"
                                "price_minor\":3500,\"stock\":0"});
    struct buf *json = catalogue_product_print(product);
    assert_text(bytes_to_text(buf_bytes(json)),
                "{\"sku\":\"SKU-1\",\"title\":\"\\\"Ros\xc3\xa9\\\" "
                "\\u003cb>\",\"url\":\"/p/1\",\"image\":\"https://cdn.example/1.webp\","
                "\"price_minor\":2800,\"list_price_minor\":3500,\"currency\":\"EUR\","
                "\"stock\":0}");
    struct product *again = NULL;
    assert_int_equal(
        catalogue_product_parse(buf_bytes(json), bytes_text("SKU-1"), &again, NULL), 0);
    assert_string_equal(again->title, product->title);
    buf_unref(json);
    catalogue_product_unref(again);
    catalogue_product_unref(product);
}

static void is_freed_with_the_last_reference(void **state)
{
    (void)state;
    struct product *product = taken((struct fields){0});
    assert_ptr_equal(catalogue_product_ref(product), product);
    catalogue_product_unref(product);
    assert_string_equal(product->title, "Lipstick");
    catalogue_product_unref(product);
    catalogue_product_unref(NULL);
    assert_null(catalogue_product_ref(NULL));
}

static void names_the_field_that_is_missing(void **state)
{
    (void)state;
    assert_json_refused("{}", "title: is missing");
    assert_json_refused("{\"title\":\"T\"}", "url: is missing");
    assert_json_refused("{\"title\":\"T\",\"url\":\"/\"}", "price_minor: is missing");
    assert_json_refused("{\"title\":\"T\",\"url\":\"/\",\"price_minor\":1}",
                        "currency: is missing");
}

static void refuses_what_is_no_json_object(void **state)
{
    (void)state;
    assert_json_refused("", "the product is not valid JSON (line 1, column 0)");
    assert_json_refused("{\"title\":\n}",
                        "the product is not valid JSON (line 2, column 1)");
    assert_json_refused("[]", "the product must be a JSON object");
    assert_json_refused("7", "the product is not valid JSON (line 1, column 1)");
    assert_json_refused("{\"title\":\"a\",\"title\":\"b\"}",
                        "the product is not valid JSON (line 1, column 20)");
    assert_json_refused("{} x", "the product is not valid JSON (line 1, column 4)");
    char *nested = alloc_zero(PRODUCT_BODY_MAX + 2);
    memset(nested, '[', PRODUCT_BODY_MAX);
    assert_json_refused(nested, "the product is not valid JSON (line 1, column 2049)");
    nested[PRODUCT_BODY_MAX] = ' ';
    assert_json_refused(nested, "the product must be 4096 bytes of JSON at most");
    alloc_free(nested);
}

static void refuses_unknown_fields_and_guesses_what_was_meant(void **state)
{
    (void)state;
    assert_refused((struct fields){.more = ",\"prize\":1"},
                   "prize: unknown field (did you mean \"price_minor\"?)");
    assert_refused((struct fields){.more = ",\"price\":1"},
                   "price: unknown field (did you mean \"price_minor\"?)");
    assert_refused((struct fields){.more = ",\"list_price\":1"},
                   "list_price: unknown field (did you mean \"list_price_minor\"?)");
    assert_refused((struct fields){.more = ",\"titel\":1"},
                   "titel: unknown field (did you mean \"title\"?)");
    assert_refused((struct fields){.more = ",\"colour\":1"}, "colour: unknown field");
    assert_refused((struct fields){.more = ",\"\":1"}, ": unknown field");
    assert_refused((struct fields){.more = ",\"<img src=x>\\n\\u202e\":1"},
                   "?img?src=x?????: unknown field");
    assert_refused(
        (struct fields){.more = ",\"a-name-that-goes-on-for-a-long-time\":1"},
        "a-name-that-goes-on-for-a-long-t: unknown field");
}

static void refuses_numbers_that_are_no_money(void **state)
{
    (void)state;
    const char *const bad[] = {"19.99", "\"2800\"", "-1", "null", "true", "1e3", "[]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(
            (struct fields){.price = bad[i]},
            "price_minor: must be a whole number of minor units (cents), 0 or "
            "more");
    assert_refused((struct fields){.price = "1000000000001"},
                   "price_minor: must be 1000000000000 at most");
    assert_refused((struct fields){.price = "99999999999999999999"},
                   "the product is not valid JSON (line 1, column 67)");
    assert_refused((struct fields){.more = ",\"list_price_minor\":0.5"},
                   "list_price_minor: must be a whole number of minor units (cents), 0 "
                   "or more");
    assert_refused((struct fields){.more = ",\"stock\":-1"},
                   "stock: must be a whole number, 0 or more");
    assert_refused((struct fields){.more = ",\"stock\":1000000001"},
                   "stock: must be 1000000000 at most");
}

static void takes_the_largest_and_the_smallest_price(void **state)
{
    (void)state;
    struct product *product = taken((struct fields){.price = "1000000000000"});
    assert_int_equal(product->price_minor, 1000000000000);
    catalogue_product_unref(product);
    product = taken((struct fields){.price = "0"});
    assert_int_equal(product->price_minor, 0);
    catalogue_product_unref(product);
}

static void knows_the_currencies_of_the_world(void **state)
{
    (void)state;
    const char *const good[] = {"\"AED\"", "\"EUR\"", "\"JPY\"", "\"KWD\"", "\"ZWG\""};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        catalogue_product_unref(taken((struct fields){.currency = good[i]}));
    const char *const bad[] = {"\"eur\"", "\"EU\"",  "\"EURO\"",
                               "\"\"",    "\"XTS\"", "\"AED \"",
                               "\"ED \"", "\" AF\"", "\"\xe2\x82\xac\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(
            (struct fields){.currency = bad[i]},
            "currency: must be an ISO 4217 code in capital letters, like EUR");
    assert_refused((struct fields){.currency = "978"}, "currency: must be a text");
}

static void refuses_links_that_are_not_of_the_web(void **state)
{
    (void)state;
    const char *const bad[] = {
        "\"javascript:alert(1)\"",
        "\"JaVaScRiPt:alert(1)\"",
        "\"data:text/html,x\"",
        "\"vbscript:x\"",
        "\"file:///etc/passwd\"",
        "\"//evil.example/x\"",
        "\"ftp://x.example/\"",
        "\"https:/x.example\"",
        "\"p/1\"",
        "\"?q\"",
        "\"#x\"",
        "\"https:x.example\"",
        "\"httpss://x.example\"",
        "\"blob:https://x/1\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused((struct fields){.url = bad[i]},
                       "url: must start with https:// or http://, or be a path like "
                       "/shoes");
    assert_refused((struct fields){.more = ",\"image\":\"javascript:alert(1)\""},
                   "image: must start with https:// or http://, or be a path like "
                   "/shoes");
    assert_refused((struct fields){.more = ",\"image\":\"\""},
                   "image: must not be empty");
    assert_refused((struct fields){.url = "7"}, "url: must be a text");
}

static void refuses_links_that_two_parsers_read_in_two_ways(void **state)
{
    (void)state;
    const char *const bad[] = {
        "\" https://x.example\"",
        "\"https://x.example/a b\"",
        "\"java\\tscript:alert(1)\"",
        "\"/\\t/evil.example\"",
        "\"/\\\\evil.example\"",
        "\"/a\\\"onerror=x\"",
        "\"/a'b\"",
        "\"/a<b\"",
        "\"/a>b\"",
        "\"/a`b\"",
        "\"/a\\r\\nX: y\"",
        "\"/a\\u007f\"",
        "\"/a\\u0085\"",
        "\"/a\\u00a0\"",
        "\"/a\\u200b\"",
        "\"/a\\u2028\"",
        "\"/a\\u202e\"",
        "\"/a\\u3000\"",
        "\"/a\\ufeff\"",
        "\"\\u0001javascript:x\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(
            (struct fields){.url = bad[i]},
            "url: must not hold spaces, quotes, angle brackets, backslashes or "
            "control characters; write them percent-encoded");
    assert_refused((struct fields){.url = "\"https://\""}, "url: has no host name");
    assert_refused((struct fields){.url = "\"https:///x\""}, "url: has no host name");
    assert_refused((struct fields){.url = "\"http://:80/\""}, "url: has no host name");
    assert_refused((struct fields){.url = "\"https://shop.example@evil.example/\""},
                   "url: must not hold a user name or password");
}

static void takes_links_of_the_web_and_of_the_own_origin(void **state)
{
    (void)state;
    const char *const good[] = {
        "\"https://shop.example/p?a=1&b=%20#x\"",
        "\"http://127.0.0.1:8081/p/1\"",
        "\"HTTPS://Shop.Example/\"",
        "\"https://shop.example/@ros\\u00e9/1\"",
        "\"https://[::1]:8443/\"",
        "\"/\"",
        "\"/p/1?x=//y@z\"",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        catalogue_product_unref(taken((struct fields){.url = good[i]}));
}

static void limits_links_to_200_bytes(void **state)
{
    (void)state;
    char url[256] = "\"/";
    memset(url + 2, 'a', 199);
    strcpy(url + 201, "\"");
    catalogue_product_unref(taken((struct fields){.url = url}));
    strcpy(url + 201, "a\"");
    assert_refused((struct fields){.url = url}, "url: must be 200 bytes at most");
}

static void assert_title(const char *json, const char *expected)
{
    struct product *product = taken((struct fields){.title = json});
    assert_string_equal(product->title, expected);
    catalogue_product_unref(product);
}

/* Markup stays as it is: it is text, and shown as text. */
static void titles_lose_controls_and_keep_everything_else(void **state)
{
    (void)state;
    assert_title("\"<img src=x onerror=alert(1)>\"", "<img src=x onerror=alert(1)>");
    assert_title("\"</script><script>alert(1)</script>\"",
                 "</script><script>alert(1)</script>");
    assert_title("\"a\\u0001b\\u001bc\\u007fd\\u0085e\\u009ff\"", "abcdef");
    assert_title("\"\\u202egnp.tfig\\u202c \\u2066a\\u2069\\u202a\\u202b\\u202d\\u2067"
                 "\\u2068\"",
                 "gnp.tfig a");
    assert_title("\"  Red\\r\\nlipstick\\t \"", "Red  lipstick");
    assert_title("\"\\u0631\\u0648\\u062c \\u200f\"",
                 "\xd8\xb1\xd9\x88\xd8\xac \xe2\x80\x8f");
    assert_title("\"\\ud83d\\udc84 \\u20ac \\u00e9\"",
                 "\xf0\x9f\x92\x84 \xe2\x82\xac \xc3\xa9");
}

static void refuses_titles_without_text(void **state)
{
    (void)state;
    assert_refused((struct fields){.title = "\"\""}, "title: must not be empty");
    assert_refused((struct fields){.title = "\" \\n\\u202e \""},
                   "title: must not be empty");
    assert_refused((struct fields){.title = "[\"a\"]"}, "title: must be a text");
    assert_refused((struct fields){.title = "null"}, "title: must be a text");
}

static void limits_titles_by_characters(void **state)
{
    (void)state;
    char title[1024] = "\"";
    for (size_t i = 0; i < 80; i++)
        strcat(title, "\xf0\x9f\x92\x84");
    size_t end = strlen(title);
    strcpy(title + end, "\\u202e\""); /* what is taken out does not count */
    catalogue_product_unref(taken((struct fields){.title = title}));
    strcpy(title + end, "x\"");
    assert_refused((struct fields){.title = title},
                   "title: must be 80 characters at most, these are 81");
}

static void refuses_a_heap_of_combining_marks(void **state)
{
    (void)state;
    char title[4096] = "\"a";
    for (size_t i = 0; i < 1000; i++)
        memcpy(title + 2 + 2 * i, "\xcc\x81", 2);
    strcpy(title + 2002, "\"");
    assert_refused((struct fields){.title = title},
                   "title: must be 80 characters at most, these are 1001");
}

static void refuses_text_that_is_no_utf8(void **state)
{
    (void)state;
    const char *const bad[] = {
        "\"\xff\"",      "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",     "\"\\ud800\"",
        "\"\\udc00 x\"", "\"\xe2\x82\"", "\"\xf5\x80\x80\x80\"", "\"a\\u0000b\"",
        "\"a\nb\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fields fields = {.title = bad[i]};
        struct product *product = NULL;
        struct err err;
        assert_int_equal(parse(&fields, &product, &err), -ERR_INVALID);
        assert_null(product);
        assert_non_null(strstr(err.text, "the product is not valid JSON (line "));
    }
}

static void without_an_address_the_sku_is_the_objects_own(void **state)
{
    (void)state;
    static const char fields[] = ",\"title\":\"t\",\"url\":\"/u\","
                                 "\"price_minor\":1,\"currency\":\"EUR\"}";
    char json[200];
    struct product *product = NULL;
    struct err err;
    (void)snprintf(json, sizeof json, "{\"sku\":\"SKU-7\"%s", fields);
    assert_int_equal(
        catalogue_product_parse(bytes_text(json), bytes_make(NULL, 0), &product, NULL),
        0);
    assert_string_equal(product->sku, "SKU-7");
    catalogue_product_unref(product);
    (void)snprintf(json, sizeof json, "{%s", fields + 1);
    assert_int_equal(
        catalogue_product_parse(bytes_text(json), bytes_make(NULL, 0), &product, &err),
        -ERR_INVALID);
    (void)snprintf(json, sizeof json, "{\"sku\":\"a b\"%s", fields);
    assert_int_equal(
        catalogue_product_parse(bytes_text(json), bytes_make(NULL, 0), &product, &err),
        -ERR_INVALID);
}

static void sku_is_the_one_of_the_address(void **state)
{
    (void)state;
    assert_refused((struct fields){.more = ",\"sku\":\"SKU-2\""},
                   "sku: must be the same as in the address, \"SKU-1\", or left out");
    assert_refused((struct fields){.more = ",\"sku\":1"},
                   "sku: must be the same as in the address, \"SKU-1\", or left out");
    const char *const bad[] = {"",    ".",    "..",       "a b",
                               "a/b", "a\"b", "\xc3\xa9", "a%2fb"};
    const struct bytes json = bytes_text(
        "{\"title\":\"T\",\"url\":\"/\",\"price_minor\":1,\"currency\":\"EUR\"}");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct product *product = NULL;
        struct err err = {0};
        assert_int_equal(
            catalogue_product_parse(json, bytes_text(bad[i]), &product, &err),
            -ERR_INVALID);
        assert_string_equal(err.text, "sku: must be 1 to 64 letters, digits, dots, "
                                      "dashes or underscores");
    }
    char sku[66];
    memset(sku, 'a', sizeof sku);
    struct product *product = NULL;
    assert_int_equal(catalogue_product_parse(json, bytes_make(sku, 64), &product, NULL),
                     0);
    catalogue_product_unref(product);
    assert_int_equal(catalogue_product_parse(json, bytes_make(sku, 65), &product, NULL),
                     -ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_fields),
        cmocka_unit_test(does_without_optional_fields),
        cmocka_unit_test(prints_what_it_read),
        cmocka_unit_test(is_freed_with_the_last_reference),
        cmocka_unit_test(names_the_field_that_is_missing),
        cmocka_unit_test(refuses_what_is_no_json_object),
        cmocka_unit_test(refuses_unknown_fields_and_guesses_what_was_meant),
        cmocka_unit_test(refuses_numbers_that_are_no_money),
        cmocka_unit_test(takes_the_largest_and_the_smallest_price),
        cmocka_unit_test(knows_the_currencies_of_the_world),
        cmocka_unit_test(refuses_links_that_are_not_of_the_web),
        cmocka_unit_test(refuses_links_that_two_parsers_read_in_two_ways),
        cmocka_unit_test(takes_links_of_the_web_and_of_the_own_origin),
        cmocka_unit_test(limits_links_to_200_bytes),
        cmocka_unit_test(titles_lose_controls_and_keep_everything_else),
        cmocka_unit_test(refuses_titles_without_text),
        cmocka_unit_test(limits_titles_by_characters),
        cmocka_unit_test(refuses_a_heap_of_combining_marks),
        cmocka_unit_test(refuses_text_that_is_no_utf8),
        cmocka_unit_test(without_an_address_the_sku_is_the_objects_own),
        cmocka_unit_test(sku_is_the_one_of_the_address),
    };
    return cmocka_run_group_tests_name("catalogue/product", tests, NULL, NULL);
}
