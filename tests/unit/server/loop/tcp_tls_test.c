/* A connection does through TLS what it does without, and its owner sees no difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "core/buf.h"
#include "core/require.h"
#include "server/loop/parcel.h"
#include "tests/unit/server/loop/tls_scene.h"

enum { BIG = 3 << 20 }; /* more than sockets hold */

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* A scene with one client of this version; the step is the test's. */
static struct tls_client *begin(struct tls_scene *scene, int version,
                                bool (*step)(struct tls_scene *scene))
{
    tls_scene_open(scene, (struct loop_porch_options){0}, true);
    scene->step = step;
    return tls_scene_connect(scene,
                             &(struct tls_client_options){.max_version = version});
}

static bool is_shaken(const struct tls_scene *scene)
{
    return scene->n_ends == 1 && scene->clients[0].shaken;
}

static bool end_got(const struct tls_scene *scene, const char *text)
{
    return bytes_equal_text(builder_bytes(&scene->ends[0].got), text);
}

static bool client_got(const struct tls_scene *scene, const char *text)
{
    return bytes_equal_text(builder_bytes(&scene->clients[0].got), text);
}

static void write_text(struct tls_scene *scene, const char *text)
{
    loop_tcp_write(scene->ends[0].tcp, buf_copy(bytes_text(text)));
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i + i / 251 + i / 65521);
}

static void fill(uint8_t *out, size_t len, size_t from)
{
    for (size_t i = 0; i < len; i++)
        out[i] = pattern(from + i);
}

static void assert_pattern(struct bytes got)
{
    for (size_t i = 0; i < got.len; i++)
        if (got.data[i] != pattern(i))
            fail_msg("byte %zu is wrong", i);
}

/* ---- bytes ---- */

static bool ask_and_answer(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        tls_client_write(&scene->clients[0], bytes_text("question"));
    }
    if (scene->stage == 1 && end_got(scene, "question")) {
        scene->stage = 2;
        write_text(scene, "answer");
    }
    return scene->stage == 2 && client_got(scene, "answer");
}

static void bytes_pass_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        (void)begin(&scene, versions[i], ask_and_answer);
        tls_scene_run(&scene);
        tls_scene_close(&scene);
    }
}

static void bytes_pass_one_at_a_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        tls_scene_open(&scene, (struct loop_porch_options){0}, true);
        scene.step = ask_and_answer;
        (void)tls_scene_connect(
            &scene,
            &(struct tls_client_options){.max_version = versions[i], .bytewise = true});
        tls_scene_run(&scene);
        tls_scene_close(&scene);
    }
}

/* OBS stops at every record that is not media: there must be none. */
static void nothing_is_sent_but_what_the_owner_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        const struct tls_client *client = begin(&scene, versions[i], ask_and_answer);
        tls_scene_run(&scene);
        assert_int_equal(client->n_data_records, 1);
        assert_int_equal(client->n_after_records, 0);
        assert_false(SSL_SESSION_has_ticket(SSL_get0_session(client->ssl)));
        tls_scene_close(&scene);
    }
}

static bool write_bufs_of_all_sizes(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        static uint8_t block[70000];
        for (size_t at = 0, len = 1; at < BIG; at += len, len = len * 7 % 69997) {
            len = len < BIG - at ? len : BIG - at;
            fill(block, len, at);
            loop_tcp_write(scene->ends[0].tcp, buf_copy(bytes_make(block, len)));
        }
        require(loop_tcp_queued(scene->ends[0].tcp) == BIG);
    }
    return builder_bytes(&scene->clients[0].got).len == BIG &&
           scene->ends[0].n_drained == 1;
}

static void large_writes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        const struct tls_client *client =
            begin(&scene, versions[i], write_bufs_of_all_sizes);
        tls_scene_run(&scene);
        assert_pattern(builder_bytes(&client->got));
        /* Whole records, whatever the bufs are. */
        assert_int_equal(client->n_data_records, BIG / 16384);
        tls_scene_close(&scene);
    }
}

static bool write_small_bufs(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        for (int i = 0; i < 50; i++)
            write_text(scene, "0123456789");
    }
    return builder_bytes(&scene->clients[0].got).len == 500;
}

static void small_writes_of_a_turn_are_one_record(void **state)
{
    (void)state;
    struct tls_scene scene;
    const struct tls_client *client = begin(&scene, 0, write_small_bufs);
    tls_scene_run(&scene);
    assert_int_equal(client->n_data_records, 1);
    tls_scene_close(&scene);
}

static bool send_much(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        static uint8_t block[4096];
        for (size_t at = 0; at < BIG; at += sizeof block) {
            fill(block, sizeof block, at);
            tls_client_write(&scene->clients[0], bytes_make(block, sizeof block));
        }
    }
    return scene->stage == 1 && builder_bytes(&scene->ends[0].got).len == BIG;
}

static void much_is_received_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        (void)begin(&scene, versions[i], send_much);
        tls_scene_run(&scene);
        assert_pattern(builder_bytes(&scene.ends[0].got));
        tls_scene_close(&scene);
    }
}

/* ---- pausing and moving: records that OpenSSL has taken from the socket already ---- */

static void pause_at_first(struct tls_end *end, struct bytes in)
{
    (void)in;
    if (end->n_readable == 1)
        loop_tcp_pause(end->tcp);
}

static void send_three_records(struct tls_scene *scene)
{
    if (scene->stage != 0 || !is_shaken(scene))
        return;
    scene->stage = 1;
    struct tls_client *client = &scene->clients[0];
    size_t n;
    require(SSL_write_ex(client->ssl, "one ", 4, &n) == 1);
    require(SSL_write_ex(client->ssl, "two ", 4, &n) == 1);
    tls_client_write(client, bytes_text("three"));
}

static bool pause_and_resume(struct tls_scene *scene)
{
    send_three_records(scene);
    if (scene->stage == 1 && end_got(scene, "one ")) {
        scene->stage = 2;
        loop_tcp_resume(scene->ends[0].tcp);
    }
    return end_got(scene, "one two three");
}

static void a_paused_connection_reads_on_when_resumed(void **state)
{
    (void)state;
    struct tls_scene scene;
    (void)begin(&scene, 0, pause_and_resume);
    scene.on_readable = pause_at_first;
    tls_scene_run(&scene);
    assert_int_equal(scene.ends[0].n_readable, 3);
    tls_scene_close(&scene);
}

static bool pause_and_detach(struct tls_scene *scene)
{
    send_three_records(scene);
    if (scene->stage != 1 || !end_got(scene, "one "))
        return false;
    scene->stage = 2;
    scene->parcel = loop_tcp_detach(scene->ends[0].tcp);
    scene->ends[0].tcp = NULL;
    return true;
}

static void on_rest(void *ctx, struct bytes in)
{
    struct tls_end *end = ctx;
    builder_put(&end->got, in);
    if (bytes_equal_text(builder_bytes(&end->got), "one two three"))
        loop_tcp_close(end->tcp);
}

static void on_rest_closed(void *ctx, const struct err *why)
{
    const struct tls_end *end = ctx;
    (void)why;
    loop_stop(end->scene->loop);
}

static void what_was_taken_already_moves_with_the_connection(void **state)
{
    (void)state;
    static const struct loop_tcp_handler handler = {.readable = on_rest,
                                                    .closed = on_rest_closed};
    static const struct loop_tcp_limits limits = {.queue_max = 1 << 20,
                                                  .stall_ms = 60000};
    struct tls_scene scene;
    (void)begin(&scene, 0, pause_and_detach);
    scene.on_readable = pause_at_first;
    tls_scene_run(&scene);
    struct loop *first = scene.loop, *second = loop_create(1);
    struct tls_end *end = &scene.ends[0];
    scene.loop = second;
    end->tcp = loop_tcp_adopt_parcel(second, scene.parcel, &handler, &limits, end);
    scene.parcel = NULL;
    loop_run(second);
    assert_true(end_got(&scene, "one two three"));
    loop_destroy(second);
    scene.loop = first;
    tls_scene_close(&scene);
}

static bool keep_parcel(struct tls_scene *scene)
{
    return scene->parcel != NULL;
}

static void a_parcel_that_nobody_takes_is_closed(void **state)
{
    (void)state;
    struct tls_scene scene;
    (void)begin(&scene, 0, keep_parcel);
    scene.keep_parcel = true;
    tls_scene_run(&scene);
    assert_string_equal(loop_parcel_peer(scene.parcel), "local");
    tls_scene_close(&scene);
}

/* ---- the end ---- */

static bool client_ends_first(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        tls_client_end(&scene->clients[0]);
    }
    if (scene->stage == 1 && scene->ends[0].n_ended == 1) {
        scene->stage = 2;
        write_text(scene, "last words");
        loop_tcp_close_flushed(scene->ends[0].tcp, 20000);
    }
    return scene->stage == 2 && scene->ends[0].n_closed == 1 &&
           scene->clients[0].closed;
}

static void after_the_clients_end_writing_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        const struct tls_client *client = begin(&scene, versions[i], client_ends_first);
        tls_scene_run(&scene);
        assert_true(client_got(&scene, "last words"));
        assert_true(client->ended);
        tls_scene_close(&scene);
    }
}

static bool end_ends_first(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        write_text(scene, "last words");
        loop_tcp_close_flushed(scene->ends[0].tcp, 20000);
    }
    return scene->ends[0].n_closed == 1 && scene->clients[0].closed;
}

static void a_flushed_close_says_close_notify(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        const struct tls_client *client = begin(&scene, versions[i], end_ends_first);
        tls_scene_run(&scene);
        assert_true(client_got(&scene, "last words"));
        assert_true(client->ended);
        assert_int_equal(client->n_after_records, 1);
        tls_scene_close(&scene);
    }
}

static bool client_vanishes(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        tls_client_write(&scene->clients[0], bytes_text("hello"));
        loop_tcp_close_flushed(scene->clients[0].tcp, 1000);
    }
    return scene->ends[0].n_ended == 1;
}

static void an_end_without_close_notify_is_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        (void)begin(&scene, versions[i], client_vanishes);
        tls_scene_run(&scene);
        assert_true(end_got(&scene, "hello"));
        tls_scene_close(&scene);
    }
}

static bool client_sends_garbage(struct tls_scene *scene)
{
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        tls_client_send_raw(&scene->clients[0],
                            bytes_text("\x17\x03\x03\x01\x01 not encrypted at all"));
        static uint8_t rest[300];
        tls_client_send_raw(&scene->clients[0], bytes_make(rest, sizeof rest));
    }
    return scene->ends[0].n_closed == 1;
}

static void garbage_between_records_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        (void)begin(&scene, versions[i], client_sends_garbage);
        tls_scene_run(&scene);
        assert_int_equal(scene.ends[0].why.code, ERR_PROTO);
        assert_string_equal(scene.ends[0].why.text,
                            "a TLS record was damaged on the way");
        assert_int_equal(scene.ends[0].n_readable, 0);
        tls_scene_close(&scene);
    }
}

/* ---- what TLS can do and we do not ---- */

static bool renegotiate(struct tls_scene *scene)
{
    struct tls_client *client = &scene->clients[0];
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        require(SSL_renegotiate(client->ssl) == 1);
        client->shaken = false;
        tls_client_pump(client);
    }
    if (client->failed)
        assert_int_equal(scene->ends[0].n_closed,
                         0); /* it is the client that gives up */
    return scene->stage == 1 && client->failed;
}

static void a_renegotiation_is_refused(void **state)
{
    (void)state;
    struct tls_scene scene;
    const struct tls_client *client = begin(&scene, TLS1_2_VERSION, renegotiate);
    tls_scene_run(&scene);
    assert_true(client->failed);
    assert_false(client->shaken);
    tls_scene_close(&scene);
}

static bool update_keys(struct tls_scene *scene)
{
    struct tls_client *client = &scene->clients[0];
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        require(SSL_key_update(client->ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
        tls_client_write(client, bytes_text("with new keys"));
    }
    if (scene->stage == 1 && end_got(scene, "with new keys")) {
        scene->stage = 2;
        write_text(scene, "with ours");
    }
    return scene->stage == 2 && client_got(scene, "with ours");
}

static void new_keys_of_the_client_are_answered(void **state)
{
    (void)state;
    struct tls_scene scene;
    const struct tls_client *client = begin(&scene, TLS1_3_VERSION, update_keys);
    tls_scene_run(&scene);
    assert_int_equal(client->n_after_records, 1); /* the answer, and no other */
    tls_scene_close(&scene);
}

static bool update_keys_for_ever(struct tls_scene *scene)
{
    struct tls_client *client = &scene->clients[0];
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        for (int i = 0; i < 1200; i++) {
            require(SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
            require(SSL_do_handshake(client->ssl) == 1);
        }
        tls_client_write(client, bytes_text("data"));
    }
    return scene->ends[0].n_closed == 1;
}

static void a_client_that_only_changes_keys_is_cut(void **state)
{
    (void)state;
    struct tls_scene scene;
    (void)begin(&scene, TLS1_3_VERSION, update_keys_for_ever);
    tls_scene_run(&scene);
    assert_int_equal(scene.ends[0].why.code, ERR_PROTO);
    assert_string_equal(scene.ends[0].why.text,
                        "the client asks for new keys again and again");
    assert_int_equal(scene.ends[0].n_readable, 0);
    tls_scene_close(&scene);
}

static bool update_keys_often(struct tls_scene *scene)
{
    struct tls_client *client = &scene->clients[0];
    if (scene->stage == 0 && is_shaken(scene)) {
        scene->stage = 1;
        for (int i = 0; i < 400; i++) {
            require(SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
            tls_client_write(client, bytes_text("."));
        }
    }
    return builder_bytes(&scene->ends[0].got).len == 400;
}

static void a_client_may_change_keys_often(void **state)
{
    (void)state;
    struct tls_scene scene;
    (void)begin(&scene, TLS1_3_VERSION, update_keys_often);
    tls_scene_run(&scene);
    tls_scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass_both_ways),
        cmocka_unit_test(bytes_pass_one_at_a_time),
        cmocka_unit_test(nothing_is_sent_but_what_the_owner_writes),
        cmocka_unit_test(large_writes_arrive_whole_and_in_order),
        cmocka_unit_test(small_writes_of_a_turn_are_one_record),
        cmocka_unit_test(much_is_received_in_order),
        cmocka_unit_test(a_paused_connection_reads_on_when_resumed),
        cmocka_unit_test(what_was_taken_already_moves_with_the_connection),
        cmocka_unit_test(a_parcel_that_nobody_takes_is_closed),
        cmocka_unit_test(after_the_clients_end_writing_goes_on),
        cmocka_unit_test(a_flushed_close_says_close_notify),
        cmocka_unit_test(an_end_without_close_notify_is_an_end),
        cmocka_unit_test(garbage_between_records_closes),
        cmocka_unit_test(a_renegotiation_is_refused),
        cmocka_unit_test(new_keys_of_the_client_are_answered),
        cmocka_unit_test(a_client_may_change_keys_often),
        cmocka_unit_test(a_client_that_only_changes_keys_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
