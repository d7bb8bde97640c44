#include "conf/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void takes_urls_of_http_and_https(void **state)
{
    (void)state;
    static const char *const good[] = {
        "http://localhost",          "https://shop.example/hooks/live?token=a&b=c",
        "https://shop.example:8443", "http://127.0.0.1:1/",
        "http://[::1]:8080/x",       "https://ann:p%40ss@shop.example/a@b",
        "http://shop_1?x",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!conf_url_is_valid(bytes_text(good[i])))
            fail_msg("%s is refused", good[i]);
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "shop.example",
        "ftp://shop.example",
        "file:///etc/passwd",
        "HTTP//shop.example",
        "https:/shop.example",
        "https://",
        "https:///hooks",
        "https://?x",
        "https://ann@",
        "https://ann:pw@/x",
        "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:65536",
        "https://shop.example:80x",
        "https://[::1",
        "https://[]",
        "https://[::1]x",
        "https://a:b@c@shop.example",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "https://shop.example/#top",
        "https://shop\xc3\xa9.example",
        "https://sh^op.example",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (conf_url_is_valid(bytes_text(bad[i])))
            fail_msg("%s is taken", bad[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_of_http_and_https),
        cmocka_unit_test(refuses_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
