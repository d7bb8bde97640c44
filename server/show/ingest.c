#include "server/show/ingest.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/require.h"
#include "packager/media/access_unit.h"
#include "packager/media/timeline.h"
#include "server/auth/secret.h"
#include "server/show/lineup.h"

enum { INGEST_TOKEN_LEN = 8 };

struct waiting {
    struct packet packet;
    struct lineup_slot *slot;
};

/* Units that came without a header that could be read. */
struct headless {
    struct err why; /* the newest header was refused; code 0: it was not */
    unsigned n;     /* since the newest header */
};

struct show_ingest {
    struct packager *packager;
    struct timeline *timeline;
    struct lineup lineup;
    bool running; /* packager_begin() was called */
    bool has_metadata;
    struct rtmp_metadata metadata;
    bool has_first;
    uint32_t first_stamp_ms; /* of the first media message */
    int64_t lead_ms;         /* media time less clock, of the first unit */
    bool ahead;              /* its media is refused until a key frame comes in time */
    uint64_t n_units;        /* that could be read */
    struct headless headless[TRACK_KINDS];
    size_t n_waiting, n_waiting_bytes;
    struct waiting *waiting; /* INGEST_WAITING_MAX; NULL while none wait */
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

uint64_t show_ingest_units(const struct show_ingest *ingest)
{
    return ingest->n_units;
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
        media_packet_finish(&ingest->waiting[i].packet);
    forget_waiting(ingest);
}

void show_ingest_destroy(struct show_ingest *ingest)
{
    if (!ingest)
        return;
    drop_waiting(ingest);
    show_lineup_finish(&ingest->lineup);
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
    const struct lineup_slot *lead = show_lineup_lead(&ingest->lineup, kind);
    return lead ? lead->track : NULL;
}

bool show_ingest_is_led_by(const struct show_ingest *ingest,
                           const struct rtmp_event *event)
{
    if (event->type != RTMP_EVENT_VIDEO && event->type != RTMP_EVENT_AUDIO)
        return false;
    enum track_kind kind = event->type == RTMP_EVENT_VIDEO ? TRACK_VIDEO : TRACK_AUDIO;
    const struct lineup_slot *lead = show_lineup_lead(&ingest->lineup, kind);
    return event->media.track_id == (lead ? lead->track_id : 0);
}

struct timeline_stats show_ingest_timeline(const struct show_ingest *ingest)
{
    return media_timeline_stats(ingest->timeline);
}

static int take_metadata(struct show_ingest *ingest,
                         const struct rtmp_metadata *metadata)
{
    ingest->has_metadata = true;
    ingest->metadata = *metadata;
    return 0;
}

static int take_color(struct show_ingest *ingest, const struct rtmp_color *color)
{
    struct lineup_slot *slot =
        show_lineup_claim(&ingest->lineup, TRACK_VIDEO, color->track_id);
    if (slot)
        show_lineup_tell_color(&ingest->lineup, slot, color);
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

static int take_config(struct show_ingest *ingest, const struct rtmp_media *media,
                       enum track_codec codec, struct err *err)
{
    struct track *track;
    int failed = read_config(codec, media->data, &track, err);
    if (failed)
        return failed;
    struct lineup_slot *slot =
        show_lineup_claim(&ingest->lineup, track->kind, media->track_id);
    if (slot) {
        show_lineup_header(&ingest->lineup, slot, track);
        return 0;
    }
    const char *kind = track->kind == TRACK_VIDEO ? "video" : "audio";
    media_track_unref(track);
    return err_set(err, ERR_LIMIT, "more than %d %s tracks; track %u is left out",
                   LINEUP_TRACKS_MAX, kind, media->track_id);
}

/* What the publisher calls a track's language; "": nothing. */
static const char *language_of(const struct show_ingest *ingest,
                               const struct lineup_slot *slot)
{
    const struct rtmp_metadata *metadata = &ingest->metadata;
    for (size_t i = 0; i < metadata->n_audio_tracks && slot->kind == TRACK_AUDIO; i++)
        if (metadata->audio_tracks[i].track_id == slot->track_id &&
            metadata->audio_tracks[i].language[0])
            return metadata->audio_tracks[i].language;
    return "";
}

static size_t list_tracks(struct show_ingest *ingest,
                          struct packager_track ret_tracks[LINEUP_SLOTS_MAX])
{
    struct lineup_slot *slots[LINEUP_SLOTS_MAX];
    size_t n = show_lineup_begin(&ingest->lineup, slots);
    for (size_t i = 0; i < n; i++) {
        ret_tracks[i] = (struct packager_track){.track = slots[i]->track};
        (void)snprintf(ret_tracks[i].language, sizeof ret_tracks[i].language, "%s",
                       language_of(ingest, slots[i]));
    }
    return n;
}

static int begin(struct show_ingest *ingest, int64_t now_ms, struct err *err)
{
    char token[SEGMENT_EPOCH_MAX];
    auth_secret_random_text(token, INGEST_TOKEN_LEN);
    struct packager_track tracks[LINEUP_SLOTS_MAX];
    size_t n = list_tracks(ingest, tracks);
    int failed = 0;
    if (packager_continues(ingest->packager, tracks, n))
        packager_resume(ingest->packager, now_ms);
    else
        failed = packager_begin(ingest->packager, token, tracks, n, now_ms, err);
    ingest->running = !failed;
    ingest->lineup.runs = !failed;
    return failed;
}

/* Takes the packet. */
static int push(struct show_ingest *ingest, const struct lineup_slot *slot,
                struct packet *packet, int64_t now_ms, struct err *err)
{
    if (!slot->runs) {
        media_packet_finish(packet);
        return 0;
    }
    packet->index = (uint8_t)slot->index;
    return packager_push(ingest->packager, packet, now_ms, err);
}

static int flush_waiting(struct show_ingest *ingest, int64_t now_ms, struct err *err)
{
    int failed = 0;
    for (size_t i = 0; i < ingest->n_waiting; i++) {
        struct waiting *waiting = &ingest->waiting[i];
        if (failed)
            media_packet_finish(&waiting->packet);
        else
            failed = push(ingest, waiting->slot, &waiting->packet, now_ms, err);
    }
    forget_waiting(ingest);
    return failed;
}

static unsigned n_announced(const struct show_ingest *ingest, enum track_kind kind)
{
    const struct rtmp_metadata *metadata = &ingest->metadata;
    bool is_video = kind == TRACK_VIDEO;
    unsigned n = is_video ? metadata->n_video_tracks : metadata->n_audio_tracks;
    if (n == 0)
        n = is_video ? metadata->has_video : metadata->has_audio;
    return n < LINEUP_TRACKS_MAX ? n : LINEUP_TRACKS_MAX;
}

/* Nothing more of this kind is to be waited for. */
static bool is_all_there(const struct show_ingest *ingest, enum track_kind kind)
{
    unsigned n = show_lineup_count(&ingest->lineup, kind);
    return ingest->has_metadata ? n >= n_announced(ingest, kind) : n > 0;
}

/* All tracks that were announced are known, or the wait is over. */
static bool may_begin(const struct show_ingest *ingest, uint32_t stamp_ms)
{
    bool any = show_lineup_count(&ingest->lineup, TRACK_VIDEO) > 0 ||
               show_lineup_count(&ingest->lineup, TRACK_AUDIO) > 0;
    if (!any)
        return false;
    if (is_all_there(ingest, TRACK_VIDEO) && is_all_there(ingest, TRACK_AUDIO))
        return true;
    /* Stamps of two tracks interleave: one may lie before the first. */
    return (int32_t)(stamp_ms - ingest->first_stamp_ms) >= INGEST_WAIT_MS ||
           ingest->n_waiting == INGEST_WAITING_MAX ||
           ingest->n_waiting_bytes >= INGEST_WAITING_BYTES_MAX;
}

static void wait_with(struct show_ingest *ingest, struct lineup_slot *slot,
                      const struct packet *packet)
{
    if (!ingest->waiting)
        ingest->waiting = alloc_array(INGEST_WAITING_MAX, sizeof *ingest->waiting);
    require(ingest->n_waiting < INGEST_WAITING_MAX);
    ingest->waiting[ingest->n_waiting++] =
        (struct waiting){.packet = *packet, .slot = slot};
    ingest->n_waiting_bytes += buf_bytes(packet->data).len;
}

/* With this packet the tracks may change: a key frame, where there are pictures or will
 * be. */
static bool switches_at(const struct show_ingest *ingest,
                        const struct lineup_slot *slot, const struct packet *packet)
{
    return packet->key && show_lineup_is_first(&ingest->lineup, slot) &&
           show_lineup_changes(&ingest->lineup);
}

/* Takes the packet. */
static int pass_on(struct show_ingest *ingest, struct lineup_slot *slot,
                   struct packet *packet, uint32_t stamp_ms, int64_t now_ms,
                   struct err *err)
{
    int failed = 0;
    if (ingest->running) {
        if (switches_at(ingest, slot, packet))
            failed = begin(ingest, now_ms, err);
        if (failed) {
            media_packet_finish(packet);
            return failed;
        }
        return push(ingest, slot, packet, now_ms, err);
    }
    /* The wait is over when the places are used up, so there is one. */
    wait_with(ingest, slot, packet);
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

/* Whether the unit has a place now. Pictures that are not complete need a key frame. A
 * track that is new or has changed while others run has its place from the next beginning
 * on; that of the first track is its own key frame, and until then it goes on. */
static bool may_pass(const struct show_ingest *ingest, const struct lineup_slot *slot,
                     const struct packet *unit)
{
    if (!ingest->running)
        return unit->key || slot->track;
    if (slot->runs && !slot->changed)
        return true;
    return show_lineup_is_first(&ingest->lineup, slot) && (unit->key || slot->runs);
}

static void set_times(struct show_ingest *ingest, struct lineup_slot *slot,
                      const struct rtmp_media *media, struct packet *unit)
{
    bool leads = slot == show_lineup_lead(&ingest->lineup, slot->kind);
    struct timeline *timeline = ingest->timeline;
    uint32_t stamp_ms = media->stamp_ms;
    if (slot->kind == TRACK_VIDEO && leads) {
        media_timeline_video(timeline, stamp_ms, media->cts_ms, &unit->dts, &unit->pts);
    } else if (slot->kind == TRACK_VIDEO) {
        media_follower_video(&slot->clock, timeline, stamp_ms, media->cts_ms,
                             &unit->dts, &unit->pts);
    } else {
        uint32_t rate = show_lineup_newest(slot)->sample_rate;
        unit->dts =
            leads ? media_timeline_audio(timeline, stamp_ms, rate, unit->n_samples)
                  : media_follower_audio(&slot->clock, timeline, stamp_ms, rate,
                                         unit->n_samples);
        unit->pts = unit->dts;
    }
}

/* Units of another codec than the header's have lost theirs on the way. */
static bool is_expected(const struct lineup_slot *slot, enum track_codec codec)
{
    const struct track *track = slot ? show_lineup_newest(slot) : NULL;
    return track && (track->codec == codec ||
                     (track->codec == TRACK_HEVC && codec == TRACK_H264));
}

static int check_lead(struct show_ingest *ingest, const struct lineup_slot *slot,
                      const struct packet *unit, bool first, int64_t now_ms,
                      struct err *err)
{
    uint32_t timescale = show_lineup_newest(slot)->timescale;
    int64_t lead_ms = media_packet_rescale(unit->dts, timescale, 1000) - now_ms;
    if (first)
        ingest->lead_ms = lead_ms;
    if (lead_ms - ingest->lead_ms > INGEST_AHEAD_MAX_MS)
        ingest->ahead = true;
    else if (unit->key && show_lineup_is_first(&ingest->lineup, slot))
        ingest->ahead = false;
    if (!ingest->ahead)
        return 0;
    return err_set(
        err, ERR_MEDIA,
        "the encoder sends faster than time; send in real time (ffmpeg: -re)");
}

static int take_unit(struct show_ingest *ingest, struct lineup_slot *slot,
                     const struct rtmp_media *media, int64_t now_ms, struct err *err)
{
    if (buf_bytes(media->data).len == 0)
        return 0; /* nothing to show or hear */
    struct packet unit;
    int failed =
        media_access_unit_clean(show_lineup_newest(slot), media->data, &unit, err);
    if (failed)
        return failed;
    ingest->n_units++;
    if (unit.key) {
        slot->ended = false;
        show_lineup_refine(&ingest->lineup, slot, &unit);
    }
    if (slot->ended || !may_pass(ingest, slot, &unit)) {
        media_packet_finish(&unit);
        return 0;
    }
    bool first = !ingest->has_first;
    note_first(ingest, media->stamp_ms);
    set_times(ingest, slot, media, &unit);
    failed = check_lead(ingest, slot, &unit, first, now_ms, err);
    if (failed) {
        media_packet_finish(&unit);
        return failed;
    }
    return pass_on(ingest, slot, &unit, media->stamp_ms, now_ms, err);
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

static enum track_kind kind_of(bool is_video)
{
    return is_video ? TRACK_VIDEO : TRACK_AUDIO;
}

/* Encoders send a header once: what was wrong with it holds for all that follows. */
static int take_header(struct show_ingest *ingest, const struct rtmp_media *media,
                       bool is_video, enum track_codec codec, struct err *err)
{
    struct headless *headless = &ingest->headless[kind_of(is_video)];
    *headless = (struct headless){0};
    int failed = take_config(ingest, media, codec, &headless->why);
    return failed ? err_set(err, headless->why.code, "%s", headless->why.text) : 0;
}

/* A unit whose header was refused, has not come or is of another codec. Of tracks that
 * there was no place for, that was said once. */
static int refuse_unit(struct show_ingest *ingest, const struct lineup_slot *slot,
                       bool is_video, struct err *err)
{
    struct headless *headless = &ingest->headless[kind_of(is_video)];
    const struct err *why = &headless->why;
    if (why->code == ERR_LIMIT && !slot)
        return 0;
    if (why->code)
        return err_set(err, why->code, "%s", why->text);
    if (++headless->n <= INGEST_HEADLESS_MAX)
        return 0;
    headless->n = INGEST_HEADLESS_MAX;
    return err_set(err, ERR_MEDIA,
                   "the %s comes without its header, so nobody can show it; stop the "
                   "encoder and start it again",
                   is_video ? "video" : "audio");
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
        return take_header(ingest, media, is_video, codec, err);
    struct lineup_slot *slot =
        show_lineup_find(&ingest->lineup, kind_of(is_video), media->track_id);
    return is_expected(slot, codec) ? take_unit(ingest, slot, media, now_ms, err)
                                    : refuse_unit(ingest, slot, is_video, err);
}

static int take_end(struct show_ingest *ingest, bool is_video, uint8_t track_id)
{
    struct lineup_slot *slot =
        show_lineup_find(&ingest->lineup, kind_of(is_video), track_id);
    if (slot && ingest->running)
        show_lineup_end(slot);
    return 0;
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
        return take_media(ingest, event, true, now_ms, err);
    case RTMP_EVENT_AUDIO_CONFIG:
    case RTMP_EVENT_AUDIO:
        return take_media(ingest, event, false, now_ms, err);
    case RTMP_EVENT_VIDEO_COLOR:
        return take_color(ingest, &event->color);
    case RTMP_EVENT_TRACK_END:
        return take_end(ingest, event->track_end.is_video, event->track_end.track_id);
    case RTMP_EVENT_PUBLISH:
    case RTMP_EVENT_DATA:
    case RTMP_EVENT_UNPUBLISH:
        return 0;
    }
    return 0;
}
