/* Fragmented MP4 (CMAF) of one track in one epoch, through libavformat by one exact
 * recipe: movflags cmaf+frag_custom+skip_trailer+frag_discont, bitexact, one AVIO buffer
 * a part, exact durations, av_write_frame only. The only room that knows libav*.
 *
 * Because CMAF has no edit list, the muxer shifts all decode times by the first packet's
 * composition time: tfdt of the first part is its first PTS. fmp4_shift() tells by how
 * much, so that cutting and labels are on the same axis as the media.
 *
 * Ownership: create/destroy. Threads: one at a time.
 * Errors: ERR_MEDIA, libavformat refused a packet or configuration; ERR_NOMEM. */
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

/* duration: exact ticks until the next packet's DTS. */
int mux_fmp4_write(struct fmp4 *fmp4, const struct packet *packet, int64_t duration,
                   struct err *err);
/* Ends the part: prefix (emsg boxes, may be empty), then one moof and one mdat with all
 * packets since the last cut. ERR_INVALID when there are none. */
int mux_fmp4_cut(struct fmp4 *fmp4, struct bytes prefix, struct buf **ret_part,
                 struct err *err);

#endif
