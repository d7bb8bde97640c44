/* Chunks into messages (Adobe "RTMP specification" 1.0, 5.3), taken as encoders write
 * them and not only as the standard has it:
 *
 * - A first chunk on a chunk stream may have a short header; what it leaves away is 0.
 * - A header without stamp (type 3) may begin a message: it repeats the delta before. After
 *   a full header it repeats the stamp itself, because encoders that do this mean "at the
 *   same time".
 * - Type 3 headers may or may not repeat the extended stamp: it is there when the next
 *   four bytes equal it, else they are payload.
 * - A full header, or another length or type, in the middle of a message drops what came
 *   of it and begins anew (counted).
 * - Stamps are modulo 2^32, so an extended delta with the sign bit set goes back: some
 *   encoders mean it so, and for the others it is the same number. Whether so far back can
 *   be meant is decided where times of all tracks are known.
 *
 * Messages grow as their bytes arrive, never as announced.
 *
 * Ownership: create/destroy; a message given out is the caller's.
 * Threads:   one at a time.
 * Errors:    ERR_PROTO or ERR_LIMIT with words; then only destroy may be called.
 * Limits:    those of struct rtmp_limits. */
#ifndef RTMP_CHUNK_READER_H
#define RTMP_CHUNK_READER_H

#include "core/bytes.h"
#include "server/rtmp/session.h"

struct err;
struct rtmp_chunk_reader;
struct rtmp_message;

enum {
    RTMP_CHUNK_SIZE_FIRST = 128,    /* until a side says otherwise, 5.4.1 */
    RTMP_CHUNK_SIZE_MAX = 0xffffff, /* no message is longer */
};

/* limits must outlive the reader. */
struct rtmp_chunk_reader *rtmp_chunk_reader_create(const struct rtmp_limits *limits);
void rtmp_chunk_reader_destroy(struct rtmp_chunk_reader *reader); /* NULL: nothing */

/* Takes bytes off *in up to the end of a message. 1 and a message, 0 when all bytes are
 * taken without one, or -ERR_X. */
int rtmp_chunk_reader_feed(struct rtmp_chunk_reader *reader, struct bytes *in,
                           struct rtmp_message *ret_message, struct err *err);

/* For the messages of that name, in force from the next chunk on. */
int rtmp_chunk_reader_set_chunk_size(struct rtmp_chunk_reader *reader, uint32_t size,
                                     struct err *err);
void rtmp_chunk_reader_abort(struct rtmp_chunk_reader *reader, uint32_t csid);

/* The limit that was passed; NONE, also when memory ran out. */
enum rtmp_limit rtmp_chunk_reader_limit(const struct rtmp_chunk_reader *reader);

/* Messages dropped half-way because another one began. */
uint64_t rtmp_chunk_reader_n_restarted(const struct rtmp_chunk_reader *reader);

#endif
