/* The dialogues of encoders, each whole, byte by byte, and cut in two at every place: the
 * same events and the same answers, as golden/ has them.
 *
 *   RTMP_GOLDEN=write build/dev/…/unit_server_rtmp_encoders
 *
 * writes the golden files anew; what changed is then for people to read. */
#include "tests/unit/server/rtmp/dialogues.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/rtmp/digest.h"
#include "tests/unit/server/rtmp/answers.h"
#include "tests/unit/server/rtmp/run.h"

enum { GOLDEN_MAX = 64 * 1024, HANDSHAKE_LEN = 1 + 2 * RTMP_DIGEST_BLOCK };

struct heard {
    struct script script;
    struct run run;
};

static void hear(const struct dialogue *dialogue, struct heard *heard)
{
    script_init(&heard->script);
    dialogue->write(&heard->script);
    run_init(&heard->run);
    assert_int_equal(run_feed(&heard->run, script_bytes(&heard->script)), 0);
}

static void forget(struct heard *heard)
{
    run_finish(&heard->run);
    script_finish(&heard->script);
}

static struct bytes c1_of(const struct script *script)
{
    return bytes_first(bytes_from(script_bytes(script), 1), RTMP_DIGEST_BLOCK);
}

static void golden(const char *name, struct bytes text)
{
    char path[200];
    static char expected[GOLDEN_MAX];
    (void)snprintf(path, sizeof path, "tests/unit/server/rtmp/golden/%s.txt", name);
    const char *write = getenv("RTMP_GOLDEN");
    FILE *file = fopen(path, write ? "w" : "r");
    assert_non_null(file);
    if (write) {
        assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
        assert_int_equal(fclose(file), 0);
        return;
    }
    size_t len = fread(expected, 1, sizeof expected - 1, file);
    expected[len] = '\0';
    (void)fclose(file);
    char *heard = bytes_to_text(text);
    assert_string_equal(heard, expected);
    free(heard);
}

static void is_answered(const char *name, struct heard *heard)
{
    struct builder text;
    builder_init(&text, GOLDEN_MAX);
    builder_text(&text, "events\n");
    builder_text(&text, run_events(&heard->run));
    builder_text(&text, "answers\n");
    answers_print(run_out(&heard->run), c1_of(&heard->script), &text);
    golden(name, builder_bytes(&text));
    builder_finish(&text);
    assert_int_equal(run_count(&heard->run, "NetConnection.Connect.Success"), 1);
    assert_int_equal(run_count(&heard->run, "NetStream.Publish.Start"),
                     1 + run_count(&heard->run, "onFCPublish"));
    assert_int_equal(run_count(&heard->run, "_error"), 0);
}

static void every_encoder_gets_to_publish_and_is_answered_as_it_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct heard heard;
        hear(&dialogues[i], &heard);
        is_answered(dialogues[i].name, &heard);
        forget(&heard);
    }
}

/* Runs a script in the given cuts and compares with the run of the whole. */
static void check_same(const struct run *whole, const char *events, struct bytes in,
                       size_t first, size_t then)
{
    struct run run;
    run_init(&run);
    assert_int_equal(run_feed(&run, bytes_first(in, first)), 0);
    assert_int_equal(run_feed_pieces(&run, bytes_from(in, first), then), 0);
    assert_string_equal(run_events(&run), events);
    assert_true(bytes_equal(run_out(&run), run_out(whole)));
    run_finish(&run);
}

static void every_cut_of_the_input_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct heard heard;
        hear(&dialogues[i], &heard);
        struct bytes in = script_bytes(&heard.script);
        const char *events = run_events(&heard.run);
        check_same(&heard.run, events, in, 0, 1);
        /* The first four have each kind of handshake, cut everywhere, for all. */
        for (size_t at = i < 4 ? 1 : HANDSHAKE_LEN; at < in.len; at++)
            check_same(&heard.run, events, in, at, in.len);
        forget(&heard);
    }
}

/* Hooks take their time; encoders that do not wait send on meanwhile. */
static void a_late_answer_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct heard heard;
        hear(&dialogues[i], &heard);
        struct run late;
        run_init(&late);
        late.hesitates = true;
        assert_int_equal(run_feed(&late, script_bytes(&heard.script)), 0);
        assert_int_equal(run_count(&late, "onStatus"), 0);
        assert_int_equal(run_accept(&late), 0);
        assert_string_equal(run_events(&late), run_events(&heard.run));
        assert_true(bytes_equal(run_out(&late), run_out(&heard.run)));
        run_finish(&late);
        forget(&heard);
    }
}

static void every_encoder_is_refused_with_bad_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct heard heard;
        hear(&dialogues[i], &heard);
        struct run refused;
        run_init(&refused);
        refused.refusal = "Stream key not recognised.";
        assert_int_equal(run_feed(&refused, script_bytes(&heard.script)), 0);
        struct builder text;
        builder_init(&text, GOLDEN_MAX);
        answers_print(run_out(&refused), c1_of(&heard.script), &text);
        builder_u8(&text, 0);
        /* The last words, on the publish's stream; nothing is said to what follows. */
        const char *said = (const char *)builder_bytes(&text).data;
        const char *words = strstr(said, "csid=5");
        assert_non_null(words);
        assert_string_equal(words,
                            "csid=5 stream=1: \"onStatus\" 0 null { level: \"error\" "
                            "code: \"NetStream.Publish.BadName\" "
                            "description: \"Stream key not recognised.\" }\n");
        builder_finish(&text);
        run_finish(&refused);
        forget(&heard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encoder_gets_to_publish_and_is_answered_as_it_needs),
        cmocka_unit_test(a_late_answer_gives_the_same),
        cmocka_unit_test(every_encoder_is_refused_with_bad_name),
        cmocka_unit_test(every_cut_of_the_input_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
