#include "tests/unit/server/api/keyring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/show/show.h"

/* By the host's token, as a host without an operations team makes it. */
struct keyring_key keyring_make(struct house *house, const struct shop_show *show,
                                const char *body)
{
    struct keyring_key key;
    char headers[192];
    char request[96];
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n",
                   show->host_token);
    (void)snprintf(request, sizeof request, "POST /api/shows/%s/keys", show->id);
    struct answer answer = client_ask(house, 1, request, headers, body);
    if (answer.status != 201)
        fail_msg("%s%s", answer.head, answer.body);
    (void)snprintf(key.id, sizeof key.id, "%s", client_field(&answer, "id"));
    (void)snprintf(key.secret, sizeof key.secret, "%s",
                   client_field(&answer, "stream_key"));
    client_free(&answer);
    return key;
}

void keyring_delete(struct house *house, const struct shop_show *show, const char *id)
{
    char request[96];
    (void)snprintf(request, sizeof request, "DELETE /api/shows/%s/keys/%s", show->id,
                   id);
    client_expect(house, 0, request, NULL, 204);
}

void keyring_assert_call(struct house *house, const char *request, const char *body,
                         int status, const char *words)
{
    struct answer answer = client_call(house, 0, request, body);
    if (answer.status != status || !strstr(answer.body, words))
        fail_msg("wanted %d %s, got %s%s", status, words, answer.head, answer.body);
    client_free(&answer);
}

void keyring_assert_refused(struct house *house, unsigned lane, const char *key,
                            const char *words)
{
    struct encoder encoder;
    encoder_open(&encoder, house, lane, key);
    assert_int_equal(encoder_state(&encoder), RTMP_CLIENT_REFUSED);
    assert_string_equal(encoder_status(&encoder), words);
    encoder_close(&encoder);
}

void keyring_open(struct encoder *encoder, struct house *house, unsigned lane,
                  const char *key)
{
    encoder_open(encoder, house, lane, key);
    if (encoder_state(encoder) != RTMP_CLIENT_PUBLISHING)
        fail_msg("%s", encoder_status(encoder));
}

/* As if all publishers had been silent for so long, and the minute after an end was over. */
static void forget_what_was(struct show_hub *hub, void *ctx)
{
    struct show *show = show_hub_show(hub, bytes_text(ctx));
    show->closed_until_ms = 0;
    for (size_t i = 0; i < STORE_KEYS_MAX; i++)
        show->key_use.entries[i].cold_until_ms = 0;
}

void keyring_a_minute_later(struct house *house, const char *show)
{
    char id[SHOW_ID_MAX + 1];
    (void)snprintf(id, sizeof id, "%s", show);
    house_run(house, house_lane_of(house, id), forget_what_was, id);
}
