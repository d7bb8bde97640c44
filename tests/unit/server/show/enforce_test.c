#include "server/show/enforce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/show/show.h"
#include "server/show/terms.h"
#include "tests/unit/packager/clip.h"
#include "tests/unit/server/show/town.h"

enum {
    SENT_MS = 20000, /* of media, at once: less than may be ahead of the clock */
    PERCENT = 90,    /* of what is allowed at once: all of this media */
};

/* Bytes of SENT_MS of the encoder's media, about. */
static size_t sent_bytes(void)
{
    struct clip *clip = clip_load();
    size_t bytes = 0;
    uint32_t clip_ms = 1;
    for (size_t i = 0; i < clip->n_frames; i++) {
        bytes += buf_bytes(clip->frames[i].data).len;
        if (clip->frames[i].stamp_ms > clip_ms)
            clip_ms = clip->frames[i].stamp_ms;
    }
    clip_free(clip);
    return bytes * SENT_MS / clip_ms;
}

/* The shop allows so little that SENT_MS of media are PERCENT of what is taken at once. */
static void allow(struct town *town, unsigned percent)
{
    size_t kbps = sent_bytes() * 8 * 100 * 100 / percent / SHOW_TERMS_AHEAD_MS /
                  SHOW_TERMS_PERCENT;
    char terms[48];
    (void)snprintf(terms, sizeof terms, ",\"max_kbps\":%zu", kbps);
    town_send_on_terms(town, town->away.id, terms);
}

static void assert_ends_for_its_rate(struct encoder *encoder)
{
    encoder_await_end(encoder);
    assert_non_null(strstr(encoder_status(encoder), "sends far more than the "));
    encoder_close(encoder);
}

static void publish_again(struct encoder *encoder, struct town *town, uint32_t until_ms)
{
    encoder_stop(encoder);
    town_await_no_publisher(town, &town->away);
    encoder_publish_again(encoder, town->home.key);
    encoder_send_headers(encoder);
    encoder_send_until(encoder, until_ms);
}

static void a_new_publish_is_no_new_account(void **state)
{
    struct town *town = *state;
    struct encoder encoder;
    allow(town, PERCENT);
    town_publish(town, &encoder, town->home.key);
    encoder_send_headers(&encoder);
    encoder_send_until(&encoder, SENT_MS);
    publish_again(&encoder, town, 2 * SENT_MS);
    assert_ends_for_its_rate(&encoder);
}

static void whoever_stands_by_is_measured_too(void **state)
{
    struct town *town = *state;
    struct encoder primary, backup;
    char key[160];
    (void)snprintf(key, sizeof key, "%s?backup=1", town->home.key);
    town_publish(town, &primary, town->home.key);
    encoder_send_headers(&primary);
    encoder_send_until(&primary, 4000);
    town_await_publisher(town, &town->away);
    allow(town, 200);
    town_publish(town, &backup, key);
    encoder_send_headers(&backup);
    encoder_send_until(&backup, SENT_MS);
    assert_ends_for_its_rate(&backup);
    encoder_close(&primary);
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, town_setup, town_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TOWN(a_new_publish_is_no_new_account),
        TOWN(whoever_stands_by_is_measured_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
