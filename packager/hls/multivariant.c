#include "packager/hls/multivariant.h"

#include <inttypes.h>
#include <string.h>

#include "core/buf.h"
#include "core/builder.h"
#include "packager/hls/media_playlist.h"

enum {
    MULTIVARIANT_VERSION = 9, /* that of the media playlists */
    MULTIVARIANT_MAX = 4096,
};

static void put_rates(uint64_t bandwidth, uint64_t average_bandwidth, struct builder *b)
{
    builder_printf(b,
                   "#EXT-X-STREAM-INF:BANDWIDTH=%" PRIu64 ",AVERAGE-BANDWIDTH=%" PRIu64,
                   bandwidth, average_bandwidth);
}

static bool is_said(const struct multivariant *m, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(m->audios[j].track->codecs, m->audios[i].track->codecs) == 0)
            return true;
    return false;
}

/* Every format of any rendition that the variant may play. */
static void put_codecs(const struct multivariant *m, const struct track *video,
                       struct builder *b)
{
    const char *separator = "";
    builder_text(b, ",CODECS=\"");
    if (video) {
        builder_text(b, video->codecs);
        separator = ",";
    }
    for (size_t i = 0; i < m->n_audios; i++) {
        if (is_said(m, i))
            continue;
        builder_text(b, separator);
        builder_text(b, m->audios[i].track->codecs);
        separator = ",";
    }
    builder_text(b, "\"");
}

/* rfc8216bis 4.4.6.2: by the transfer characteristics. Left away when they are not told,
 * which means SDR. */
static void put_video_range(const struct track *video, struct builder *b)
{
    if (!video->color.known)
        return;
    const char *range = video->color.transfer == TRACK_TRANSFER_PQ    ? "PQ"
                        : video->color.transfer == TRACK_TRANSFER_HLG ? "HLG"
                                                                      : "SDR";
    builder_printf(b, ",VIDEO-RANGE=%s", range);
}

static void put_playlist_name(unsigned rendition, struct builder *b)
{
    builder_text(b, ",CLOSED-CAPTIONS=NONE\n");
    builder_text(b, hls_media_playlist_name(rendition));
    builder_text(b, "\n");
}

static void put_video(const struct multivariant *m,
                      const struct multivariant_video *video, struct builder *b)
{
    const struct track *track = video->track;
    put_rates(video->bandwidth, video->average_bandwidth, b);
    put_codecs(m, track, b);
    if (track->width > 0 && track->height > 0)
        builder_printf(b, ",RESOLUTION=%dx%d", track->width, track->height);
    if (video->milli_fps > 0)
        builder_printf(b, ",FRAME-RATE=%" PRIu32 ".%03" PRIu32, video->milli_fps / 1000,
                       video->milli_fps % 1000);
    put_video_range(track, b);
    if (m->n_audios > 0)
        builder_text(b, ",AUDIO=\"audio\"");
    put_playlist_name(video->rendition, b);
}

static void put_sound_alone(const struct multivariant *m, struct builder *b)
{
    put_rates(m->audios[0].bandwidth, m->audios[0].average_bandwidth, b);
    put_codecs(m, NULL, b);
    if (m->n_audios > 1)
        builder_text(b, ",AUDIO=\"audio\"");
    put_playlist_name(m->audios[0].rendition, b);
}

/* Names must differ in a group (4.4.6.1.1): the number is in those that are made. */
static void put_name(const struct multivariant *m, size_t i, struct builder *b)
{
    const char *name = m->audios[i].name[0] ? m->audios[i].name : m->audios[i].language;
    bool taken = !name[0];
    for (size_t j = 0; j < m->n_audios; j++) {
        const struct multivariant_audio *other = &m->audios[j];
        if (j != i && strcmp(other->name[0] ? other->name : other->language, name) == 0)
            taken = true;
    }
    if (!taken)
        builder_printf(b, ",NAME=\"%s\"", name);
    else if (i == 0)
        builder_text(b, ",NAME=\"Audio\"");
    else
        builder_printf(b, ",NAME=\"Audio %zu\"", i + 1);
}

static void put_audio(const struct multivariant *m, size_t i, struct builder *b)
{
    const struct multivariant_audio *audio = &m->audios[i];
    builder_text(b, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\"");
    put_name(m, i, b);
    if (audio->language[0])
        builder_printf(b, ",LANGUAGE=\"%s\"", audio->language);
    builder_printf(b,
                   ",DEFAULT=%s,AUTOSELECT=YES,CHANNELS=\"%" PRIu32 "\",URI=\"%s\"\n",
                   i == 0 ? "YES" : "NO", audio->track->channels,
                   hls_media_playlist_name(audio->rendition));
}

struct buf *hls_multivariant_render(const struct multivariant *m)
{
    struct builder b;
    builder_init(&b, MULTIVARIANT_MAX);
    builder_printf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n", MULTIVARIANT_VERSION);
    if (m->independent_segments)
        builder_text(&b, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (size_t i = 0; i < m->n_audios && m->n_videos + m->n_audios > 1; i++)
        put_audio(m, i, &b);
    for (size_t i = 0; i < m->n_videos; i++)
        put_video(m, &m->videos[i], &b);
    if (m->n_videos == 0)
        put_sound_alone(m, &b);
    struct buf *text = builder_take(&b);
    builder_finish(&b);
    return text;
}
