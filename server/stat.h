/* GET /stat of the admin listener: who publishes, as XML in the form of nginx-rtmp's
 * statistics page (ngx_rtmp_stat_module 1.2.2), because scene switchers and dashboards read
 * that. A stream's name is the show's public id, its application is "live".
 *
 * A publisher from which nothing has come for STAT_SILENT_MS is left out: a switcher takes
 * a bitrate of 0 for a beginning, and what is not there for gone.
 *
 * Threads: the loop's of the hub that is given; reads views only. */
#ifndef STAT_H
#define STAT_H

struct builder;
struct show_hub;

enum { STAT_SILENT_MS = 5000 };

void server_stat_print(const struct show_hub *hub, struct builder *out);

#endif
