#include "server/rtmp/hevc_record.h"

#include "core/be.h"

enum { VERSION = 1, HEAD_LEN = 22 };

/* Types of NAL units that may stand in the record. */
enum { NAL_VPS = 32, NAL_PPS = 34, NAL_PREFIX_SEI = 39, NAL_SUFFIX_SEI = 40 };

static bool is_head(const uint8_t *head)
{
    return head[0] == VERSION && (head[4] & 0xfc) != 0xfc &&
           (head[13] & 0xf0) == 0xf0 && (head[15] & 0xfc) == 0xfc &&
           (head[16] & 0xfc) == 0xfc && (head[17] & 0xf8) == 0xf8 &&
           (head[18] & 0xf8) == 0xf8;
}

static bool skip_array(struct be_reader *in)
{
    uint8_t type = be_read_u8(in) & 0x3f;
    uint16_t n = be_read_u16(in);
    for (uint16_t i = 0; i < n && !in->failed; i++)
        (void)be_read_bytes(in, be_read_u16(in));
    return (type >= NAL_VPS && type <= NAL_PPS) || type == NAL_PREFIX_SEI ||
           type == NAL_SUFFIX_SEI;
}

bool rtmp_hevc_record_is(struct bytes record)
{
    struct be_reader in = be_reader_of(record);
    struct bytes head = be_read_bytes(&in, HEAD_LEN);
    if (in.failed || !is_head(head.data))
        return false;
    uint8_t n_arrays = be_read_u8(&in);
    for (uint8_t i = 0; i < n_arrays; i++) {
        if (!skip_array(&in))
            return false;
    }
    return !in.failed && n_arrays > 0 && in.rest.len == 0;
}
