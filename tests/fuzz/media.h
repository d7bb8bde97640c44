/* A configuration record and an access unit of one codec, through the doors that the rest
 * of the program uses. Input: the length of the record in two bytes, the record, and the
 * rest as an access unit. */
#ifndef FUZZ_MEDIA_H
#define FUZZ_MEDIA_H

#include <string.h>

#include "core/alloc.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "packager/media/access_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a track says of itself can go into a playlist and an initialisation section. */
static inline void fuzz_media_check_track(const struct track *track)
{
    require(track->codecs[0] || !media_track_is_complete(track));
    require(memchr(track->codecs, 0, sizeof track->codecs));
    require((track->rate_num == 0) == (track->rate_den == 0));
    require(track->timescale > 0 && buf_bytes(track->config).len > 0);
    require(track->kind == TRACK_VIDEO || track->channels > 0);
}

/* A record is read the same way in the form in which it is kept. */
static inline void fuzz_media_check_again(const struct track *track)
{
    struct track *again = NULL;
    require(media_track_create(track->codec, track->config, &again, NULL) == 0);
    require(media_track_equal(track, again));
    require(strcmp(track->codecs, again->codecs) == 0);
    media_track_unref(again);
}

/* What is clean stays as it is. */
static inline void fuzz_media_check_unit(struct track *track, struct buf *unit)
{
    struct packet packet;
    struct packet again;
    struct err err = {0};
    int rc = media_access_unit_clean(track, unit, &packet, &err);
    require((rc == 0) == (err.code == ERR_NONE));
    if (rc < 0)
        return;
    require(buf_bytes(packet.data).len > 0);
    require((track->kind == TRACK_AUDIO) == (packet.n_samples > 0));
    require(media_access_unit_clean(track, packet.data, &again, NULL) == 0);
    require(again.data == packet.data && again.key == packet.key);
    struct track *refined = media_access_unit_refine(track, &packet);
    /* AV1's key frames need not bring what a bare record lacks. */
    require(track->kind == TRACK_AUDIO || !packet.key || track->codec == TRACK_AV1 ||
            media_track_is_complete(refined));
    fuzz_media_check_track(refined);
    media_track_unref(refined);
    media_packet_finish(&again);
    media_packet_finish(&packet);
}

static inline int fuzz_media(enum track_codec codec, const uint8_t *data, size_t size)
{
    struct be_reader r = be_reader_of(bytes_make(data, size));
    struct bytes given = be_read_bytes(&r, be_read_u16(&r));
    /* Exact size on the heap: a read behind the end is seen. */
    uint8_t *copy = alloc_zero(given.len + BUF_PADDING);
    if (given.len > 0)
        memcpy(copy, given.data, given.len);
    struct buf *record = buf_adopt(copy, given.len);
    struct buf *unit = buf_copy(r.rest);
    struct track *track = NULL;
    struct err err = {0};
    int rc = media_track_create(codec, record, &track, &err);
    require((rc == 0) == (err.code == ERR_NONE));
    if (rc == 0) {
        fuzz_media_check_track(track);
        fuzz_media_check_again(track);
        fuzz_media_check_unit(track, unit);
    }
    media_track_unref(track);
    buf_unref(unit);
    buf_unref(record);
    return 0;
}

#endif
