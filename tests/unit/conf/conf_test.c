#include "conf/conf.h"

#include "core/log.h"
#include "tests/unit/conf/faults.h"
#include "tests/unit/temp_dir.h"

static void runs_on_defaults_without_a_file(void **state)
{
    (void)state;
    static struct conf_faults faults;
    struct conf *conf = conf_load(NULL, NULL, &faults);
    assert_non_null(conf);
    assert_string_equal(conf->data_dir, "./data");
    assert_int_equal(conf->workers, 0);
    assert_string_equal(conf->rtmp_listen, "0.0.0.0:1935");
    assert_int_equal(conf->rtmp_proxy, 0);
    assert_string_equal(conf->rtmps_listen, "");
    assert_string_equal(conf->tls_certificate, "");
    assert_string_equal(conf->tls_key, "");
    assert_string_equal(conf->http_listen, "0.0.0.0:8080");
    assert_string_equal(conf->admin_listen, "127.0.0.1:9180");
    assert_string_equal(conf->public_host, "");
    assert_string_equal(conf->api_token, "");
    assert_int_equal(conf->hls_part_ms, 334);
    assert_int_equal(conf->hls_segment_ms, 2000);
    assert_int_equal(conf->hls_window_ms, 16000);
    assert_int_equal(conf->log_level, LOG_INFO);
    assert_int_equal(conf->log_format, LOG_TEXT);
    conf_destroy(conf);
}

static void reads_a_file(void **state)
{
    (void)state;
    static const char text[] = "data_dir: \"/srv/v\xc3\xa4\"\n"
                               "workers: '4'\n"
                               "rtmp.listen: '[::]:1935'\n"
                               "rtmp.proxy_protocol: on\n"
                               "rtmps.listen: :1936\n"
                               "tls: {certificate: \"a.pem, b.pem\", key: \"a,b\"}\n"
                               "http: {listen: ':80', public_host: shop.example.com}\n"
                               "admin:\n  listen: 127.0.0.1:0\n"
                               "api:\n  token: s3cret\n"
                               "hls: {part: 0.5s, segment: 1s, window: 1m}\n"
                               "log: {level: warn, format: json}\n";
    static struct conf_faults faults;
    struct temp_dir dir;
    temp_dir_make(&dir);
    const char *path = temp_dir_path(&dir, "vitrine.yaml");
    temp_dir_write(path, text, sizeof text - 1);
    struct conf *conf = conf_load(path, NULL, &faults);
    temp_dir_remove(&dir);
    assert_non_null(conf);
    assert_string_equal(conf->data_dir, "/srv/v\xc3\xa4");
    assert_int_equal(conf->workers, 4);
    assert_string_equal(conf->rtmp_listen, "[::]:1935");
    assert_int_equal(conf->rtmp_proxy, 1);
    assert_string_equal(conf->rtmps_listen, ":1936");
    assert_string_equal(conf->tls_certificate, "a.pem, b.pem");
    assert_string_equal(conf->tls_key, "a,b");
    assert_string_equal(conf->http_listen, ":80");
    assert_string_equal(conf->admin_listen, "127.0.0.1:0");
    assert_string_equal(conf->public_host, "shop.example.com");
    assert_string_equal(conf->api_token, "s3cret");
    assert_int_equal(conf->hls_part_ms, 500);
    assert_int_equal(conf->hls_segment_ms, 1000);
    assert_int_equal(conf->hls_window_ms, 60000);
    assert_int_equal(conf->log_level, LOG_WARN);
    assert_int_equal(conf->log_format, LOG_JSON);
    conf_destroy(conf);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    static struct conf_faults faults;
    assert_null(conf_load("/nowhere/v.yaml", NULL, &faults));
    assert_int_equal(faults.n, 1);
    assert_int_equal(faults.list[0].line, 0);
    assert_string_equal(faults.list[0].text,
                        "/nowhere/v.yaml: cannot be read: No such file or directory");
    assert_null(conf_load("/tmp", NULL, &faults));
    assert_string_equal(faults.list[0].text, "/tmp: cannot be read: Is a directory");
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    static struct conf_faults faults;
    assert_null(conf_load("/dev/zero", NULL, &faults));
    assert_int_equal(faults.n, 1);
    assert_string_equal(faults.list[0].text, "the file is larger than 1 MiB");
}

static void durations_need_a_unit(void **state)
{
    (void)state;
    assert_faults("hls:\n  part: 334\n  segment: 2\n  window: 16000\n",
                  "f.yaml:2:9: hls.part: \"334\" has no unit: write 334ms (units are "
                  "ms, s, m and h)\n"
                  "f.yaml:3:12: hls.segment: \"2\" has no unit: write 2s (units are "
                  "ms, s, m and h)\n"
                  "f.yaml:4:11: hls.window: \"16000\" has no unit: write 16000ms "
                  "(units are ms, s, m and h)\n");
}

static void values_outside_their_range_are_told_with_it(void **state)
{
    (void)state;
    assert_faults(
        "hls: {part: 199ms, segment: 11s, window: 9.999s}\nworkers: 257\n",
        "f.yaml:1:13: hls.part: \"199ms\" is not taken here: it must be a duration "
        "from 200ms to 1s\n"
        "f.yaml:1:29: hls.segment: \"11s\" is not taken here: it must be a duration "
        "from 1s to 10s\n"
        "f.yaml:1:42: hls.window: \"9.999s\" is not taken here: it must be a duration "
        "from 10s to 120s\n"
        "f.yaml:2:10: workers: \"257\" is not taken here: it must be a whole number "
        "from 0 to 256\n");
}

static void the_ends_of_a_range_belong_to_it(void **state)
{
    (void)state;
    assert_faults("hls: {part: 200ms, segment: 1s, window: 10s}\nworkers: 256\n", "");
    assert_faults("hls: {part: 1000ms, segment: 10s, window: 2m}\nworkers: 0\n", "");
}

static void values_of_another_type_are_told(void **state)
{
    (void)state;
    assert_faults(
        "workers: -1\nlog: {level: loud}\nhttp: {listen: localhost:80, public_host: "
        "\"http://a\"}\nhls.part: fast\ndata_dir: \"a\\nb\"\n",
        "f.yaml:1:10: workers: \"-1\" is not taken here: it must be a whole number "
        "from "
        "0 to 256\n"
        "f.yaml:2:14: log.level: \"loud\" is not taken here: it must be error, warn, "
        "info or debug\n"
        "f.yaml:3:16: http.listen: \"localhost:80\" is not taken here: it must be a "
        "numeric address and a port up to 65535, such as "
        "127.0.0.1:8080, [::]:8080 or :8080\n"
        "f.yaml:3:43: http.public_host: \"http://a\" is not taken here: it must be a "
        "host name without scheme or port\n"
        "f.yaml:4:11: hls.part: \"fast\" is not taken here: it must be a duration from "
        "200ms to 1s\n"
        "f.yaml:5:11: data_dir: \"a?b\" is not taken here: it must be text\n");
}

static void a_public_host_is_a_name_or_a_number(void **state)
{
    (void)state;
    assert_faults("http.public_host: live.shop-1.example.com", "");
    assert_faults("http.public_host: 192.0.2.1", "");
    assert_faults("http.public_host: '[2001:db8::1]'", "");
    char *printed = faults_of("http.public_host: a:80", 22, NULL);
    assert_non_null(strstr(printed, "a host name without scheme or port"));
    alloc_free(printed);
}

static void sizes_need_a_unit_and_have_a_range(void **state)
{
    (void)state;
    assert_faults("rtmp: {media_message: 256KiB, before_publish: 16384B}\n", "");
    assert_faults("rtmp: {media_message: 16MiB, partial_messages: 16MiB}\n", "");
    assert_faults("rtmp:\n  media_message: 8\n  before_publish: 32\n",
                  "f.yaml:2:18: rtmp.media_message: \"8\" has no unit: write 8MiB "
                  "(units are B, KiB and MiB)\n"
                  "f.yaml:3:19: rtmp.before_publish: \"32\" has no unit: write 32KiB "
                  "(units are B, KiB and MiB)\n");
    assert_faults("rtmp: {media_message: 8MB}\n",
                  "f.yaml:1:23: rtmp.media_message: \"8MB\" is not taken here: it must "
                  "be a size from 256KiB to 16MiB\n");
    assert_faults(
        "rtmp: {command_message: 1025KiB}\n",
        "f.yaml:1:25: rtmp.command_message: \"1025KiB\" is not taken here: it "
        "must be a size from 16KiB to 1MiB\n");
    assert_faults("rtmp: {command_message: 18014398509481985KiB}\n",
                  "f.yaml:1:25: rtmp.command_message: \"18014398509481985KiB\" is not "
                  "taken here: it must be a size from 16KiB to 1MiB\n");
}

static void unfinished_messages_must_hold_a_media_message(void **state)
{
    (void)state;
    assert_faults("rtmp: {partial_messages: 7MiB}\n",
                  "f.yaml:1:26: rtmp.partial_messages (7MiB) must hold at least one "
                  "message of rtmp.media_message: set it to 8MiB or more\n");
}

static void the_window_must_hold_six_segments(void **state)
{
    (void)state;
    assert_faults("hls:\n  segment: 2s\n  window: 12s\n", "");
    assert_faults("hls:\n  window: 11999ms\n",
                  "f.yaml:2:11: hls.window (11999ms) must hold at least 6 segments "
                  "(hls.segment is 2s): set it to 12s or more\n");
    assert_faults("hls:\n  segment: 4s\n",
                  "f.yaml:2:12: hls.window (16s) must hold at least 6 segments "
                  "(hls.segment is 4s): set it to 24s or more\n");
    char *environ_[] = {(char[]){"VITRINE_HLS_SEGMENT=4s"}, NULL};
    assert_environment_faults(environ_, "VITRINE_HLS_SEGMENT: hls.window (16s) must "
                                        "hold at least 6 segments (hls.segment is "
                                        "4s): set it to 24s or more\n");
}

static void a_refused_segment_says_nothing_about_the_window(void **state)
{
    (void)state;
    assert_faults("hls: {segment: 99s, window: 11s}\n",
                  "f.yaml:1:16: hls.segment: \"99s\" is not taken here: it must be a "
                  "duration from 1s to 10s\n");
}

static void tls_needs_a_key_for_each_certificate(void **state)
{
    (void)state;
    assert_faults("tls: {certificate: \"a, b\", key: \"c , d\"}\n", "");
    assert_faults("tls:\n  certificate: a,b\n  key: c\n",
                  "f.yaml:2:16: tls.certificate names 2 files and tls.key 1: each "
                  "certificate needs its key\n");
    assert_faults("tls:\n  key: c\n",
                  "f.yaml:2:8: tls.certificate names 0 files and tls.key 1: each "
                  "certificate needs its key\n");
}

static void rtmps_needs_a_certificate(void **state)
{
    (void)state;
    assert_faults("rtmps.listen: \"\"\n", "");
    assert_faults("rtmps.listen: :1936\ntls: {certificate: a, key: b}\n", "");
    assert_faults("rtmps.listen: :1936\n",
                  "f.yaml:1:15: rtmps.listen needs a certificate: set tls.certificate "
                  "and tls.key\n");
    assert_faults("rtmps.listen: 1936\n",
                  "f.yaml:1:15: rtmps.listen: \"1936\" is not taken here: it must be a "
                  "numeric address and a port up to 65535, such as 127.0.0.1:8080, "
                  "[::]:8080 or :8080\n");
    assert_faults(
        "rtmp.listen: \"\"\n",
        "f.yaml:1:14: rtmp.listen: must not be empty: it takes a numeric "
        "address and a port up to 65535, such as 127.0.0.1:8080, [::]:8080 or "
        ":8080\n");
}

static void names_of_a_list_come_without_spaces(void **state)
{
    (void)state;
    struct bytes list = bytes_text(" a b,, c ,"), name;
    assert_true(conf_next_name(&list, &name));
    assert_true(bytes_equal_text(name, "a b"));
    assert_true(conf_next_name(&list, &name));
    assert_true(bytes_equal_text(name, "c"));
    assert_false(conf_next_name(&list, &name));
}

static void a_url_of_hooks_is_judged_and_never_shown(void **state)
{
    (void)state;
    assert_faults("hooks.url: https://shop.example/h\n", "");
    assert_faults("hooks.url: \"\"\n", "");
    assert_faults("hooks.url: ftp://ann:s3cret@shop.example\n",
                  "f.yaml:1:12: hooks.url: must be a URL such as "
                  "https://shop.example/hooks\n");
}

static void a_secret_of_hooks_has_whole_groups_of_base64(void **state)
{
    (void)state;
    assert_faults("hooks.secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "");
    assert_faults("hooks.secret: any-other\n", "");
    assert_faults("hooks.secret: whsec_abc\n",
                  "f.yaml:1:15: hooks.secret: base64 must stand behind whsec_, in "
                  "groups of four letters\n");
}

static void the_examples_are_taken(void **state)
{
    (void)state;
    static struct conf_faults faults;
    static const char *const paths[] = {"conf/examples/minimal.yaml",
                                        "conf/examples/full.yaml"};
    for (size_t i = 0; i < 2; i++) {
        struct conf *conf = conf_load(paths[i], NULL, &faults);
        assert_non_null(conf);
        conf_destroy(conf);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_on_defaults_without_a_file),
        cmocka_unit_test(reads_a_file),
        cmocka_unit_test(a_file_that_cannot_be_read_is_told),
        cmocka_unit_test(a_file_without_end_is_refused),
        cmocka_unit_test(durations_need_a_unit),
        cmocka_unit_test(values_outside_their_range_are_told_with_it),
        cmocka_unit_test(the_ends_of_a_range_belong_to_it),
        cmocka_unit_test(values_of_another_type_are_told),
        cmocka_unit_test(a_public_host_is_a_name_or_a_number),
        cmocka_unit_test(sizes_need_a_unit_and_have_a_range),
        cmocka_unit_test(unfinished_messages_must_hold_a_media_message),
        cmocka_unit_test(the_window_must_hold_six_segments),
        cmocka_unit_test(tls_needs_a_key_for_each_certificate),
        cmocka_unit_test(rtmps_needs_a_certificate),
        cmocka_unit_test(names_of_a_list_come_without_spaces),
        cmocka_unit_test(a_refused_segment_says_nothing_about_the_window),
        cmocka_unit_test(a_url_of_hooks_is_judged_and_never_shown),
        cmocka_unit_test(a_secret_of_hooks_has_whole_groups_of_base64),
        cmocka_unit_test(the_examples_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
