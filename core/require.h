/* What we promise each other inside the program. Kept in release builds: a broken
 * promise ends the process with the place of the fault. Never for input. */
#ifndef CORE_REQUIRE_H
#define CORE_REQUIRE_H

#define require(condition) \
    ((condition) ? (void)0 : require_failed(#condition, __FILE__, __LINE__))

_Noreturn void require_failed(const char *condition, const char *file, int line);

#endif
