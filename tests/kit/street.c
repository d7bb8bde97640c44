#include "tests/kit/street.h"

int street_setup(void **state)
{
    static struct street street;
    receiver_open(&street.receiver);
    house_open(&street.house, 2);
    street.house.conf.hooks_url = street.receiver.url;
    street.house.conf.hooks_timeout_ms = 2000;
    house_restart(&street.house);
    street.show = shop_make_show(&street.house, "spring");
    *state = &street;
    return 0;
}

int street_teardown(void **state)
{
    struct street *street = *state;
    house_close(&street->house);
    receiver_close(&street->receiver);
    return 0;
}
