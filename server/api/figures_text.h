/* A publisher's figures and findings as the API gives them. */
#ifndef API_FIGURES_TEXT_H
#define API_FIGURES_TEXT_H

#include "server/show/figures.h"

struct builder;

/* The object of GET /api/shows/{show}/publisher. */
void api_figures_text_print(const struct show_figures *figures, struct builder *out);
/* The array of findings; NULL: empty. */
void api_figures_text_print_findings(const struct show_figures *figures,
                                     struct builder *out);

#endif
