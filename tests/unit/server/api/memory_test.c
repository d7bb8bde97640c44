#include "server/api/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/buf.h"

struct waiting {
    struct api_memory_waiter waiter;
    int n_woken;
};

static void wake(struct api_memory_waiter *waiter)
{
    container_of(waiter, struct waiting, waiter)->n_woken++;
}

static struct waiting waiting = {.waiter.wake = wake};

static enum api_memory_found begin(struct api_memory *memory, const char *scope,
                                   const char *key, const char *body)
{
    int status = 0;
    struct buf *json = NULL;
    enum api_memory_found found = api_memory_begin(memory, scope, key, bytes_text(body),
                                                   &waiting.waiter, &status, &json);
    if (found == API_MEMORY_KNOWN) {
        assert_int_equal(status, 201);
        assert_true(bytes_equal_text(buf_bytes(json), "answer"));
        buf_unref(json);
    }
    return found;
}

static void end(struct api_memory *memory, const char *scope, const char *key)
{
    struct buf *json = buf_copy(bytes_text("answer"));
    api_memory_end(memory, scope, key, 201, json);
    buf_unref(json);
}

static void gives_the_first_answer_again(void **state)
{
    (void)state;
    struct api_memory *memory = api_memory_create();
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_NEW);
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_WORKING);
    waiting.n_woken = 0;
    end(memory, "demo", "k");
    assert_int_equal(waiting.n_woken, 1);
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_KNOWN);
    assert_int_equal(begin(memory, "demo", "k", "{\"other\":1}"), API_MEMORY_OTHER);
    assert_int_equal(begin(memory, "other", "k", "{}"), API_MEMORY_NEW);
    api_memory_destroy(memory);
}

static void forgets_what_failed(void **state)
{
    (void)state;
    struct api_memory *memory = api_memory_create();
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_NEW);
    api_memory_end(memory, "demo", "k", 0, NULL);
    assert_int_equal(begin(memory, "demo", "k", "{\"other\":1}"), API_MEMORY_NEW);
    api_memory_destroy(memory);
}

static void wakes_who_waits_for_what_failed(void **state)
{
    (void)state;
    struct api_memory *memory = api_memory_create();
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_NEW);
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_WORKING);
    waiting.n_woken = 0;
    api_memory_end(memory, "demo", "k", 0, NULL);
    assert_int_equal(waiting.n_woken, 1);
    assert_int_equal(begin(memory, "demo", "k", "{}"), API_MEMORY_NEW);
    api_memory_destroy(memory);
}

static void keeps_what_is_worked_on_past_its_limit(void **state)
{
    (void)state;
    struct api_memory *memory = api_memory_create();
    char key[32];
    assert_int_equal(begin(memory, "demo", "slow", "{}"), API_MEMORY_NEW);
    for (int i = 0; i <= MEMORY_RECORDS_MAX; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(begin(memory, "demo", key, "{}"), API_MEMORY_NEW);
        end(memory, "demo", key);
    }
    end(memory, "demo", "slow");
    assert_int_equal(begin(memory, "demo", "slow", "{}"), API_MEMORY_KNOWN);
    api_memory_destroy(memory);
}

static void forgets_the_oldest_past_its_limit(void **state)
{
    (void)state;
    struct api_memory *memory = api_memory_create();
    char key[32];
    for (int i = 0; i <= MEMORY_RECORDS_MAX; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(begin(memory, "demo", key, "{}"), API_MEMORY_NEW);
        end(memory, "demo", key);
    }
    assert_int_equal(begin(memory, "demo", "k1", "{}"), API_MEMORY_KNOWN);
    assert_int_equal(begin(memory, "demo", "k0", "{}"), API_MEMORY_NEW);
    api_memory_destroy(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_first_answer_again),
        cmocka_unit_test(forgets_what_failed),
        cmocka_unit_test(wakes_who_waits_for_what_failed),
        cmocka_unit_test(keeps_what_is_worked_on_past_its_limit),
        cmocka_unit_test(forgets_the_oldest_past_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
