/* An FLV file in memory as chunked RTMP messages, to be published over and over with
 * stamps that go on.
 *
 * Ownership: load/finish. */
#ifndef BENCH_FLV_FILE_H
#define BENCH_FLV_FILE_H

#include "core/builder.h"

struct err;

struct flv_tag {
    uint8_t type; /* 8 audio, 9 video, 18 data */
    bool once;    /* configuration and metadata: in the first round only */
    bool key;
    uint32_t stamp_ms;   /* within the file */
    struct bytes chunks; /* with a full header and stamp 0 */
};

struct flv_file {
    struct flv_tag *tags;
    size_t n_tags;
    uint32_t length_ms; /* after so long the next round begins */
    /* private */
    struct builder chunks;
};

int flv_file_load(struct flv_file *file, const char *path, uint32_t chunk_size,
                  struct err *err);
void flv_file_finish(struct flv_file *file);

#endif
