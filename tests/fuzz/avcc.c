/* H.264 configuration records and access units. Input: the length of the record in two
 * bytes, the record, and the rest as an access unit. */
#include <string.h>

#include "core/alloc.h"
#include "core/be.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "packager/media/h264.h"
#include "packager/media/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_config(struct bytes given)
{
    /* Exact size on the heap: a read behind the end is seen. */
    uint8_t *copy = alloc_zero(given.len);
    if (given.len > 0)
        memcpy(copy, given.data, given.len);
    struct bytes config = bytes_make(copy, given.len);
    struct h264_config read;
    struct err err = {0};
    int rc = media_h264_parse_config(config, &read, &err);
    alloc_free(copy);
    require((rc == 0) == (err.code == ERR_NONE));
    if (rc < 0)
        return;
    require(read.width > 0 && read.height > 0);
    require((read.rate_num == 0) == (read.rate_den == 0));
    require(read.nal_length_size == 1 || read.nal_length_size == 2 ||
            read.nal_length_size == 4);
}

static void check_unit(struct buf *au, const struct track *track)
{
    bool is_idr = media_h264_is_idr(buf_bytes(au), track);
    struct buf *clean = NULL;
    if (media_h264_clean(au, track, &clean, NULL) < 0)
        return;
    require(media_h264_is_idr(buf_bytes(clean), track) == is_idr);
    require(buf_bytes(clean).len > track->nal_length_size);
    struct buf *again = NULL;
    require(media_h264_clean(clean, track, &again, NULL) == 0 && again == clean);
    buf_unref(again);
    buf_unref(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t length_sizes[] = {1, 2, 4};
    struct be_reader r = be_reader_of(bytes_make(data, size));
    check_config(be_read_bytes(&r, be_read_u16(&r)));
    struct buf *au = buf_copy(r.rest);
    for (size_t i = 0; i < sizeof length_sizes; i++) {
        struct track track = {.nal_length_size = length_sizes[i]};
        check_unit(au, &track);
    }
    (void)media_h264_is_idr(r.rest, &(struct track){.nal_length_size = 4});
    buf_unref(au);
    return 0;
}
