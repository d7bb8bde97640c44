#include "server/show/line.h"

#include "server/loop/tcp.h"
#include "server/loop/tcp_info.h"
#include "server/rtmp/session.h"

void show_line_measure(const struct rtmp_session *session, const struct loop_tcp *tcp,
                       struct show_line_figures *ret)
{
    struct rtmp_session_stats stats = rtmp_session_get_stats(session);
    struct loop_tcp_info info;
    loop_tcp_info(tcp, &info);
    *ret = (struct show_line_figures){
        .bytes = stats.bytes_in,
        .n_messages = stats.n_messages,
        .n_unknown = stats.n_unknown,
        .n_restarted = stats.n_restarted,
        /* Both are at least as long as the line's: what the peer sends may wait for its
         * encoder, what we send is rare and may be old. */
        .rtt_us = info.rcv_rtt_us && info.rcv_rtt_us < info.rtt_us ? info.rcv_rtt_us
                                                                   : info.rtt_us,
        .retransmits = info.retransmits,
        .out_of_order = info.out_of_order,
    };
}
