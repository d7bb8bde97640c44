#include "server/show/lineup.h"

#include <string.h>

#include "packager/media/access_unit.h"
#include "server/show/color.h"

static void clear(struct lineup_slot *slot)
{
    media_track_unref(slot->track);
    media_track_unref(slot->changed);
    *slot = (struct lineup_slot){0};
}

void show_lineup_finish(struct lineup *lineup)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        for (int i = 0; i < LINEUP_TRACKS_MAX; i++)
            clear(&lineup->slots[kind][i]);
}

struct lineup_slot *show_lineup_find(struct lineup *lineup, enum track_kind kind,
                                     uint8_t track_id)
{
    for (int i = 0; i < LINEUP_TRACKS_MAX; i++) {
        struct lineup_slot *slot = &lineup->slots[kind][i];
        if (slot->used && slot->track_id == track_id)
            return slot;
    }
    return NULL;
}

struct lineup_slot *show_lineup_claim(struct lineup *lineup, enum track_kind kind,
                                      uint8_t track_id)
{
    struct lineup_slot *found = show_lineup_find(lineup, kind, track_id);
    for (int i = 0; i < LINEUP_TRACKS_MAX && !found; i++) {
        struct lineup_slot *slot = &lineup->slots[kind][i];
        if (slot->used)
            continue;
        *slot = (struct lineup_slot){.used = true, .kind = kind, .track_id = track_id};
        found = slot;
    }
    return found;
}

struct track *show_lineup_newest(const struct lineup_slot *slot)
{
    return slot->changed ? slot->changed : slot->track;
}

struct lineup_slot *show_lineup_lead(const struct lineup *lineup, enum track_kind kind)
{
    const struct lineup_slot *lead = NULL;
    for (int i = 0; i < LINEUP_TRACKS_MAX; i++) {
        const struct lineup_slot *slot = &lineup->slots[kind][i];
        if (slot->used && !slot->ended && show_lineup_newest(slot) &&
            (!lead || slot->track_id < lead->track_id))
            lead = slot;
    }
    return (struct lineup_slot *)(uintptr_t)lead;
}

bool show_lineup_is_first(const struct lineup *lineup, const struct lineup_slot *slot)
{
    const struct lineup_slot *lead = show_lineup_lead(lineup, TRACK_VIDEO);
    return slot == (lead ? lead : show_lineup_lead(lineup, TRACK_AUDIO));
}

unsigned show_lineup_count(const struct lineup *lineup, enum track_kind kind)
{
    unsigned n = 0;
    for (int i = 0; i < LINEUP_TRACKS_MAX; i++)
        n += lineup->slots[kind][i].track != NULL;
    return n;
}

/* Takes the track. */
static void adopt(struct lineup *lineup, struct lineup_slot *slot, struct track *track)
{
    bool waits = lineup->runs || !media_track_is_complete(track);
    bool same = slot->track && media_track_equal(slot->track, track);
    media_track_unref(slot->changed);
    slot->changed = NULL;
    if (same) {
        media_track_unref(track);
        return;
    }
    struct track **place = waits ? &slot->changed : &slot->track;
    media_track_unref(*place);
    *place = track;
}

/* Takes a track, gives it with the colours that were told. */
static struct track *colored(const struct lineup_slot *slot, struct track *track)
{
    if (!slot->is_color_told)
        return track;
    struct track_color color = show_color_merge(&slot->told_color, &slot->coded_color);
    struct track *copy = media_track_with_color(track, &color);
    media_track_unref(track);
    return copy;
}

void show_lineup_header(struct lineup *lineup, struct lineup_slot *slot,
                        struct track *track)
{
    slot->ended = false;
    if (slot->kind == TRACK_VIDEO) {
        slot->coded_color = track->color;
        track = colored(slot, track);
    }
    adopt(lineup, slot, track);
}

void show_lineup_tell_color(struct lineup *lineup, struct lineup_slot *slot,
                            const struct rtmp_color *color)
{
    struct track *track = show_lineup_newest(slot);
    slot->told_color = *color;
    slot->is_color_told = true;
    if (track)
        adopt(lineup, slot, colored(slot, media_track_ref(track)));
}

/* The length of sound frames is a measure for parts only, and stays while they are made. */
static void refine_sound(struct lineup_slot *slot, struct track *refined)
{
    struct track **place = slot->changed ? &slot->changed : &slot->track;
    media_track_unref(*place);
    *place = refined;
}

/* What a unit has added to what its track says of colours; a new record says all anew. */
static void note_coded(struct lineup_slot *slot, const struct track *track,
                       const struct track *refined)
{
    const struct track_color *found = &refined->color;
    struct track_color *coded = &slot->coded_color;
    if (refined->config != track->config) {
        *coded = *found;
        return;
    }
    if (found->has_light_level && !track->color.has_light_level) {
        coded->has_light_level = true;
        coded->max_cll = found->max_cll;
        coded->max_fall = found->max_fall;
    }
    if (!found->has_mastering || track->color.has_mastering)
        return;
    coded->has_mastering = true;
    memcpy(coded->mastering_xy, found->mastering_xy, sizeof coded->mastering_xy);
    coded->luminance_max = found->luminance_max;
    coded->luminance_min = found->luminance_min;
}

static void refine_pictures(struct lineup *lineup, struct lineup_slot *slot,
                            const struct track *track, struct track *refined)
{
    note_coded(slot, track, refined);
    adopt(lineup, slot, colored(slot, refined));
}

void show_lineup_refine(struct lineup *lineup, struct lineup_slot *slot,
                        const struct packet *unit)
{
    struct track *track = show_lineup_newest(slot);
    bool is_sound = slot->kind == TRACK_AUDIO;
    if (is_sound && slot->runs && !slot->changed)
        return;
    struct track *refined = media_access_unit_refine(track, unit);
    if (refined == track)
        media_track_unref(refined);
    else if (is_sound)
        refine_sound(slot, refined);
    else
        refine_pictures(lineup, slot, track, refined);
}

void show_lineup_end(struct lineup_slot *slot)
{
    if (slot->runs)
        slot->ended = true;
    else
        clear(slot);
}

static bool may_take_effect(const struct lineup_slot *slot)
{
    return slot->changed && media_track_is_complete(slot->changed);
}

bool show_lineup_changes(const struct lineup *lineup)
{
    for (int kind = 0; kind < TRACK_KINDS; kind++)
        for (int i = 0; i < LINEUP_TRACKS_MAX; i++) {
            const struct lineup_slot *slot = &lineup->slots[kind][i];
            if (slot->ended || may_take_effect(slot))
                return true;
        }
    return false;
}

static void take_effect(struct lineup_slot *slot)
{
    if (slot->ended)
        clear(slot);
    if (!may_take_effect(slot))
        return;
    media_track_unref(slot->track);
    slot->track = slot->changed;
    slot->changed = NULL;
}

/* The track with the lowest number above after; NULL: there is none. */
static struct lineup_slot *next_slot(struct lineup *lineup, enum track_kind kind,
                                     int after)
{
    struct lineup_slot *next = NULL;
    for (int i = 0; i < LINEUP_TRACKS_MAX; i++) {
        struct lineup_slot *slot = &lineup->slots[kind][i];
        if (slot->track && slot->track_id > after &&
            (!next || slot->track_id < next->track_id))
            next = slot;
    }
    return next;
}

size_t show_lineup_begin(struct lineup *lineup,
                         struct lineup_slot *ret_slots[LINEUP_SLOTS_MAX])
{
    size_t n = 0;
    for (int kind = 0; kind < TRACK_KINDS; kind++) {
        for (int i = 0; i < LINEUP_TRACKS_MAX; i++)
            take_effect(&lineup->slots[kind][i]);
        unsigned index = 0;
        int after = -1;
        struct lineup_slot *slot;
        while ((slot = next_slot(lineup, (enum track_kind)kind, after))) {
            after = slot->track_id;
            slot->index = index++;
            slot->runs = true;
            ret_slots[n++] = slot;
        }
    }
    lineup->runs = true;
    return n;
}
