#include "core/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct member {
    int value;
    struct list link; /* the head of each test */
};

static int value_of(struct list *node)
{
    return node ? container_of(node, struct member, link)->value : -1;
}

static void is_empty_at_first(void **state)
{
    (void)state;
    struct list head;
    list_init(&head);
    assert_true(list_is_empty(&head));
    assert_null(list_shift(&head));
}

static void keeps_the_order_of_pushes(void **state)
{
    (void)state;
    struct member members[] = {{.value = 0}, {.value = 1}, {.value = 2}};
    struct list head;
    list_init(&head);
    for (size_t i = 0; i < 3; i++)
        list_push(&head, &members[i].link);
    int next = 0;
    list_for_each (node, &head)
        assert_int_equal(value_of(node), next++);
    assert_int_equal(next, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(value_of(list_shift(&head)), i);
    assert_true(list_is_empty(&head));
}

static void remove_unlinks_and_may_be_repeated(void **state)
{
    (void)state;
    struct member a = {.value = 1};
    struct member b = {.value = 2};
    struct list head;
    list_init(&head);
    list_push(&head, &a.link);
    list_push(&head, &b.link);
    list_remove(&a.link);
    list_remove(&a.link);
    assert_true(list_is_empty(&a.link));
    assert_int_equal(value_of(list_shift(&head)), 2);
}

static void the_current_node_may_leave_while_walking(void **state)
{
    (void)state;
    struct member members[] = {{.value = 0}, {.value = 1}, {.value = 2}, {.value = 3}};
    struct list head;
    list_init(&head);
    for (size_t i = 0; i < 4; i++)
        list_push(&head, &members[i].link);
    int seen = 0;
    list_for_each_safe (node, &head) {
        seen++;
        if (value_of(node) % 2 == 0)
            list_remove(node);
    }
    assert_int_equal(seen, 4);
    assert_int_equal(value_of(list_shift(&head)), 1);
    assert_int_equal(value_of(list_shift(&head)), 3);
    assert_true(list_is_empty(&head));
}

static void splice_appends_all_and_empties_the_source(void **state)
{
    (void)state;
    struct member members[] = {{.value = 0}, {.value = 1}, {.value = 2}};
    struct list to;
    struct list from;
    list_init(&to);
    list_init(&from);
    list_push(&to, &members[0].link);
    list_push(&from, &members[1].link);
    list_push(&from, &members[2].link);
    list_splice(&to, &from);
    assert_true(list_is_empty(&from));
    list_splice(&to, &from); /* nothing */
    for (int i = 0; i < 3; i++)
        assert_int_equal(value_of(list_shift(&to)), i);
    assert_true(list_is_empty(&to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_at_first),
        cmocka_unit_test(keeps_the_order_of_pushes),
        cmocka_unit_test(remove_unlinks_and_may_be_repeated),
        cmocka_unit_test(the_current_node_may_leave_while_walking),
        cmocka_unit_test(splice_appends_all_and_empties_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
