/* A publisher's figures and findings as the API gives them. */
#ifndef API_FIGURES_TEXT_H
#define API_FIGURES_TEXT_H

#include "server/show/figures.h"

struct builder;
struct show_hub;

/* Who publishes to the show, or while nobody does, who rehearses it: NULL: nobody. Valid
 * until the loop's next turn. */
const struct show_figures *api_figures_text_find(const struct show_hub *hub,
                                                 const char *show);
/* The object of GET /api/shows/{show}/publisher. */
void api_figures_text_print(const struct show_figures *figures, struct builder *out);
/* The array of findings; NULL: empty. */
void api_figures_text_print_findings(const struct show_figures *figures,
                                     struct builder *out);

#endif
