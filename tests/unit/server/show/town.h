/* Three shows on three loops, and a shop that sends whoever has a key of home to the show
 * away, which lives on another loop; near lives on home's.
 *
 * For cmocka: a test's state is a struct town. Threads: the test's. */
#ifndef TESTS_UNIT_SERVER_SHOW_TOWN_H
#define TESTS_UNIT_SERVER_SHOW_TOWN_H

#include "tests/kit/receiver.h"
#include "tests/kit/shop.h"

enum { TOWN_LANES = 3 };

struct town {
    struct house house;
    struct receiver receiver;
    struct shop_show home, away, near;
};

int town_setup(void **state);
int town_teardown(void **state);

/* The shop sends publishers to that show from now on. */
void town_send_to(struct town *town, const char *show);
/* The same with more fields of JSON, each behind its comma. */
void town_send_on_terms(struct town *town, const char *show, const char *terms);
/* On a loop where neither show lives. */
void town_publish(struct town *town, struct encoder *encoder, const char *key);
/* An encoder with that key is told these words, among others. */
void town_assert_refused(struct town *town, const char *key, const char *words);
/* METHOD /api/shows/{show}{what} has that status. */
void town_call(struct town *town, const char *method, const char *show,
               const char *what, const char *body, int status);
/* Of home. */
void town_make_key(struct town *town, const char *body, char key[128]);
void town_await_publisher(struct town *town, struct shop_show *show);
void town_await_no_publisher(struct town *town, struct shop_show *show);

#endif
