/* What a publisher's connection and its session count.
 *
 * Threads: the loop's of the connection; the figures are values. */
#ifndef SHOW_LINE_H
#define SHOW_LINE_H

#include <stdint.h>

struct loop_tcp;
struct rtmp_session;

struct show_line_figures {
    uint64_t bytes;       /* received, with RTMP's own */
    uint64_t n_messages;  /* received */
    uint64_t n_unknown;   /* of a kind that is ignored */
    uint64_t n_restarted; /* left half finished by the encoder */
    uint32_t rtt_us;      /* of the line; 0: not known */
    uint32_t retransmits; /* segments of ours */
    /* segments of the encoder's that came too early: about as many as the line lost */
    uint32_t out_of_order;
};

void show_line_measure(const struct rtmp_session *session, const struct loop_tcp *tcp,
                       struct show_line_figures *ret);

#endif
