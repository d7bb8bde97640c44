#include "overlay/render/base64url.h"

#include "tests/unit/overlay/fixture.h"

static char *encode(const void *data, size_t len)
{
    struct builder out;
    builder_init(&out, 1024);
    render_base64url_put(&out, bytes_make(data, len));
    return printed(&out);
}

/* RFC 4648, section 10. */
static void encodes_the_vectors_of_the_standard_without_padding(void **state)
{
    (void)state;
    assert_text(encode("", 0), "");
    assert_text(encode("f", 1), "Zg");
    assert_text(encode("fo", 2), "Zm8");
    assert_text(encode("foo", 3), "Zm9v");
    assert_text(encode("foob", 4), "Zm9vYg");
    assert_text(encode("fooba", 5), "Zm9vYmE");
    assert_text(encode("foobar", 6), "Zm9vYmFy");
}

static void uses_the_alphabet_for_addresses(void **state)
{
    (void)state;
    assert_text(encode("\xfb\xff\xbf", 3), "-_-_");
    assert_text(encode("\xff\xff", 2), "__8");
}

static void never_writes_anything_that_ends_a_quoted_string(void **state)
{
    (void)state;
    uint8_t all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    char *text = encode(all, sizeof all);
    assert_int_equal(strlen(text), 342);
    assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-_"),
                     342);
    alloc_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_the_vectors_of_the_standard_without_padding),
        cmocka_unit_test(uses_the_alphabet_for_addresses),
        cmocka_unit_test(never_writes_anything_that_ends_a_quoted_string),
    };
    return cmocka_run_group_tests_name("render/base64url", tests, NULL, NULL);
}
