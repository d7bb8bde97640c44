/* What the kernel knows of a TCP connection, and what it shall watch for.
 *
 * Threads: any. */
#ifndef LOOP_TCP_INFO_H
#define LOOP_TCP_INFO_H

#include <stdint.h>

struct loop_tcp_info {
    /* Of what we send. A publisher gets little from us: these are rarely renewed. */
    uint32_t rtt_us, rttvar_us;
    uint32_t retransmits;   /* segments sent again, since the beginning */
    uint32_t lost;          /* segments on the way that are taken for lost, now */
    uint64_t unacked_bytes; /* sent and not acknowledged, now; in whole segments */
    /* Of what the peer sends. */
    uint32_t rcv_rtt_us;     /* 0: not measured yet */
    uint32_t out_of_order;   /* segments that came too early, since the beginning: each
                                stands for one that was lost or overtaken */
    uint64_t received_bytes; /* since the beginning, without what came twice */
};

/* Zeros where the kernel tells nothing, and for what is not TCP. */
void loop_tcp_info_read(int fd, struct loop_tcp_info *ret);
/* Has the kernel end the connection when the peer has been silent or has acknowledged
 * nothing for so long: 0, or -1 with errno. */
int loop_tcp_info_notice_death(int fd, int64_t within_ms);

#endif
