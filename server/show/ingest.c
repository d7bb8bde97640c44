#include "server/show/ingest.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "packager/media/access_unit.h"
#include "packager/media/timeline.h"
#include "server/auth/secret.h"
#include "server/show/color.h"

enum { INGEST_TOKEN_LEN = 8 };

struct show_ingest {
    struct packager *packager;
    struct timeline *timeline;
    struct track *tracks[TRACK_KINDS];  /* what the running epoch has, or will have */
    struct track *changed[TRACK_KINDS]; /* takes effect at the next key frame */
    struct track_color coded_color;     /* what the pictures' own header says */
    struct rtmp_color told_color;       /* what the encoder says beside it */
    bool is_color_told;
    bool running; /* packager_begin() was called */
    bool has_metadata, announced[TRACK_KINDS];
    bool has_first;
    uint32_t first_stamp_ms; /* of the first media message */
    size_t n_waiting, n_waiting_bytes;
    struct packet *waiting; /* INGEST_WAITING_MAX; NULL while none wait */
};

struct show_ingest *show_ingest_create(struct packager *packager, int64_t base_ms)
{
    struct show_ingest *ingest = alloc_zero(sizeof *ingest);
    ingest->packager = packager;
    ingest->timeline = media_timeline_create(base_ms);
    return ingest;
}

void show_ingest_rebase(struct show_ingest *ingest, int64_t base_ms)
{
    if (ingest->has_first)
        return;
    media_timeline_destroy(ingest->timeline);
    ingest->timeline = media_timeline_create(base_ms);
}

bool show_ingest_has_media(const struct show_ingest *ingest)
{
    return ingest->has_first;
}

static void forget_waiting(struct show_ingest *ingest)
{
    alloc_free(ingest->waiting);
    ingest->waiting = NULL;
    ingest->n_waiting = ingest->n_waiting_bytes = 0;
}

static void drop_waiting(struct show_ingest *ingest)
{
    for (size_t i = 0; i < ingest->n_waiting; i++)
        media_packet_finish(&ingest->waiting[i]);
    forget_waiting(ingest);
}

void show_ingest_destroy(struct show_ingest *ingest)
{
    if (!ingest)
        return;
    drop_waiting(ingest);
    for (int i = 0; i < TRACK_KINDS; i++) {
        media_track_unref(ingest->tracks[i]);
        media_track_unref(ingest->changed[i]);
    }
    media_timeline_destroy(ingest->timeline);
    alloc_free(ingest);
}

int64_t show_ingest_locate_ms(const struct show_ingest *ingest, uint32_t stamp_ms)
{
    return show_ingest_has_media(ingest)
               ? media_timeline_locate_ms(ingest->timeline, stamp_ms)
               : -1;
}

struct track *show_ingest_track(const struct show_ingest *ingest, enum track_kind kind)
{
    return ingest->tracks[kind];
}

struct timeline_stats show_ingest_timeline(const struct show_ingest *ingest)
{
    return media_timeline_stats(ingest->timeline);
}

static int take_metadata(struct show_ingest *ingest,
                         const struct rtmp_metadata *metadata)
{
    ingest->has_metadata = true;
    ingest->announced[TRACK_VIDEO] = metadata->has_video;
    ingest->announced[TRACK_AUDIO] = metadata->has_audio;
    return 0;
}

/* The track that units of this kind belong to: the newest header's. NULL: none yet. */
static struct track *newest_track(const struct show_ingest *ingest,
                                  enum track_kind kind)
{
    return ingest->changed[kind] ? ingest->changed[kind] : ingest->tracks[kind];
}

/* Takes the track. Encoders repeat their headers: only one that differs changes the track,
 * and it waits for a key frame, which may have to complete it. */
static void adopt(struct show_ingest *ingest, struct track *track)
{
    enum track_kind kind = track->kind;
    bool waits = ingest->running || !media_track_is_complete(track);
    bool same = ingest->tracks[kind] && media_track_equal(ingest->tracks[kind], track);
    media_track_unref(ingest->changed[kind]);
    ingest->changed[kind] = NULL;
    if (same) {
        media_track_unref(track);
        return;
    }
    struct track **slot = waits ? &ingest->changed[kind] : &ingest->tracks[kind];
    media_track_unref(*slot);
    *slot = track;
}

/* Takes a video track, gives it with the colours that were told. */
static struct track *colored(const struct show_ingest *ingest, struct track *track)
{
    if (!ingest->is_color_told)
        return track;
    struct track_color color =
        show_color_merge(&ingest->told_color, &ingest->coded_color);
    struct track *copy = media_track_with_color(track, &color);
    media_track_unref(track);
    return copy;
}

static int take_color(struct show_ingest *ingest, const struct rtmp_color *color)
{
    struct track *track = newest_track(ingest, TRACK_VIDEO);
    ingest->told_color = *color;
    ingest->is_color_told = true;
    if (track)
        adopt(ingest, colored(ingest, media_track_ref(track)));
    return 0;
}

/* Old encoders sent HEVC under the number of H.264: the record tells. */
static int read_config(enum track_codec codec, struct buf *config,
                       struct track **ret_track, struct err *err)
{
    int failed = media_track_create(codec, config, ret_track, err);
    if (!failed || codec != TRACK_H264)
        return failed;
    return media_track_create(TRACK_HEVC, config, ret_track, NULL) == 0 ? 0 : failed;
}

static int take_config(struct show_ingest *ingest, enum track_codec codec,
                       struct buf *config, struct err *err)
{
    struct track *track;
    int failed = read_config(codec, config, &track, err);
    if (failed)
        return failed;
    if (track->kind == TRACK_VIDEO) {
        ingest->coded_color = track->color;
        track = colored(ingest, track);
    }
    adopt(ingest, track);
    return 0;
}

/* What a unit tells of its track beyond the header: VP9's size, the length of Opus' frames.
 * The latter is a measure for parts only, and stays while the show runs. */
static void refine(struct show_ingest *ingest, const struct packet *packet)
{
    struct track *track = newest_track(ingest, packet->kind);
    if (ingest->running && packet->kind == TRACK_AUDIO && !ingest->changed[TRACK_AUDIO])
        return;
    struct track *refined = media_access_unit_refine(track, packet);
    if (refined == track) {
        media_track_unref(refined);
        return;
    }
    if (packet->kind == TRACK_VIDEO) {
        adopt(ingest, refined);
        return;
    }
    struct track **slot = ingest->changed[TRACK_AUDIO] ? &ingest->changed[TRACK_AUDIO]
                                                       : &ingest->tracks[TRACK_AUDIO];
    media_track_unref(*slot);
    *slot = refined;
}

static int begin(struct show_ingest *ingest, int64_t now_ms, struct err *err)
{
    char token[SEGMENT_EPOCH_MAX];
    auth_secret_random_text(token, INGEST_TOKEN_LEN);
    for (int i = 0; i < TRACK_KINDS; i++) {
        if (!ingest->changed[i] || !media_track_is_complete(ingest->changed[i]))
            continue;
        media_track_unref(ingest->tracks[i]);
        ingest->tracks[i] = ingest->changed[i];
        ingest->changed[i] = NULL;
    }
    struct track *video = ingest->tracks[TRACK_VIDEO];
    struct track *audio = ingest->tracks[TRACK_AUDIO];
    int failed = 0;
    if (packager_continues(ingest->packager, video, audio))
        packager_resume(ingest->packager, now_ms);
    else
        failed = packager_begin(ingest->packager, token, video, audio, now_ms, err);
    ingest->running = !failed;
    return failed;
}

static int flush_waiting(struct show_ingest *ingest, int64_t now_ms, struct err *err)
{
    int failed = 0;
    for (size_t i = 0; i < ingest->n_waiting; i++) {
        struct packet *packet = &ingest->waiting[i];
        if (failed || !ingest->tracks[packet->kind])
            media_packet_finish(packet);
        else
            failed = packager_push(ingest->packager, packet, now_ms, err);
    }
    forget_waiting(ingest);
    return failed;
}

/* All tracks that were announced are known, or the wait is over. */
static bool may_begin(const struct show_ingest *ingest, uint32_t stamp_ms)
{
    bool video = ingest->tracks[TRACK_VIDEO];
    bool audio = ingest->tracks[TRACK_AUDIO];
    if (!video && !audio)
        return false;
    if (video && audio)
        return true;
    enum track_kind missing = video ? TRACK_AUDIO : TRACK_VIDEO;
    if (ingest->has_metadata && !ingest->announced[missing])
        return true;
    /* Stamps of two tracks interleave: one may lie before the first. */
    return (int32_t)(stamp_ms - ingest->first_stamp_ms) >= INGEST_WAIT_MS ||
           ingest->n_waiting == INGEST_WAITING_MAX ||
           ingest->n_waiting_bytes >= INGEST_WAITING_BYTES_MAX;
}

/* With this packet the tracks may change: a key frame, where there are pictures or will
 * be. */
static bool switches_at(const struct show_ingest *ingest, const struct packet *packet)
{
    bool changes = ingest->changed[TRACK_VIDEO] || ingest->changed[TRACK_AUDIO];
    bool pictures = ingest->tracks[TRACK_VIDEO] || ingest->changed[TRACK_VIDEO];
    return changes && packet->key &&
           packet->kind == (pictures ? TRACK_VIDEO : TRACK_AUDIO);
}

static void wait_with(struct show_ingest *ingest, const struct packet *packet)
{
    if (!ingest->waiting)
        ingest->waiting = alloc_array(INGEST_WAITING_MAX, sizeof *ingest->waiting);
    require(ingest->n_waiting < INGEST_WAITING_MAX);
    ingest->waiting[ingest->n_waiting++] = *packet;
    ingest->n_waiting_bytes += buf_bytes(packet->data).len;
}

/* Takes the packet. */
static int pass_on(struct show_ingest *ingest, struct packet *packet, uint32_t stamp_ms,
                   int64_t now_ms, struct err *err)
{
    int failed = 0;
    if (ingest->running) {
        if (switches_at(ingest, packet))
            failed = begin(ingest, now_ms, err);
        if (failed) {
            media_packet_finish(packet);
            return failed;
        }
        return packager_push(ingest->packager, packet, now_ms, err);
    }
    /* The wait is over when the places are used up, so there is one. */
    wait_with(ingest, packet);
    packager_hear(ingest->packager, now_ms);
    if (!may_begin(ingest, stamp_ms))
        return 0;
    failed = begin(ingest, now_ms, err);
    if (failed)
        drop_waiting(ingest);
    return failed ? failed : flush_waiting(ingest, now_ms, err);
}

static void note_first(struct show_ingest *ingest, uint32_t stamp_ms)
{
    if (ingest->has_first)
        return;
    ingest->has_first = true;
    ingest->first_stamp_ms = stamp_ms;
}

/* The track has come while the others run: it joins with the next key frame. */
static bool is_late(const struct show_ingest *ingest, enum track_kind kind)
{
    return ingest->running && !ingest->tracks[kind];
}

/* Pictures of a track that is not there yet need a key frame first. */
static bool may_pass(const struct show_ingest *ingest, const struct packet *picture)
{
    if (picture->key)
        return true;
    return !is_late(ingest, TRACK_VIDEO) &&
           (ingest->running || ingest->tracks[TRACK_VIDEO]);
}

static int take_video(struct show_ingest *ingest, const struct rtmp_media *media,
                      int64_t now_ms, struct err *err)
{
    const struct track *track = newest_track(ingest, TRACK_VIDEO);
    if (buf_bytes(media->data).len == 0)
        return 0; /* an empty access unit: nothing to show */
    struct packet packet;
    int failed = media_access_unit_clean(track, media->data, &packet, err);
    if (failed)
        return failed;
    if (packet.key)
        refine(ingest, &packet);
    if (!may_pass(ingest, &packet)) {
        media_packet_finish(&packet);
        return 0;
    }
    note_first(ingest, media->stamp_ms);
    media_timeline_video(ingest->timeline, media->stamp_ms, media->cts_ms, &packet.dts,
                         &packet.pts);
    return pass_on(ingest, &packet, media->stamp_ms, now_ms, err);
}

/* Sound of the next epoch has no place in the running one. */
static bool is_early(const struct show_ingest *ingest)
{
    return ingest->running && ingest->changed[TRACK_AUDIO] &&
           (ingest->tracks[TRACK_VIDEO] || ingest->changed[TRACK_VIDEO]);
}

static int take_audio(struct show_ingest *ingest, const struct rtmp_media *media,
                      int64_t now_ms, struct err *err)
{
    const struct track *track = newest_track(ingest, TRACK_AUDIO);
    if (is_late(ingest, TRACK_AUDIO) || is_early(ingest) ||
        buf_bytes(media->data).len == 0)
        return 0;
    struct packet packet;
    int failed = media_access_unit_clean(track, media->data, &packet, err);
    if (failed)
        return failed;
    note_first(ingest, media->stamp_ms);
    packet.dts = media_timeline_audio(ingest->timeline, media->stamp_ms,
                                      track->sample_rate, packet.n_samples);
    refine(ingest, &packet);
    packet.pts = packet.dts;
    return pass_on(ingest, &packet, media->stamp_ms, now_ms, err);
}

/* What hosts know the codec by; NULL: no name for it. FLV's ids (E.4.2.1, E.4.3.1 of the
 * format's version 10) and the FourCCs of Enhanced RTMP. */
static const char *codec_name(bool is_video, uint32_t id)
{
    static const struct {
        bool is_video;
        uint32_t id;
        const char *name;
    } names[] = {
        {true, 2, "H.263"},
        {true, 4, "VP6"},
        {true, 5, "VP6"},
        {true, 0x68657631, "HEVC"},
        {true, 0x76703038, "VP8"},
        {true, 0x76766331, "VVC"},
        {false, 0, "PCM"},
        {false, 1, "ADPCM"},
        {false, 2, "MP3"},
        {false, 3, "PCM"},
        {false, 7, "G.711"},
        {false, 8, "G.711"},
        {false, 11, "Speex"},
        {false, 14, "MP3"},
        {false, 0x664c6143, "FLAC"},
        {false, 0x61632d33, "AC-3"},
        {false, 0x65632d33, "E-AC-3"},
        {false, 0x2e6d7033, "MP3"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].is_video == is_video && names[i].id == id)
            return names[i].name;
    return NULL;
}

enum { FLV_CODEC_MAX = 15, NAME_MAX_LEN = 16 };

/* An id without a name, as its four letters or its number. */
static void spell_codec(uint32_t id, char *out, size_t out_size)
{
    char letters[5] = "";
    for (int i = 0; i < 4; i++) {
        char letter = (char)(id >> (24 - 8 * i) & 0x7f);
        letters[i] = letter > ' ' && letter <= '~' ? letter : '?';
    }
    if (id <= FLV_CODEC_MAX)
        (void)snprintf(out, out_size, "codec %u", id);
    else
        (void)snprintf(out, out_size, "codec %s", letters);
}

static int refuse_codec(const struct rtmp_media *media, bool is_video, struct err *err)
{
    char spelled[NAME_MAX_LEN];
    const char *name = codec_name(is_video, media->codec_id);
    spell_codec(media->codec_id, spelled, sizeof spelled);
    return err_set(err, ERR_UNSUPPORTED,
                   "the %s is %s, which this server does not take; set %s in your "
                   "encoder",
                   is_video ? "video" : "audio", name ? name : spelled,
                   is_video ? "H.264" : "AAC");
}

/* False: a codec that is not taken, or one of the other kind. */
static bool codec_of(enum rtmp_codec codec, bool is_video, enum track_codec *ret)
{
    static const struct {
        enum rtmp_codec from;
        bool is_video;
        enum track_codec to;
    } codecs[] = {
        {RTMP_CODEC_H264, true, TRACK_H264}, {RTMP_CODEC_HEVC, true, TRACK_HEVC},
        {RTMP_CODEC_AV1, true, TRACK_AV1},   {RTMP_CODEC_VP9, true, TRACK_VP9},
        {RTMP_CODEC_AAC, false, TRACK_AAC},  {RTMP_CODEC_OPUS, false, TRACK_OPUS},
    };
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        if (codecs[i].from != codec || codecs[i].is_video != is_video)
            continue;
        *ret = codecs[i].to;
        return true;
    }
    return false;
}

/* Units of another codec than the header's have lost theirs on the way. */
static bool is_expected(const struct show_ingest *ingest, enum track_kind kind,
                        enum track_codec codec)
{
    const struct track *track = newest_track(ingest, kind);
    return track && (track->codec == codec ||
                     (track->codec == TRACK_HEVC && codec == TRACK_H264));
}

static int take_media(struct show_ingest *ingest, const struct rtmp_event *event,
                      bool is_video, int64_t now_ms, struct err *err)
{
    const struct rtmp_media *media = &event->media;
    enum track_codec codec;
    if (!codec_of(media->codec, is_video, &codec))
        return refuse_codec(media, is_video, err);
    if (event->type == RTMP_EVENT_VIDEO_CONFIG ||
        event->type == RTMP_EVENT_AUDIO_CONFIG)
        return take_config(ingest, codec, media->data, err);
    if (!is_expected(ingest, is_video ? TRACK_VIDEO : TRACK_AUDIO, codec))
        return 0;
    return is_video ? take_video(ingest, media, now_ms, err)
                    : take_audio(ingest, media, now_ms, err);
}

int show_ingest_event(struct show_ingest *ingest, const struct rtmp_event *event,
                      int64_t now_ms, struct err *err)
{
    media_timeline_arrive(ingest->timeline, now_ms);
    switch (event->type) {
    case RTMP_EVENT_METADATA:
        return take_metadata(ingest, &event->metadata);
    case RTMP_EVENT_VIDEO_CONFIG:
    case RTMP_EVENT_VIDEO:
        return event->media.track_id == 0 ? take_media(ingest, event, true, now_ms, err)
                                          : 0;
    case RTMP_EVENT_AUDIO_CONFIG:
    case RTMP_EVENT_AUDIO:
        return event->media.track_id == 0
                   ? take_media(ingest, event, false, now_ms, err)
                   : 0;
    case RTMP_EVENT_VIDEO_COLOR:
        return event->color.track_id == 0 ? take_color(ingest, &event->color) : 0;
    case RTMP_EVENT_TRACK_END:
    case RTMP_EVENT_PUBLISH:
    case RTMP_EVENT_DATA:
    case RTMP_EVENT_UNPUBLISH:
        return 0;
    }
    return 0;
}
