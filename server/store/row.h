/* What shows, cues and events own: texts. For changes and for rows being loaded. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

struct store_cue;
struct store_hook;
struct store_show;

void store_row_finish_show(struct store_show *show);
void store_row_finish_cue(struct store_cue *cue);
void store_row_finish_hook(struct store_hook *hook);

#endif
