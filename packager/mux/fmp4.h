/* Fragmented MP4 (CMAF, ISO 23000-19) of one track in one epoch, through libavformat by
 * one exact recipe: movflags cmaf+frag_custom+skip_trailer+frag_discont, bitexact, exact
 * durations, av_write_frame only. The only room that knows libav*.
 *
 * Time: a CMAF track has no edit list, so the muxer moves all decode times of a track by
 * one constant, the composition offset of its first packet (PTS - DTS); presentation
 * times stay as they are. Hence for every packet
 *     decode time in the file (tfdt and the durations in trun) = DTS + shift
 *     composition offset in trun (signed)                      = PTS - DTS - shift
 * The first part's tfdt is the first packet's PTS. mux_fmp4_shift() tells the constant;
 * it is 0 for audio. Since each packet must start where the one before ends, a part's
 * tfdt plus its durations is the next part's tfdt, to the tick.
 *
 * Ownership: create/destroy. Threads: one at a time, any thread for each.
 * Errors: ERR_MEDIA, a packet or configuration that libavformat would refuse or bend;
 *   ERR_INVALID, a packet out of order; ERR_NOMEM. A refused packet leaves no trace; after
 *   a failed cut the muxer is of no more use. */
#ifndef MUX_FMP4_H
#define MUX_FMP4_H

#include "core/bytes.h"

struct buf;
struct err;
struct fmp4;
struct packet;
struct track;

/* first_sequence: number of the first moof (mfhd), counted on over epochs. */
int mux_fmp4_create(const struct track *track, uint32_t first_sequence,
                    struct fmp4 **ret_fmp4, struct err *err);
void mux_fmp4_destroy(struct fmp4 *fmp4); /* NULL: nothing */

/* The initialisation section: ftyp + moov, brand cmfc. A new reference. */
struct buf *mux_fmp4_init(const struct fmp4 *fmp4);

/* Old encoders' PTS lie a frame below DTS; more than this is refused. */
enum { MUX_FMP4_EARLY_MAX_MS = 1000 };
/* Longest packet, in time: what a player may be made to wait on. */
enum { MUX_FMP4_DURATION_MAX_MS = 60000 };
/* Media of one part: the longest message that RTMP has (16 MiB less a byte), and as much
 * of what comes behind it. A second of 260 Mb/s fits. */
enum { MUX_FMP4_PART_MAX = 32 * 1024 * 1024 };

/* duration: exact ticks until the next packet's DTS. Within a part the next packet has to
 * start just there; the first packet of a part may start later (a hole: tfdt jumps). The
 * packet stays the caller's; its data is referred to until the cut. */
int mux_fmp4_write(struct fmp4 *fmp4, const struct packet *packet, int64_t duration,
                   struct err *err);
/* Ends the part: prefix (emsg boxes, may be empty), then one moof and one mdat with all
 * packets since the last cut. ERR_INVALID when there are none. */
int mux_fmp4_cut(struct fmp4 *fmp4, struct bytes prefix, struct buf **ret_part,
                 struct err *err);

/* Ticks added to DTS in the file; 0 before the first packet. */
int64_t mux_fmp4_shift(const struct fmp4 *fmp4);

#endif
