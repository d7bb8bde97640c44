/* A coach that hears a made-up stream, and what it has to say of it.
 *
 * Ownership: embedded; nothing to free. Threads: one. */
#ifndef TESTS_UNIT_SERVER_SHOW_LESSON_H
#define TESTS_UNIT_SERVER_SHOW_LESSON_H

#include "server/show/coach.h"
#include "tests/unit/server/show/stream.h"

struct lesson {
    struct show_meter meter;
    struct show_coach coach;
    struct stream stream;
};

/* Of pictures and sound that the metadata has announced; the stream is the lesson's. */
struct stream *lesson_begin(struct lesson *lesson);
bool lesson_find(const struct lesson *lesson, enum coach_code code,
                 struct coach_finding *ret);
/* It is told at that level, and its words hold these. */
struct coach_finding lesson_expect(const struct lesson *lesson, enum coach_code code,
                                   enum coach_level level, const char *words);
void lesson_expect_only(const struct lesson *lesson, enum coach_code code);
void lesson_expect_nothing(const struct lesson *lesson);
void lesson_expect_not(const struct lesson *lesson, enum coach_code code);

#endif
