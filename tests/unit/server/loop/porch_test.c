/* Who gets past the porch, who does not, and what is told of them. Clients are OpenSSL's
 * on the same loop, or plain descriptors. */
#include "server/loop/porch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "core/buf.h"
#include "server/loop/parcel.h"
#include "tests/unit/server/loop/tls_scene.h"

static const struct loop_porch_options PLAIN = {0};
static const struct loop_porch_options PROXY = {.proxy = true};

static void send_text(int fd, const char *text, size_t len)
{
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

#define SEND(fd, text) send_text(fd, text, sizeof(text) - 1)

static bool until_one_is_ready(struct tls_scene *scene)
{
    return scene->n_ends == 1;
}

static bool until_one_is_refused(struct tls_scene *scene)
{
    return scene->n_refused == 1;
}

static bool until_hello_has_come(struct tls_scene *scene)
{
    return scene->n_ends == 1 &&
           bytes_equal_text(builder_bytes(&scene->ends[0].got), "hello");
}

/* One connection that sends this and stays; it is to be refused. */
static void assert_refused(struct loop_porch_options options, bool secure,
                           const char *text, size_t len, const char *words)
{
    struct tls_scene scene;
    tls_scene_open(&scene, options, secure);
    scene.step = until_one_is_refused;
    int peer = tls_scene_connect_raw(&scene);
    send_text(peer, text, len);
    tls_scene_run(&scene);
    if (!strstr(scene.refused, words))
        fail_msg("\"%s\" is not in \"%s\"", words, scene.refused);
    assert_int_equal(scene.n_ends, 0);
    (void)close(peer);
    tls_scene_close(&scene);
}

#define REFUSED(options, secure, text, words) \
    assert_refused(options, secure, text, sizeof(text) - 1, words)

/* ---- plain ---- */

static void without_anything_to_say_they_pass_at_once(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PLAIN, false);
    int peer = tls_scene_connect_raw(&scene);
    assert_int_equal(scene.n_ends, 1);
    assert_false(scene.ends[0].secure);
    (void)close(peer);
    tls_scene_close(&scene);
}

/* ---- the PROXY header ---- */

static void send_header(struct tls_scene *scene, const char *text, size_t len)
{
    tls_scene_open(scene, PROXY, false);
    scene->step = until_hello_has_come;
    int peer = tls_scene_connect_raw(scene);
    send_text(peer, text, len);
    SEND(peer, "hello");
    tls_scene_run(scene);
    (void)close(peer);
    tls_scene_close(scene);
}

static void the_header_says_where_the_peer_is(void **state)
{
    (void)state;
    static const char v1[] = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\r\n";
    static const char v2[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x08\xc6\x33\x64"
        "\x01\xdc\x04\x07\x8f";
    struct tls_scene scene;
    send_header(&scene, v1, sizeof v1 - 1);
    assert_string_equal(scene.ends[0].peer, "192.0.2.7:56324");
    send_header(&scene, v2, sizeof v2 - 1);
    assert_string_equal(scene.ends[0].peer, "192.0.2.8:56324");
}

static void a_header_that_does_not_know_leaves_the_sockets_address(void **state)
{
    (void)state;
    static const char v1[] = "PROXY UNKNOWN\r\n";
    static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    struct tls_scene scene;
    send_header(&scene, v1, sizeof v1 - 1);
    assert_string_equal(scene.ends[0].peer, "local");
    send_header(&scene, v2, sizeof v2 - 1);
    assert_string_equal(scene.ends[0].peer, "local");
}

/* A byte each time the loop looks: the message comes again and again. */
struct dripper {
    struct loop_message message;
    int fd;
    const char *text;
};

static void drip(struct loop_message *message, struct loop *loop)
{
    struct dripper *dripper = container_of(message, struct dripper, message);
    send_text(dripper->fd, dripper->text, 1);
    if (*++dripper->text)
        loop_post(loop, message);
}

static void a_header_may_come_a_byte_at_a_time(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PROXY, false);
    scene.step = until_hello_has_come;
    struct dripper dripper = {
        .message.run = drip,
        .fd = tls_scene_connect_raw(&scene),
        .text = "PROXY TCP6 2001:db8::7 ::1 56324 1935\r\nhello",
    };
    loop_post(scene.loop, &dripper.message);
    tls_scene_run(&scene);
    assert_string_equal(scene.ends[0].peer, "[2001:db8::7]:56324");
    (void)close(dripper.fd);
    tls_scene_close(&scene);
}

static void without_a_header_they_are_refused(void **state)
{
    (void)state;
    REFUSED(PROXY, false, "\x03\x01\x02",
            "no PROXY header: the connection did not come");
    REFUSED(PROXY, true, "\x16\x03\x01",
            "no PROXY header: the connection did not come");
    REFUSED(PROXY, false, "PROXY nonsense\r\n", "broken PROXY header");
    REFUSED(PROXY, false, "\r\n\r\n\0\r\nQUIT\n\x21\0\xff\xff", "at most 4096");
}

static void what_is_no_tls_behind_the_header_is_told_with_the_true_address(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PROXY, true);
    scene.step = until_one_is_refused;
    int peer = tls_scene_connect_raw(&scene);
    SEND(peer, "PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\r\n\x03");
    tls_scene_run(&scene);
    assert_string_equal(scene.refused_peer, "192.0.2.7:56324");
    assert_non_null(strstr(scene.refused, "plain RTMP"));
    (void)close(peer);
    tls_scene_close(&scene);
}

static void one_address_cannot_fill_the_porch(void **state)
{
    (void)state;
    static const char header[] = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 1935\r\n";
    struct tls_scene scene;
    tls_scene_open(&scene,
                   (struct loop_porch_options){.proxy = true, .per_host_max = 2}, true);
    scene.step = until_one_is_refused;
    int peers[4];
    for (int i = 0; i < 4; i++)
        peers[i] = tls_scene_connect_raw(&scene);
    SEND(peers[0], "PROXY TCP4 192.0.2.8 198.51.100.1 56324 1935\r\n");
    for (int i = 1; i < 4; i++)
        send_text(peers[i], header, sizeof header - 1);
    tls_scene_run(&scene);
    assert_string_equal(scene.refused, "too many connections of this address wait for "
                                       "their handshake");
    assert_string_equal(scene.refused_peer, "192.0.2.7:56324");
    for (int i = 0; i < 4; i++)
        (void)close(peers[i]);
    tls_scene_close(&scene);
}

/* ---- TLS ---- */

static void other_protocols_on_a_tls_port_are_told(void **state)
{
    (void)state;
    REFUSED(
        PLAIN, true, "\x03",
        "plain RTMP came to the port of RTMPS: the encoder's server must begin with "
        "rtmps://, or have the port of RTMP");
    REFUSED(PLAIN, true, "GET / HTTP/1.1\r\n\r\n", "what came is not TLS");
    REFUSED(PLAIN, true, "\x16\x03\x01\x7f\xff garbage", "no TLS handshake: ");
    REFUSED(PLAIN, true, "\x16\x03\x01\x00\x04\x01\x02\x03\x04", "no TLS handshake: ");
    REFUSED(PLAIN, true, "\x16GET / HTTP/1.1\r\n\r\n", "no TLS handshake: ");
}

static void a_client_that_knows_only_tls_1_1_is_told(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PLAIN, true);
    scene.step = until_one_is_refused;
    (void)tls_scene_connect(
        &scene, &(struct tls_client_options){.max_version = TLS1_1_VERSION});
    tls_scene_run(&scene);
    assert_string_equal(scene.refused,
                        "no TLS handshake: the client knows no TLS newer than 1.1");
    tls_scene_close(&scene);
}

static void a_client_that_does_not_trust_is_told(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        tls_scene_open(&scene, PLAIN, true);
        scene.step = until_one_is_refused;
        struct tls_client *client = tls_scene_connect(
            &scene, &(struct tls_client_options){.max_version = versions[i]});
        SSL_set_verify(client->ssl, SSL_VERIFY_PEER, NULL);
        tls_scene_run(&scene);
        assert_non_null(strstr(scene.refused, "the client does not know who issued the "
                                              "certificate"));
        tls_scene_close(&scene);
    }
}

static void assert_shown(const char *host, int max_version, const char *shown)
{
    struct tls_scene scene;
    tls_scene_open(&scene, PLAIN, true);
    scene.step = until_one_is_ready;
    const struct tls_client *client = tls_scene_connect(
        &scene, &(struct tls_client_options){.host = host, .max_version = max_version});
    tls_scene_run(&scene);
    assert_true(scene.ends[0].secure);
    assert_string_equal(tls_client_peer_host(client), shown);
    tls_scene_close(&scene);
}

static void the_certificate_is_chosen_by_the_host_that_is_asked_for(void **state)
{
    (void)state;
    assert_shown("a.example.com", 0, "a.example.com");
    assert_shown("b.example.com", 0, "b.example.com");
    assert_shown("B.EXAMPLE.com", TLS1_2_VERSION, "b.example.com");
    assert_shown("c.example.com", 0, "a.example.com");
    assert_shown(NULL, 0, "a.example.com");
    assert_shown(NULL, TLS1_2_VERSION, "a.example.com");
}

static bool renew_then_connect_again(struct tls_scene *scene)
{
    struct tls_client_options options = {0};
    if (scene->stage == 0 && scene->n_ends == 1 && scene->clients[0].shaken) {
        struct loop_tls *renewed;
        scene->stage = 1;
        assert_int_equal(loop_tls_load(&scene->files[1].pair, 1, &renewed, NULL), 0);
        loop_porch_set_tls(scene->porch, renewed);
        (void)tls_scene_connect(scene, &options);
    }
    if (scene->stage == 1 && scene->n_ends == 2 && scene->clients[1].shaken) {
        scene->stage = 2;
        loop_tcp_write(scene->ends[0].tcp, buf_copy(bytes_text("still here")));
    }
    return bytes_equal_text(builder_bytes(&scene->clients[0].got), "still here");
}

static void new_certificates_are_for_who_comes_then(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PLAIN, true);
    scene.step = renew_then_connect_again;
    (void)tls_scene_connect(&scene, &(struct tls_client_options){0});
    tls_scene_run(&scene);
    assert_string_equal(tls_client_peer_host(&scene.clients[0]), "a.example.com");
    assert_string_equal(tls_client_peer_host(&scene.clients[1]), "b.example.com");
    tls_scene_close(&scene);
}

static void a_handshake_may_come_a_byte_at_a_time(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        tls_scene_open(&scene, PLAIN, true);
        scene.step = until_one_is_ready;
        (void)tls_scene_connect(
            &scene,
            &(struct tls_client_options){.max_version = versions[i], .bytewise = true});
        tls_scene_run(&scene);
        tls_scene_close(&scene);
    }
}

/* ---- who leaves, and who stays too long ---- */

static void a_silent_peer_has_a_deadline(void **state)
{
    (void)state;
    assert_refused((struct loop_porch_options){.within_ms = 10}, true, "", 0,
                   "the TLS handshake was not done in time");
    REFUSED(((struct loop_porch_options){.within_ms = 10}), true, "\x16\x03",
            "the TLS handshake was not done in time");
    REFUSED(((struct loop_porch_options){.proxy = true, .within_ms = 10}), true,
            "PROXY", "no PROXY header in time");
}

static void who_closes_without_a_byte_is_not_told(void **state)
{
    (void)state;
    static const struct loop_porch_options *const all[] = {&PLAIN, &PROXY};
    for (size_t i = 0; i < 2; i++) {
        struct tls_scene scene;
        tls_scene_open(&scene, *all[i], true);
        scene.step = until_one_is_refused;
        (void)close(tls_scene_connect_raw(&scene));
        int second = tls_scene_connect_raw(&scene);
        SEND(second, "x");
        tls_scene_run(&scene);
        assert_int_equal(scene.n_refused, 1);
        (void)close(second);
        tls_scene_close(&scene);
    }
}

static void who_closes_in_the_middle_is_told(void **state)
{
    (void)state;
    struct tls_scene scene;
    tls_scene_open(&scene, PROXY, false);
    scene.step = until_one_is_refused;
    int peer = tls_scene_connect_raw(&scene);
    SEND(peer, "PROXY TCP4");
    (void)shutdown(peer, SHUT_WR);
    tls_scene_run(&scene);
    assert_string_equal(scene.refused,
                        "the peer went away in the middle of its PROXY header");
    (void)close(peer);
    tls_scene_close(&scene);
}

static bool until_refused_or_ready(struct tls_scene *scene)
{
    return scene->n_refused == 1 || scene->n_ends == 1;
}

/* The client breaks off after so many bytes; true when hands were shaken before. */
static bool shakes_hands_in(size_t n_bytes, int version)
{
    struct tls_scene scene;
    tls_scene_open(&scene, PLAIN, true);
    scene.step = until_refused_or_ready;
    (void)tls_scene_connect(&scene, &(struct tls_client_options){.max_version = version,
                                                                 .cut_after = n_bytes});
    tls_scene_run(&scene);
    bool shaken = scene.n_ends == 1;
    if (!shaken)
        assert_non_null(
            strstr(scene.refused, "the client went away in the middle of the TLS"));
    tls_scene_close(&scene);
    return shaken;
}

static void who_breaks_a_handshake_off_anywhere_is_told(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < 2; i++) {
        size_t n = 1;
        while (!shakes_hands_in(n, versions[i]))
            n += 3;
        assert_true(n > 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_anything_to_say_they_pass_at_once),
        cmocka_unit_test(the_header_says_where_the_peer_is),
        cmocka_unit_test(a_header_that_does_not_know_leaves_the_sockets_address),
        cmocka_unit_test(a_header_may_come_a_byte_at_a_time),
        cmocka_unit_test(without_a_header_they_are_refused),
        cmocka_unit_test(
            what_is_no_tls_behind_the_header_is_told_with_the_true_address),
        cmocka_unit_test(one_address_cannot_fill_the_porch),
        cmocka_unit_test(other_protocols_on_a_tls_port_are_told),
        cmocka_unit_test(a_client_that_knows_only_tls_1_1_is_told),
        cmocka_unit_test(a_client_that_does_not_trust_is_told),
        cmocka_unit_test(the_certificate_is_chosen_by_the_host_that_is_asked_for),
        cmocka_unit_test(new_certificates_are_for_who_comes_then),
        cmocka_unit_test(a_handshake_may_come_a_byte_at_a_time),
        cmocka_unit_test(a_silent_peer_has_a_deadline),
        cmocka_unit_test(who_closes_without_a_byte_is_not_told),
        cmocka_unit_test(who_closes_in_the_middle_is_told),
        cmocka_unit_test(who_breaks_a_handshake_off_anywhere_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
