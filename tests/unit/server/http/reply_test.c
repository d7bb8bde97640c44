#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/buf.h"
#include "server/http/reply.h"

static struct http_request request;
static struct http_response response;
static struct buf *body[2];

static int begin(void **state)
{
    (void)state;
    body[0] = buf_copy(bytes_text("0123"));
    body[1] = buf_copy(bytes_text("456789"));
    request = (struct http_request){.method = HTTP_GET};
    response = (struct http_response){.status = 200,
                                      .mime = "text/plain",
                                      .etag = "\"v\"",
                                      .ranges = true,
                                      .n_bufs = 2,
                                      .bufs = {body[0], body[1]}};
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buf_unref(body[0]);
    buf_unref(body[1]);
    return 0;
}

static void set_header(const char *name, const char *value)
{
    request.headers[request.n_headers++] =
        (struct http_header){bytes_text(name), bytes_text(value)};
}

static struct http_reply plan(void)
{
    struct http_reply reply;
    http_reply_plan(&request, &response, false, &reply);
    return reply;
}

static void check_whole(struct http_reply reply)
{
    assert_int_equal(reply.status, 200);
    assert_true(reply.has_length);
    assert_int_equal(reply.length, 10);
    assert_int_equal(reply.first, 0);
    assert_int_equal(reply.n_send, 10);
    assert_false(reply.has_range);
}

static void sends_the_whole(void **state)
{
    (void)state;
    check_whole(plan());
}

static void head_has_the_length_and_no_body(void **state)
{
    (void)state;
    request.method = HTTP_HEAD;
    set_header("Range", "bytes=0-1"); /* RFC 9110 14.2: only for GET */
    struct http_reply reply = plan();
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.length, 10);
    assert_int_equal(reply.n_send, 0);
}

static void sends_a_range(void **state)
{
    (void)state;
    set_header("range", "bytes=2-5");
    struct http_reply reply = plan();
    assert_int_equal(reply.status, 206);
    assert_true(reply.has_range);
    assert_int_equal(reply.first, 2);
    assert_int_equal(reply.last, 5);
    assert_int_equal(reply.total, 10);
    assert_int_equal(reply.length, 4);
    assert_int_equal(reply.n_send, 4);
}

static void refuses_a_range_that_is_not_there(void **state)
{
    (void)state;
    set_header("Range", "bytes=10-");
    struct http_reply reply = plan();
    assert_int_equal(reply.status, 416);
    assert_true(reply.has_range);
    assert_true(reply.has_length);
    assert_int_equal(reply.length, 0);
    assert_int_equal(reply.total, 10);
    assert_int_equal(reply.n_send, 0);
}

static void ignores_ranges_where_none_are_given(void **state)
{
    (void)state;
    set_header("Range", "bytes=2-5");
    response.ranges = false;
    check_whole(plan());
}

static void ignores_several_ranges(void **state)
{
    (void)state;
    set_header("Range", "bytes=2-5,7-8");
    check_whole(plan());
}

static void ignores_ranges_of_other_statuses(void **state)
{
    (void)state;
    set_header("Range", "bytes=2-5");
    response.status = 404;
    struct http_reply reply = plan();
    assert_int_equal(reply.status, 404);
    assert_int_equal(reply.n_send, 10);
}

static void if_range_holds_the_range_to_a_version(void **state)
{
    (void)state;
    set_header("Range", "bytes=2-5");
    set_header("If-Range", "\"v\"");
    assert_int_equal(plan().status, 206);
    request.headers[1].value = bytes_text("\"w\"");
    check_whole(plan());
    response.etag = NULL;
    check_whole(plan());
}

static void says_not_modified(void **state)
{
    (void)state;
    set_header("If-None-Match", "\"u\", W/\"v\"");
    set_header("Range", "bytes=2-5");
    struct http_reply reply = plan();
    assert_int_equal(reply.status, 304);
    assert_false(reply.has_length);
    assert_int_equal(reply.n_send, 0);
    request.method = HTTP_HEAD;
    assert_int_equal(plan().status, 304);
}

static void a_post_is_never_not_modified(void **state)
{
    (void)state;
    set_header("If-None-Match", "*");
    request.method = HTTP_POST;
    check_whole(plan());
}

static void without_a_tag_nothing_is_not_modified(void **state)
{
    (void)state;
    set_header("If-None-Match", "*");
    response.etag = NULL;
    check_whole(plan());
}

static void no_content_has_no_length(void **state)
{
    (void)state;
    response = (struct http_response){.status = 204};
    struct http_reply reply = plan();
    assert_false(reply.has_length);
    assert_int_equal(reply.n_send, 0);
}

static void either_asks_for_cors(void **state)
{
    (void)state;
    struct http_reply reply;
    http_reply_plan(&request, &response, true, &reply);
    assert_true(reply.cors);
    response.cors = true;
    http_reply_plan(&request, &response, false, &reply);
    assert_true(reply.cors);
    http_reply_plan_stream(&response, false, &reply);
    assert_true(reply.cors);
    assert_false(reply.has_length);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
    const struct CMUnitTest tests[] = {
        TEST(sends_the_whole),
        TEST(head_has_the_length_and_no_body),
        TEST(sends_a_range),
        TEST(refuses_a_range_that_is_not_there),
        TEST(ignores_ranges_where_none_are_given),
        TEST(ignores_several_ranges),
        TEST(ignores_ranges_of_other_statuses),
        TEST(if_range_holds_the_range_to_a_version),
        TEST(says_not_modified),
        TEST(a_post_is_never_not_modified),
        TEST(without_a_tag_nothing_is_not_modified),
        TEST(no_content_has_no_length),
        TEST(either_asks_for_cors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
