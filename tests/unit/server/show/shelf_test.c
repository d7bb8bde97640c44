#include "server/show/shelf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/buf.h"

struct waiting {
    struct show_waiter waiter;
    int n_calls;
    bool gone, leaves;
    struct show_view *seen;
};

static void on_changed(struct show_waiter *waiter, struct show_shelf *shelf,
                       int64_t now_ms, bool gone)
{
    struct waiting *waiting = container_of(waiter, struct waiting, waiter);
    (void)now_ms;
    waiting->n_calls++;
    waiting->gone = gone;
    waiting->seen = shelf->view;
    if (waiting->leaves || gone)
        list_remove(&waiter->link);
}

static void wakes_every_waiter_with_the_new_view(void **state)
{
    (void)state;
    struct show_shelf *shelf = show_shelf_create("demo");
    struct waiting leaves = {.waiter.changed = on_changed, .leaves = true};
    struct waiting stays = {.waiter.changed = on_changed};
    list_push(&shelf->waiters, &leaves.waiter.link);
    list_push(&shelf->waiters, &stays.waiter.link);
    struct show_view *view = show_view_create((struct show_view){.state = SHOW_LIVE});
    show_shelf_set_view(shelf, view, 0);
    show_shelf_set_view(shelf,
                        show_view_create((struct show_view){.state = SHOW_ENDED}), 0);
    assert_int_equal(leaves.n_calls, 1);
    assert_ptr_equal(leaves.seen, view);
    assert_int_equal(stays.n_calls, 2);
    assert_int_equal(stays.seen->state, SHOW_ENDED);
    list_remove(&stays.waiter.link);
    show_shelf_destroy(shelf);
}

static void tells_waiters_that_the_show_is_gone(void **state)
{
    (void)state;
    struct show_shelf *shelf = show_shelf_create("demo");
    struct waiting waiting = {.waiter.changed = on_changed};
    list_push(&shelf->waiters, &waiting.waiter.link);
    show_shelf_destroy(shelf);
    assert_int_equal(waiting.n_calls, 1);
    assert_true(waiting.gone);
    assert_null(waiting.seen);
}

struct listening {
    struct show_listener listener;
    int n_events, n_ends;
};

static void on_event(struct show_listener *listener, struct buf *event)
{
    struct listening *listening = container_of(listener, struct listening, listener);
    if (event) {
        listening->n_events++;
        return;
    }
    listening->n_ends++;
    list_remove(&listener->link);
}

static void tells_listeners_and_hangs_up_once(void **state)
{
    (void)state;
    struct show_shelf *shelf = show_shelf_create("demo");
    struct listening one = {.listener.event = on_event};
    struct listening two = {.listener.event = on_event};
    list_push(&shelf->listeners, &one.listener.link);
    list_push(&shelf->listeners, &two.listener.link);
    struct buf *event = buf_copy(bytes_text("event: x\n\n"));
    show_shelf_tell(shelf, event);
    buf_unref(event);
    show_shelf_destroy(shelf);
    assert_int_equal(one.n_events, 1);
    assert_int_equal(two.n_events, 1);
    assert_int_equal(one.n_ends, 1);
    assert_int_equal(two.n_ends, 1);
}

static int n_packed;

static struct buf *pack(struct bytes plain)
{
    n_packed++;
    return buf_copy(bytes_first(plain, 1));
}

static void packs_a_text_once(void **state)
{
    (void)state;
    struct show_shelf *shelf = show_shelf_create("demo");
    struct buf *texts[SHOW_PACKED_MAX + 1];
    for (int i = 0; i <= SHOW_PACKED_MAX; i++)
        texts[i] = buf_copy(bytes_text("text"));
    n_packed = 0;
    struct buf *first = show_shelf_packed(shelf, texts[0], pack);
    assert_ptr_equal(show_shelf_packed(shelf, texts[0], pack), first);
    assert_int_equal(n_packed, 1);
    for (int i = 1; i <= SHOW_PACKED_MAX; i++)
        (void)show_shelf_packed(shelf, texts[i], pack);
    (void)show_shelf_packed(shelf, texts[0], pack); /* was pushed out, is made again */
    assert_int_equal(n_packed, SHOW_PACKED_MAX + 2);
    for (int i = 0; i <= SHOW_PACKED_MAX; i++)
        buf_unref(texts[i]);
    show_shelf_destroy(shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wakes_every_waiter_with_the_new_view),
        cmocka_unit_test(tells_waiters_that_the_show_is_gone),
        cmocka_unit_test(tells_listeners_and_hangs_up_once),
        cmocka_unit_test(packs_a_text_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
