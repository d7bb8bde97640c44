#include <fcntl.h>
#include <stdlib.h>

#include "conf/options.h"
#include "conf/value.h"
#include "conf/yaml.h"
#include "tests/unit/conf/faults.h"
#include "tests/unit/temp_dir.h"

enum { FILE_MAX = 1 << 16 };

/* NUL-terminated; empty when there is no such file. */
static void read_file(const char *path, char text[FILE_MAX])
{
    ssize_t n = -1;
    int fd = open(path, O_RDONLY);
    if (fd >= 0) {
        n = read(fd, text, FILE_MAX - 1);
        close(fd);
    }
    text[n < 0 ? 0 : n] = '\0';
}

static void docs_conf_md_is_up_to_date(void **state)
{
    (void)state;
    static char kept[FILE_MAX];
    struct builder out;
    builder_init(&out, FILE_MAX - 1);
    conf_print_docs(&out);
    assert_false(builder_failed(&out));
    char *made = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    if (getenv("VITRINE_UPDATE_GOLDEN"))
        temp_dir_write("docs/conf.md", made, strlen(made));
    read_file("docs/conf.md", kept);
    if (strcmp(kept, made) != 0)
        print_message("docs/conf.md is stale: run with VITRINE_UPDATE_GOLDEN=1\n");
    assert_string_equal(kept, made);
    alloc_free(made);
}

static void the_full_example_sets_every_option_to_its_default(void **state)
{
    (void)state;
    static char text[FILE_MAX];
    static struct conf_faults faults;
    struct conf_reading reading = {.conf = alloc_zero(sizeof *reading.conf),
                                   .faults = &faults};
    read_file("conf/examples/full.yaml", text);
    conf_yaml_read(&reading, bytes_text(text));
    assert_int_equal(faults.n, 0);
    struct conf *defaults = conf_load(NULL, NULL, &faults);
    for (size_t i = 0; i < CONF_OPTIONS_N; i++) {
        const char *mine = (const char *)reading.conf + conf_options[i].offset;
        const char *theirs = (const char *)defaults + conf_options[i].offset;
        assert_int_not_equal(reading.places[i].line, 0);
        if (conf_options[i].type <= CONF_ADDRESS)
            assert_string_equal(*(char *const *)(const void *)mine,
                                *(char *const *)(const void *)theirs);
        else
            assert_memory_equal(mine, theirs, sizeof(uint32_t));
    }
    conf_destroy(defaults);
    conf_destroy(reading.conf);
}

static void faults_outside_the_text_have_no_place(void **state)
{
    (void)state;
    static struct conf_faults faults = {
        .n = 2, .list = {{.text = "A: b"}, {.line = 3, .column = 1, .text = "c"}}};
    struct builder out;
    builder_init(&out, 1000);
    conf_print_faults(&faults, "v.yaml", &out);
    assert_true(bytes_equal_text(builder_bytes(&out), "A: b\nv.yaml:3:1: c\n"));
    builder_finish(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(docs_conf_md_is_up_to_date),
        cmocka_unit_test(the_full_example_sets_every_option_to_its_default),
        cmocka_unit_test(faults_outside_the_text_have_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
