#include "packager/media/nal.h"

#include "core/builder.h"

bool media_nal_next(struct be_reader *r, unsigned length_size, struct bytes *ret_nal)
{
    if (r->rest.len == 0)
        return false;
    size_t len = 0;
    for (unsigned i = 0; i < length_size; i++)
        len = len << 8 | be_read_u8(r);
    struct bytes nal = be_read_bytes(r, len);
    if (r->failed)
        return false;
    *ret_nal = nal;
    return true;
}

struct buf *media_nal_without_empty(struct bytes au, unsigned length_size)
{
    struct builder out;
    builder_init(&out, au.len);
    struct be_reader r = be_reader_of(au);
    struct bytes before = au;
    struct bytes nal;
    while (media_nal_next(&r, length_size, &nal)) {
        if (nal.len > 0)
            builder_put(&out, bytes_first(before, length_size + nal.len));
        before = r.rest;
    }
    struct buf *clean = builder_take(&out);
    builder_finish(&out);
    return clean;
}

size_t media_nal_unescape(struct bytes payload, uint8_t *out, size_t out_size)
{
    size_t len = 0;
    unsigned n_zeros = 0;
    for (size_t i = 0; i < payload.len && len < out_size; i++) {
        uint8_t byte = payload.data[i];
        if (n_zeros >= 2 && byte == 3) {
            n_zeros = 0;
            continue;
        }
        n_zeros = byte == 0 ? n_zeros + 1 : 0;
        out[len++] = byte;
    }
    return len;
}
