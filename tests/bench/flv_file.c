#include "tests/bench/flv_file.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/be.h"
#include "core/err.h"
#include "core/require.h"
#include "tests/bench/rtmp_client.h"

enum {
    FILE_MAX = 512 * 1024 * 1024,
    READ_SIZE = 64 * 1024,
    FILE_HEADER = 9,
    AUDIO = 8,
    VIDEO = 9,
    DATA = 18,
};

static int read_all(const char *path, struct builder *content, struct err *err)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return err_set(err, ERR_IO, "%s cannot be opened", path);
    uint8_t piece[READ_SIZE];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, in)) > 0)
        builder_put(content, bytes_make(piece, n));
    bool failed = ferror(in) || builder_failed(content);
    (void)fclose(in);
    return failed ? err_set(err, ERR_IO, "%s cannot be read", path) : 0;
}

static bool is_once(uint8_t type, struct bytes body)
{
    if (type == DATA)
        return true;
    return body.len > 1 && body.data[1] == 0; /* AVC or AAC sequence header */
}

/* Remembers offsets in chunks.data while the builder may still move. */
static void add_tag(struct flv_file *file, size_t *cap, struct flv_tag tag)
{
    if (file->n_tags == *cap) {
        *cap = *cap ? 2 * *cap : 1024;
        file->tags = alloc_resize(file->tags, *cap * sizeof file->tags[0]);
    }
    file->tags[file->n_tags++] = tag;
}

static int read_tags(struct flv_file *file, struct bytes content, uint32_t chunk_size,
                     size_t *cap, struct err *err)
{
    struct be_reader in = be_reader_of(content);
    struct bytes header = be_read_bytes(&in, FILE_HEADER);
    if (in.failed || !bytes_has_prefix(header, "FLV"))
        return err_set(err, ERR_MEDIA, "not an FLV file");
    (void)be_read_u32(&in);
    while (in.rest.len > 0) {
        struct flv_tag tag = {.type = be_read_u8(&in)};
        size_t len = be_read_u24(&in);
        tag.stamp_ms = be_read_u24(&in);
        tag.stamp_ms |= (uint32_t)be_read_u8(&in) << 24;
        (void)be_read_u24(&in);
        struct bytes body = be_read_bytes(&in, len);
        (void)be_read_u32(&in);
        if (in.failed)
            return err_set(err, ERR_MEDIA, "the FLV file ends within a tag");
        if (len == 0 || (tag.type != AUDIO && tag.type != VIDEO && tag.type != DATA))
            continue;
        tag.once = is_once(tag.type, body);
        tag.key = tag.type == VIDEO && body.data[0] >> 4 == 1;
        size_t at = builder_bytes(&file->chunks).len;
        rtmp_client_write_chunks(&file->chunks, chunk_size, tag.type, 0, body);
        tag.chunks.len = builder_bytes(&file->chunks).len - at;
        add_tag(file, cap, tag);
    }
    return 0;
}

/* One frame after the last video tag, else the last tag, the next round begins. */
static uint32_t length_of(const struct flv_file *file)
{
    uint32_t last[2] = {0, 0};
    for (size_t i = 0; i < file->n_tags; i++) {
        const struct flv_tag *tag = &file->tags[i];
        if (tag->type == VIDEO && tag->stamp_ms > last[0]) {
            last[1] = last[0];
            last[0] = tag->stamp_ms;
        }
    }
    if (last[0] == 0)
        return file->tags[file->n_tags - 1].stamp_ms + 23;
    return 2 * last[0] - last[1];
}

/* Sound that outlasts the picture would go back in time where the rounds meet. */
static void drop_past_end(struct flv_file *file)
{
    size_t kept = 0;
    for (size_t i = 0; i < file->n_tags; i++) {
        if (file->tags[i].stamp_ms < file->length_ms)
            file->tags[kept++] = file->tags[i];
    }
    file->n_tags = kept;
}

int flv_file_load(struct flv_file *file, const char *path, uint32_t chunk_size,
                  struct err *err)
{
    *file = (struct flv_file){0};
    builder_init(&file->chunks, FILE_MAX);
    struct builder content;
    builder_init(&content, FILE_MAX);
    size_t cap = 0;
    int error = read_all(path, &content, err);
    if (!error)
        error = read_tags(file, builder_bytes(&content), chunk_size, &cap, err);
    builder_finish(&content);
    if (!error && (file->n_tags == 0 || builder_failed(&file->chunks)))
        error = err_set(err, ERR_MEDIA, "no tags, or too many");
    if (error) {
        flv_file_finish(file);
        return error;
    }
    struct bytes all = builder_bytes(&file->chunks);
    for (size_t i = 0; i < file->n_tags; i++) {
        struct flv_tag *tag = &file->tags[i];
        tag->chunks = bytes_first(all, tag->chunks.len);
        all = bytes_from(all, tag->chunks.len);
    }
    file->length_ms = length_of(file);
    drop_past_end(file);
    return 0;
}

void flv_file_finish(struct flv_file *file)
{
    alloc_free(file->tags);
    builder_finish(&file->chunks);
    *file = (struct flv_file){0};
}
