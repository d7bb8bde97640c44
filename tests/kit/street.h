/* A house whose hooks go to a receiver, with the show "spring".
 *
 * For cmocka: a test's state is a struct street. Threads: the test's. */
#ifndef TESTS_KIT_STREET_H
#define TESTS_KIT_STREET_H

#include "tests/kit/receiver.h"
#include "tests/kit/shop.h"

struct street {
    struct house house;
    struct receiver receiver;
    struct shop_show show;
};

int street_setup(void **state);
int street_teardown(void **state);

#endif
