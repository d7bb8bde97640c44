/* Two shows on two loops, one of them with a publisher whose figures are known to all
 * loops: what the operator's pages are printed from. */
#ifndef TESTS_SERVER_OBSERVED_H
#define TESTS_SERVER_OBSERVED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/builder.h"
#include "core/monotime.h"
#include "server/show/hub.h"
#include "tests/kit/shop.h"

/* Sends at the speed of its clock until lane 0 has figures of all shows that publish,
 * sampled for the second time at least. */
static inline bool observed_has_rates(struct show_hub *hub, void *ctx)
{
    const struct show_shelf *shelf = show_hub_shelf(hub, bytes_text(ctx));
    return shelf && shelf->view && shelf->view->figures &&
           shelf->view->figures->reading.kbps_short > 0;
}

struct observed_question {
    const char *show;
    bool yes;
};

static inline void observed_ask(struct show_hub *hub, void *ctx)
{
    struct observed_question *question = ctx;
    question->yes = observed_has_rates(hub, (void *)(uintptr_t)question->show);
}

static inline void observed_publish(struct house *house, struct encoder *encoder,
                                    const struct shop_show *show)
{
    int64_t begin_ms = monotime_ms();
    struct observed_question question = {.show = show->id};
    encoder_open(encoder, house, 0, show->key);
    encoder_send_headers(encoder);
    while (!question.yes) {
        int64_t age_ms = monotime_ms() - begin_ms;
        assert_true(age_ms < HOUSE_PATIENCE_MS);
        encoder_send_until(encoder, (uint32_t)age_ms + 30);
        house_run(house, 0, observed_ask, &question);
    }
}

/* What print writes on lane 0, as text; alloc_free(). */
struct observed_page {
    void (*print)(const struct show_hub *hub, struct builder *out);
    char *text;
};

static inline void observed_print(struct show_hub *hub, void *ctx)
{
    struct observed_page *page = ctx;
    struct builder out;
    builder_init(&out, 1 << 20);
    page->print(hub, &out);
    assert_false(builder_failed(&out));
    page->text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
}

static inline char *observed_read(struct house *house,
                                  void (*print)(const struct show_hub *hub,
                                                struct builder *out))
{
    struct observed_page page = {.print = print};
    house_run(house, 0, observed_print, &page);
    return page.text;
}

static inline void observed_expect(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no %s in %s", words, text);
}

/* What the tool says of text on its standard input; true also when it is not there. */
static inline bool observed_pleases(const char *tool, const char *command,
                                    const char *text)
{
    char look[64];
    (void)snprintf(look, sizeof look, "command -v %s >/dev/null 2>&1", tool);
    if (system(look) != 0) {
        print_message("%s is not installed\n", tool);
        return true;
    }
    FILE *pipe = popen(command, "w");
    assert_non_null(pipe);
    assert_true(fputs(text, pipe) >= 0);
    return pclose(pipe) == 0;
}

#endif
