#include "packager/hls/multivariant.h"

#include <inttypes.h>

#include "core/buf.h"
#include "core/builder.h"
#include "packager/hls/media_playlist.h"

enum {
    MULTIVARIANT_VERSION = 9, /* that of the media playlists */
    MULTIVARIANT_MAX = 4096,
};

static void put_codecs(const struct multivariant *m, struct builder *b)
{
    builder_printf(b, ",CODECS=\"%s%s%s\"", m->video ? m->video->codecs : "",
                   m->video && m->audio ? "," : "", m->audio ? m->audio->codecs : "");
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

static void put_variant(const struct multivariant *m, struct builder *b)
{
    builder_printf(b,
                   "#EXT-X-STREAM-INF:BANDWIDTH=%" PRIu64 ",AVERAGE-BANDWIDTH=%" PRIu64,
                   m->bandwidth, m->average_bandwidth);
    put_codecs(m, b);
    if (m->video && m->video->width > 0 && m->video->height > 0)
        builder_printf(b, ",RESOLUTION=%dx%d", m->video->width, m->video->height);
    if (m->video && m->milli_fps > 0)
        builder_printf(b, ",FRAME-RATE=%" PRIu32 ".%03" PRIu32, m->milli_fps / 1000,
                       m->milli_fps % 1000);
    if (m->video)
        put_video_range(m->video, b);
    if (m->video && m->audio)
        builder_text(b, ",AUDIO=\"audio\"");
    builder_text(b, ",CLOSED-CAPTIONS=NONE\n");
    builder_text(b, hls_media_playlist_name(m->video ? TRACK_VIDEO : TRACK_AUDIO));
    builder_text(b, "\n");
}

struct buf *hls_multivariant_render(const struct multivariant *m)
{
    struct builder b;
    builder_init(&b, MULTIVARIANT_MAX);
    builder_printf(&b, "#EXTM3U\n#EXT-X-VERSION:%d\n", MULTIVARIANT_VERSION);
    if (m->independent_segments)
        builder_text(&b, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    if (m->video && m->audio)
        builder_printf(&b,
                       "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Audio\","
                       "DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"%" PRIu32
                       "\",URI=\"%s\"\n",
                       m->audio->channels, hls_media_playlist_name(TRACK_AUDIO));
    put_variant(m, &b);
    struct buf *text = builder_take(&b);
    builder_finish(&b);
    return text;
}
