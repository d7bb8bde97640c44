#include "server/show/findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/monotime.h"
#include "tests/kit/street.h"

/* Sends by the clock until the hooks have told so many findings with these words. */
static void publish_until_told(struct street *street, struct encoder *encoder,
                               int64_t begin_ms, const char *words)
{
    while (receiver_count(&street->receiver, words) == 0) {
        int64_t age_ms = monotime_ms() - begin_ms;
        assert_true(age_ms < HOUSE_PATIENCE_MS);
        encoder_send_until(encoder, (uint32_t)age_ms + 30);
    }
}

static void the_hooks_hear_that_a_finding_comes_and_goes(void **state)
{
    struct street *street = *state;
    struct encoder encoder;
    encoder_open(&encoder, &street->house, 0, street->show.key);
    encoder.no_audio = true;
    encoder_send_headers(&encoder);
    int64_t begin_ms = monotime_ms();
    publish_until_told(street, &encoder, begin_ms, "\"code\":\"sound_missing\"");
    const struct receiver_request *request =
        receiver_await(&street->receiver, 1, "\"code\":\"sound_missing\"");
    assert_non_null(strstr(request->body, "\"type\":\"on_finding\""));
    assert_non_null(strstr(request->body, "\"level\":\"warn\""));
    assert_non_null(strstr(request->body, "Check the microphone"));
    assert_non_null(strstr(request->body, "\"unit\":\"ms\""));
    assert_non_null(strstr(request->body, "\"show\":\"spring\""));
    assert_non_null(strstr(request->body, "\"session\":\""));
    encoder.no_audio = false;
    encoder_send_headers(&encoder);
    publish_until_told(street, &encoder, begin_ms, "\"level\":\"fine\"");
    encoder_close(&encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hooks_hear_that_a_finding_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, street_setup, street_teardown);
}
