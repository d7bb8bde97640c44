#include "server/show/coach_rules.h"

#include <stdio.h>

enum {
    COACH_SIZE_MEMORY_MS = 60000, /* a change of size is told for a minute */
    COACH_USUAL_FADES = 128,      /* the usual rate falls by this part a second: it is
                                     forgotten in some minutes */
};

static const char *const names[] = {
#define COACH_NAME(code, name, unit) name,
    COACH_LIST(COACH_NAME)
#undef COACH_NAME
};

static const char *const units[] = {
#define COACH_UNIT(code, name, unit) unit,
    COACH_LIST(COACH_UNIT)
#undef COACH_UNIT
};

const char *show_coach_name(enum coach_code code)
{
    return names[code];
}

const char *show_coach_unit(enum coach_code code)
{
    return units[code];
}

const char *show_coach_level_text(enum coach_level level)
{
    static const char *const texts[] = {"fine", "info", "warn", "problem"};
    return texts[level];
}

void show_coach_init(struct show_coach *coach)
{
    *coach = (struct show_coach){0};
    for (int i = 0; i < COACH_CODES; i++) {
        coach->items[i].broken_ms = coach->items[i].kept_ms = INT64_MIN;
        coach->items[i].finding.code = (enum coach_code)i;
    }
}

void show_coach_note_metadata(struct show_coach *coach, bool has_video, bool has_audio,
                              uint32_t fps_milli)
{
    coach->facts.announced[TRACK_VIDEO] = has_video;
    coach->facts.announced[TRACK_AUDIO] = has_audio;
    coach->facts.declared_fps_milli = fps_milli;
}

void show_coach_note_allowed(struct show_coach *coach, uint32_t max_kbps)
{
    coach->facts.max_kbps = max_kbps;
}

void show_coach_note_refused(struct show_coach *coach, const char *words,
                             int64_t now_ms)
{
    coach->facts.refused_ms = now_ms;
    (void)snprintf(coach->facts.refused, sizeof coach->facts.refused, "%s", words);
}

void show_coach_note_cue_refused(struct show_coach *coach, const char *words,
                                 int64_t now_ms)
{
    coach->facts.n_cues_refused++;
    coach->facts.cues_refused_ms = now_ms;
    (void)snprintf(coach->facts.cue_refused, sizeof coach->facts.cue_refused, "%s",
                   words);
}

void show_coach_note_rival(struct show_coach *coach, int64_t now_ms)
{
    coach->facts.n_rivals++;
    coach->facts.rival_ms = now_ms;
}

void show_coach_note_size(struct show_coach *coach, uint32_t width, uint32_t height,
                          int64_t now_ms)
{
    struct coach_facts *facts = &coach->facts;
    if (now_ms - facts->size_ms > COACH_SIZE_MEMORY_MS)
        facts->n_sizes = 0;
    if (width == 0 || (width == facts->width && height == facts->height))
        return;
    if (facts->width != 0) {
        facts->n_sizes++;
        facts->size_ms = now_ms;
    }
    facts->width = width;
    facts->height = height;
}

void show_coach_note_long_gop(struct show_coach *coach, int64_t gop_ms, int64_t now_ms)
{
    coach->facts.long_gop_ms = gop_ms;
    coach->facts.long_gop_at_ms = now_ms;
}

void show_coach_note_short_parts(struct show_coach *coach, int64_t n_parts,
                                 int64_t now_ms)
{
    coach->facts.n_short_parts = n_parts;
    coach->facts.short_parts_at_ms = now_ms;
}

static void note_usual(struct coach_facts *facts,
                       const struct show_meter_reading *reading)
{
    facts->usual_kbps -= facts->usual_kbps / COACH_USUAL_FADES;
    if (reading->kbps_long > facts->usual_kbps)
        facts->usual_kbps = reading->kbps_long;
}

static void judge_one(struct show_coach *coach, enum coach_code code,
                      const struct show_meter_reading *reading, int64_t now_ms)
{
    const struct coach_rule *rule = &show_coach_rules[code];
    struct coach_finding *finding = &coach->items[code].finding;
    struct coach_look look = {.facts = &coach->facts,
                              .reading = reading,
                              .now_ms = now_ms,
                              .stands = coach->items[code].stands};
    enum coach_level level = rule->look(&look, &finding->value, finding->text);
    if (level == COACH_FINE) {
        coach->items[code].broken_ms = INT64_MIN;
        if (coach->items[code].kept_ms == INT64_MIN)
            coach->items[code].kept_ms = now_ms;
        if (now_ms - coach->items[code].kept_ms >= rule->clear_ms)
            coach->items[code].stands = false;
        return;
    }
    coach->items[code].kept_ms = INT64_MIN;
    if (coach->items[code].broken_ms == INT64_MIN)
        coach->items[code].broken_ms = now_ms;
    finding->level = level;
    if (coach->items[code].stands ||
        now_ms - coach->items[code].broken_ms < rule->raise_ms)
        return;
    coach->items[code].stands = true;
    finding->since_ms = coach->items[code].broken_ms;
}

void show_coach_judge(struct show_coach *coach,
                      const struct show_meter_reading *reading, int64_t now_ms)
{
    note_usual(&coach->facts, reading);
    for (int i = 0; i < COACH_CODES; i++)
        judge_one(coach, (enum coach_code)i, reading, now_ms);
}

size_t show_coach_findings(const struct show_coach *coach,
                           struct coach_finding ret[COACH_CODES])
{
    size_t n = 0;
    for (enum coach_level level = COACH_PROBLEM; level > COACH_FINE; level--)
        for (int i = 0; i < COACH_CODES; i++)
            if (coach->items[i].stands && coach->items[i].finding.level == level)
                ret[n++] = coach->items[i].finding;
    return n;
}

bool show_coach_next_change(struct show_coach *coach, struct coach_finding *ret)
{
    for (int i = 0; i < COACH_CODES; i++) {
        enum coach_level now =
            coach->items[i].stands ? coach->items[i].finding.level : COACH_FINE;
        if (now == coach->items[i].told)
            continue;
        coach->items[i].told = now;
        *ret = coach->items[i].finding;
        ret->level = now;
        return true;
    }
    return false;
}
