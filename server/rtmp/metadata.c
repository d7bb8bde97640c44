#include "server/rtmp/metadata.h"

#include "server/rtmp/amf0.h"
#include "server/rtmp/session.h"

void rtmp_metadata_printable(struct bytes text, char *out, size_t out_size)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len && n + 1 < out_size; i++) {
        uint8_t c = text.data[i];
        if (c >= ' ' && c <= '~')
            out[n++] = (char)c;
    }
    out[n] = '\0';
}

/* Codec ids come as numbers, FourCC numbers or texts; 0 and nothing mean no track. */
static bool announces(const struct rtmp_amf0_value *value)
{
    return (value->kind == RTMP_AMF0_NUMBER && value->number != 0) ||
           (value->kind == RTMP_AMF0_TEXT && value->text.len > 0);
}

static void read_number(const struct rtmp_amf0_value *value, double *ret)
{
    /* NaN fails both comparisons. */
    if (value->kind == RTMP_AMF0_NUMBER && value->number > 0 &&
        value->number <= RTMP_METADATA_NUMBER_MAX)
        *ret = value->number;
}

static void read_property(struct bytes name, const struct rtmp_amf0_value *value,
                          struct rtmp_metadata *metadata)
{
    const struct {
        const char *name;
        double *number;
    } numbers[] = {
        {"width", &metadata->width},
        {"height", &metadata->height},
        {"framerate", &metadata->frame_rate},
        {"fps", &metadata->frame_rate},
        {"videodatarate", &metadata->video_kbps},
        {"audiodatarate", &metadata->audio_kbps},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (bytes_equal_text(name, numbers[i].name))
            read_number(value, numbers[i].number);
    }
    if (bytes_equal_text(name, "audiocodecid"))
        metadata->has_audio = announces(value);
    else if (bytes_equal_text(name, "videocodecid"))
        metadata->has_video = announces(value);
    else if (bytes_equal_text(name, "encoder") && value->kind == RTMP_AMF0_TEXT)
        rtmp_metadata_printable(value->text, metadata->encoder,
                                sizeof metadata->encoder);
}

/* Names of tracks are their ids in decimal; 0 when it is none. Track 0 has the properties
 * of the metadata itself. */
static uint8_t track_id_of(struct bytes name)
{
    unsigned id = 0;
    for (size_t i = 0; i < name.len && id <= UINT8_MAX; i++) {
        if (name.data[i] < '0' || name.data[i] > '9')
            return 0;
        id = 10 * id + (name.data[i] - '0');
    }
    return id <= UINT8_MAX ? (uint8_t)id : 0;
}

/* Of language tags, which may stand in a playlist as they are. */
static bool is_tag_character(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-';
}

static void read_language(struct bytes object, struct rtmp_metadata_track *track)
{
    struct rtmp_amf0_value value;
    bool found = rtmp_amf0_find(object, "language", &value) ||
                 rtmp_amf0_find(object, "lang", &value);
    if (!found || value.kind != RTMP_AMF0_TEXT ||
        value.text.len >= sizeof track->language)
        return;
    for (size_t i = 0; i < value.text.len; i++) {
        if (!is_tag_character(value.text.data[i]))
            return;
    }
    rtmp_metadata_printable(value.text, track->language, sizeof track->language);
}

static bool find_object(struct bytes content, const char *name,
                        struct bytes *ret_object)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(content, name, &value) || value.kind != RTMP_AMF0_OBJECT)
        return false;
    *ret_object = value.content;
    return true;
}

static bool next_track(struct rtmp_amf0_reader *in, uint8_t *ret_id,
                       struct bytes *ret_object)
{
    struct bytes name;
    struct rtmp_amf0_value value;
    while (rtmp_amf0_read_property(in, &name, &value) > 0) {
        *ret_id = track_id_of(name);
        *ret_object = value.content;
        if (*ret_id > 0 && value.kind == RTMP_AMF0_OBJECT)
            return true;
    }
    return false;
}

static void read_audio_tracks(struct bytes content, struct rtmp_metadata *metadata)
{
    if (metadata->has_audio)
        read_language(content, &metadata->audio_tracks[metadata->n_audio_tracks++]);
    struct bytes map;
    if (!find_object(content, "audioTrackIdInfoMap", &map))
        return;
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(map);
    uint8_t id;
    struct bytes object;
    while (metadata->n_audio_tracks < RTMP_METADATA_TRACKS_MAX &&
           next_track(&in, &id, &object)) {
        struct rtmp_metadata_track *track =
            &metadata->audio_tracks[metadata->n_audio_tracks++];
        track->track_id = id;
        read_language(object, track);
    }
}

static void read_video_tracks(struct bytes content, struct rtmp_metadata *metadata)
{
    metadata->n_video_tracks = metadata->has_video;
    struct bytes map;
    if (!find_object(content, "videoTrackIdInfoMap", &map))
        return;
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(map);
    uint8_t id;
    struct bytes object;
    while (metadata->n_video_tracks < RTMP_METADATA_TRACKS_MAX &&
           next_track(&in, &id, &object))
        metadata->n_video_tracks++;
}

/* Cameras name no codec ids; a size or a rate announces the track as well. */
static void guess_tracks(struct bytes content, struct rtmp_metadata *metadata)
{
    struct rtmp_amf0_value value;
    if (!rtmp_amf0_find(content, "videocodecid", &value))
        metadata->has_video = metadata->width > 0 && metadata->height > 0;
    double rate = metadata->audio_kbps;
    if (rtmp_amf0_find(content, "audiosamplerate", &value))
        read_number(&value, &rate);
    if (!rtmp_amf0_find(content, "audiocodecid", &value))
        metadata->has_audio = rate > 0;
}

struct rtmp_metadata rtmp_metadata_read(struct bytes content)
{
    struct rtmp_metadata metadata = {0};
    struct rtmp_amf0_reader in = rtmp_amf0_reader_of(content);
    struct bytes name;
    struct rtmp_amf0_value value;
    while (rtmp_amf0_read_property(&in, &name, &value) > 0)
        read_property(name, &value, &metadata);
    guess_tracks(content, &metadata);
    read_video_tracks(content, &metadata);
    read_audio_tracks(content, &metadata);
    return metadata;
}
