#include "tests/unit/conf/faults.h"

static void unknown_keys_are_told_with_what_was_meant(void **state)
{
    (void)state;
    assert_faults(
        "rtpm:\n  listen: :1\nhttp:\n  lissten: :80\n  port: 80\nfoo: [1, {a: b}]\n",
        "f.yaml:1:1: unknown key \"rtpm\" (did you mean \"rtmp\"?)\n"
        "f.yaml:4:3: unknown key \"lissten\" in \"http\" (did you mean "
        "\"listen\"?)\n"
        "f.yaml:5:3: unknown key \"port\" in \"http\"\n"
        "f.yaml:6:1: unknown key \"foo\"\n");
}

static void syntax_faults_have_line_and_column(void **state)
{
    (void)state;
    assert_faults("http:\n\tlisten: :80\n",
                  "f.yaml:2:1: a tab cannot indent: use spaces\n");
}

static void an_unclosed_mapping_is_told(void **state)
{
    (void)state;
    assert_faults("log: {level: info,\n  format: text\n",
                  "f.yaml:3:1: did not find expected ',' or '}', while parsing a flow "
                  "mapping that begins in line 1\n");
}

static void a_wrong_indent_is_told(void **state)
{
    (void)state;
    assert_faults("http:\n    listen: :80\n  public_host: a\n",
                  "f.yaml:3:3: did not find expected key, while parsing a block "
                  "mapping that begins in line 1\n");
}

static void faults_before_a_syntax_fault_are_told_too(void **state)
{
    (void)state;
    assert_faults(
        "workers: many\nlog: {\n",
        "f.yaml:1:10: workers: \"many\" is not taken here: it must be a whole number "
        "from 0 to 256\nf.yaml:3:1: did not find expected node content\n");
}

static void text_that_is_not_utf8_is_told_where_it_is(void **state)
{
    (void)state;
    assert_faults("workers: 1\ndata_dir: caf\xe9\n",
                  "f.yaml:2:14: incomplete UTF-8 octet sequence\n");
}

static void a_nul_is_told(void **state)
{
    (void)state;
    char *printed = faults_of("workers: 1\n\0", 12, NULL);
    assert_string_equal(printed, "f.yaml:2:1: control characters are not allowed\n");
    alloc_free(printed);
}

static void the_same_key_twice_is_refused(void **state)
{
    (void)state;
    assert_faults("workers: 1\nworkers: 2\n",
                  "f.yaml:2:1: \"workers\" is set twice, first in line 1\n");
    assert_faults("http: {listen: ':1'}\nhttp: {public_host: a}\n",
                  "f.yaml:2:1: \"http\" is set twice, first in line 1\n");
    assert_faults("http: {listen: ':1'}\nhttp.listen: :2\n",
                  "f.yaml:2:1: \"http.listen\" is set twice, first in line 1\n");
}

static void anchors_and_aliases_are_refused(void **state)
{
    (void)state;
    assert_faults("data_dir: &d ./x\napi:\n  token: *d\nhttp: &h {}\nrtmp: *h\n",
                  "f.yaml:1:11: anchors and aliases are not taken: write the value "
                  "out\n"
                  "f.yaml:3:10: anchors and aliases are not taken: write the value "
                  "out\n"
                  "f.yaml:4:7: anchors and aliases are not taken: write the value "
                  "out\n"
                  "f.yaml:5:7: anchors and aliases are not taken: write the value "
                  "out\n");
}

static void anchors_in_what_is_passed_over_are_refused_too(void **state)
{
    (void)state;
    assert_faults("nothing: [&a [x], *a]\n",
                  "f.yaml:1:1: unknown key \"nothing\"\n"
                  "f.yaml:1:11: anchors and aliases are not taken: write the value "
                  "out\n"
                  "f.yaml:1:19: anchors and aliases are not taken: write the value "
                  "out\n");
}

static void tags_are_refused(void **state)
{
    (void)state;
    assert_faults("workers: !!int 4\n",
                  "f.yaml:1:10: tags are not taken: write the value alone\n");
}

static void lists_and_mappings_are_no_values(void **state)
{
    (void)state;
    assert_faults("data_dir: [a]\nworkers: {a: b}\nhttp: 80\nrtmp: [x]\n",
                  "f.yaml:1:11: data_dir: expects one value, not a list\n"
                  "f.yaml:2:10: workers: expects one value, not keys and values\n"
                  "f.yaml:3:7: http: expects keys below it, not a value or a list\n"
                  "f.yaml:4:7: rtmp: expects keys below it, not a value or a list\n");
}

static void an_option_without_a_value_is_a_fault_and_a_group_is_not(void **state)
{
    (void)state;
    assert_faults("http:\nrtmp: ~\nlog:\n  level:\nworkers: null\n",
                  "f.yaml:4:3: log.level: has no value; leave the line out for the "
                  "default\n"
                  "f.yaml:5:1: workers: has no value; leave the line out for the "
                  "default\n");
}

static void keys_must_be_text(void **state)
{
    (void)state;
    assert_faults("? [a, b]\n: c\n? {d: e}\n: f\n",
                  "f.yaml:1:3: a key must be plain text\n"
                  "f.yaml:3:3: a key must be plain text\n");
}

static void only_a_mapping_in_one_document_is_taken(void **state)
{
    (void)state;
    assert_faults("- a\n- b\n", "f.yaml:1:1: expects keys and values, such as "
                                "\"data_dir: ./data\"\n");
    assert_faults("hello", "f.yaml:1:1: expects keys and values, such as "
                           "\"data_dir: ./data\"\n");
    assert_faults("workers: 1\n---\nworkers: 2\n",
                  "f.yaml:2:1: only one document is taken\n");
}

static void an_empty_file_is_the_defaults(void **state)
{
    (void)state;
    assert_faults("", "");
    assert_faults("# nothing\n", "");
    assert_faults("---\n...\n", "");
    assert_faults("{}", "");
}

static void what_is_quoted_is_cut_and_made_printable(void **state)
{
    (void)state;
    assert_faults("\"a\\nb\\0\": 1\n", "f.yaml:1:1: unknown key \"a?b?\"\n");
    char *printed = faults_of("0123456789012345678901234567890123456789"
                              "0123456789012345678901234567890123456789: x",
                              83, NULL);
    assert_string_equal(printed, "f.yaml:1:1: unknown key "
                                 "\"01234567890123456789012345678901234567890123456789"
                                 "0123456789...\"\n");
    alloc_free(printed);
}

static void a_large_file_is_refused(void **state)
{
    (void)state;
    enum { SIZE = (1 << 20) + 1 };
    char *text = alloc_zero(SIZE);
    memset(text, '#', SIZE);
    char *printed = faults_of(text, SIZE - 1, NULL);
    assert_string_equal(printed, "");
    alloc_free(printed);
    printed = faults_of(text, SIZE, NULL);
    assert_string_equal(printed, "f.yaml:1:1: the file is larger than 1 MiB\n");
    alloc_free(printed);
    alloc_free(text);
}

static void deep_text_is_passed_over(void **state)
{
    (void)state;
    char text[1700] = "x: ";
    memset(text + 3, '[', 800);
    memset(text + 803, ']', 800);
    text[1603] = '\0';
    assert_faults(text, "f.yaml:1:1: unknown key \"x\"\n");
}

static void no_more_faults_than_the_limit_are_told(void **state)
{
    (void)state;
    struct builder text;
    builder_init(&text, 1 << 16);
    for (int i = 0; i < CONF_FAULTS_MAX + 10; i++)
        builder_printf(&text, "unknown_%d: x\n", i);
    static struct conf_faults faults;
    struct bytes made = builder_bytes(&text);
    assert_null(conf_parse((const char *)made.data, made.len, NULL, &faults));
    assert_int_equal(faults.n, CONF_FAULTS_MAX);
    assert_int_equal(faults.list[CONF_FAULTS_MAX - 1].line, CONF_FAULTS_MAX);
    builder_finish(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_keys_are_told_with_what_was_meant),
        cmocka_unit_test(syntax_faults_have_line_and_column),
        cmocka_unit_test(an_unclosed_mapping_is_told),
        cmocka_unit_test(a_wrong_indent_is_told),
        cmocka_unit_test(faults_before_a_syntax_fault_are_told_too),
        cmocka_unit_test(text_that_is_not_utf8_is_told_where_it_is),
        cmocka_unit_test(a_nul_is_told),
        cmocka_unit_test(the_same_key_twice_is_refused),
        cmocka_unit_test(anchors_and_aliases_are_refused),
        cmocka_unit_test(anchors_in_what_is_passed_over_are_refused_too),
        cmocka_unit_test(tags_are_refused),
        cmocka_unit_test(lists_and_mappings_are_no_values),
        cmocka_unit_test(an_option_without_a_value_is_a_fault_and_a_group_is_not),
        cmocka_unit_test(keys_must_be_text),
        cmocka_unit_test(only_a_mapping_in_one_document_is_taken),
        cmocka_unit_test(an_empty_file_is_the_defaults),
        cmocka_unit_test(what_is_quoted_is_cut_and_made_printable),
        cmocka_unit_test(a_large_file_is_refused),
        cmocka_unit_test(deep_text_is_passed_over),
        cmocka_unit_test(no_more_faults_than_the_limit_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
