/* The coach's rules about how media comes in: slower or faster than it plays, and with
 * pauses. What is said of the line is said when the line shows it:
 *
 *   - A line that is full brings all bytes at one rate, and takes as much longer for a
 *     frame as it is larger. An encoder that is too slow leaves the line idle between its
 *     frames, and its key frames come in one go. Where frames are all of a size, or the
 *     line stalls, nobody can tell.
 *   - A rate that falls says nothing: pictures that stand still take less. It counts when
 *     media comes late with it.
 *
 * Pure; see struct coach_rule. */
#ifndef SHOW_COACH_LINE_H
#define SHOW_COACH_LINE_H

#include "server/show/coach_rules.h"

enum coach_level show_coach_line_sags(const struct coach_look *look, int64_t *ret_value,
                                      char text[COACH_TEXT_MAX]);
/* Media comes slower than it plays, and it is not the line, or nobody can tell. */
enum coach_level show_coach_line_falls_behind(const struct coach_look *look,
                                              int64_t *ret_value,
                                              char text[COACH_TEXT_MAX]);
enum coach_level show_coach_line_is_too_fast(const struct coach_look *look,
                                             int64_t *ret_value,
                                             char text[COACH_TEXT_MAX]);
enum coach_level show_coach_line_stutters(const struct coach_look *look,
                                          int64_t *ret_value,
                                          char text[COACH_TEXT_MAX]);

#endif
