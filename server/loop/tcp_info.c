/* The kernel's longer struct tcp_info, which tells what a receiver sees too, is not in the
 * C library's header; the two cannot be included together, so this has a file of its own. */
#include "server/loop/tcp_info.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void loop_tcp_info_read(int fd, struct loop_tcp_info *ret)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    *ret = (struct loop_tcp_info){0};
    memset(&info, 0, sizeof info); /* an older kernel fills less */
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
        return;
    ret->rtt_us = info.tcpi_rtt;
    ret->rttvar_us = info.tcpi_rttvar;
    ret->rcv_rtt_us = info.tcpi_rcv_rtt;
    ret->retransmits = info.tcpi_total_retrans;
    ret->lost = info.tcpi_lost;
    ret->unacked_bytes = (uint64_t)info.tcpi_unacked * info.tcpi_snd_mss;
    ret->out_of_order = info.tcpi_rcv_ooopack;
    ret->received_bytes = info.tcpi_bytes_received;
}

int loop_tcp_info_notice_death(int fd, int64_t within_ms)
{
    int on = 1;
    /* Half of the time in silence, then a probe each second; what we have sent and nobody
     * acknowledges counts as silence too. */
    int idle_s = (int)(within_ms / 2000), each_s = 1;
    int n_probes = (int)(within_ms / 1000) - idle_s;
    unsigned timeout_ms = (unsigned)within_ms;
    if (idle_s < 1)
        idle_s = 1;
    if (n_probes < 1)
        n_probes = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof each_s) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &n_probes, sizeof n_probes) < 0)
        return -1;
    return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
                      sizeof timeout_ms);
}
