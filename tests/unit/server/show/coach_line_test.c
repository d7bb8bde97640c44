/* What is said of the line, from an encoder and a line on paper: frames are made at their
 * times, wait for the line, and arrive as it carries them. */
#include "server/show/coach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
    STEP_MS = 10,
    FPS = 30,
    GOP_FRAMES = 60,
    SOUND_US = 23220,
    SOUND_BYTES = 260,
    WAITING_MAX = 4096,
    GIVE_UP_MS = 700, /* encoders leave out frames when as much waits */
};

struct packet {
    enum track_kind kind;
    bool key;
    uint32_t stamp_ms;
    size_t len, left;
};

struct road {
    struct show_meter meter;
    struct show_coach coach;
    int64_t now_ms, media_us;
    int64_t n_frames, n_sounds;
    struct packet waiting[WAITING_MAX]; /* a ring */
    size_t first, n_waiting;
    /* the encoder */
    size_t key_bytes, frame_bytes;
    int64_t pace_permille; /* of real time, that it makes */
    bool gives_up;
    int leave_out; /* of so many frames one; 0: none */
    /* the line */
    int64_t line_kbps;        /* 0: more than is needed */
    int64_t open_ms, shut_ms; /* in turn; 0: always open */
    int64_t credit;           /* bits */
};

static struct road *begin(void)
{
    static struct road road;
    road =
        (struct road){.key_bytes = 60000, .frame_bytes = 8000, .pace_permille = 1000};
    show_meter_init(&road.meter, 0);
    show_coach_init(&road.coach);
    show_coach_note_metadata(&road.coach, true, true, FPS * 1000);
    return &road;
}

static void put(struct road *road, struct packet packet)
{
    assert_true(road->n_waiting < WAITING_MAX);
    packet.left = packet.len;
    road->waiting[(road->first + road->n_waiting++) % WAITING_MAX] = packet;
}

static bool is_jammed(const struct road *road, int64_t stamp_ms)
{
    return road->gives_up && road->n_waiting > 0 &&
           stamp_ms - road->waiting[road->first].stamp_ms > GIVE_UP_MS;
}

static void make_frame(struct road *road)
{
    int64_t n = road->n_frames++;
    int64_t stamp_ms = n * 1000 / FPS;
    bool key = n % GOP_FRAMES == 0;
    bool left_out =
        is_jammed(road, stamp_ms) || (road->leave_out > 0 && n % road->leave_out == 1);
    if (!key && left_out)
        return;
    put(road, (struct packet){.kind = TRACK_VIDEO,
                              .key = key,
                              .stamp_ms = (uint32_t)stamp_ms,
                              .len = key ? road->key_bytes : road->frame_bytes});
}

static void encode(struct road *road)
{
    road->media_us += STEP_MS * road->pace_permille;
    while (road->n_frames * 1000000 / FPS <= road->media_us)
        make_frame(road);
    for (; road->n_sounds * SOUND_US <= road->media_us; road->n_sounds++)
        put(road,
            (struct packet){.kind = TRACK_AUDIO,
                            .stamp_ms = (uint32_t)(road->n_sounds * SOUND_US / 1000),
                            .len = SOUND_BYTES});
}

static bool is_shut(const struct road *road)
{
    return road->shut_ms > 0 &&
           road->now_ms % (road->open_ms + road->shut_ms) >= road->open_ms;
}

/* How many bytes of what waits the line takes now. */
static size_t carry(struct road *road)
{
    if (is_shut(road))
        return 0;
    if (road->line_kbps == 0)
        return SIZE_MAX;
    road->credit += road->line_kbps * STEP_MS;
    return (size_t)road->credit / 8;
}

static void arrive(struct road *road)
{
    size_t room = carry(road);
    size_t len = 0;
    while (room > len && road->n_waiting > 0) {
        struct packet *packet = &road->waiting[road->first];
        size_t part = packet->left < room - len ? packet->left : room - len;
        packet->left -= part;
        len += part;
        if (packet->left > 0)
            break;
        show_meter_packet(&road->meter, packet->kind, packet->stamp_ms, 0, packet->key,
                          packet->len, road->now_ms);
        road->first = (road->first + 1) % WAITING_MAX;
        road->n_waiting--;
    }
    if (len > 0)
        show_meter_arrival(&road->meter, len, road->now_ms);
    road->credit = road->n_waiting > 0 ? road->credit - (int64_t)len * 8 : 0;
}

static void run(struct road *road, int64_t ms)
{
    struct show_meter_reading reading;
    for (int64_t end_ms = road->now_ms + ms; road->now_ms < end_ms;
         road->now_ms += STEP_MS) {
        encode(road);
        arrive(road);
        if (!show_meter_tick(&road->meter, road->now_ms))
            continue;
        show_meter_read(&road->meter, road->now_ms, &reading);
        show_coach_judge(&road->coach, &reading, road->now_ms);
    }
}

/* The finding's words, or NULL. */
static const char *find(const struct road *road, enum coach_code code)
{
    static struct coach_finding findings[COACH_CODES];
    size_t n = show_coach_findings(&road->coach, findings);
    for (size_t i = 0; i < n; i++)
        if (findings[i].code == code)
            return findings[i].text;
    return NULL;
}

static void expect(const struct road *road, enum coach_code code, const char *words)
{
    const char *text = find(road, code);
    if (!text || !strstr(text, words))
        fail_msg("%s: %s", show_coach_name(code), text ? text : "is not told");
}

static void expect_not(const struct road *road, enum coach_code code)
{
    const char *text = find(road, code);
    if (text)
        fail_msg("%s", text);
}

static void expect_nothing(const struct road *road)
{
    for (int code = 0; code < COACH_CODES; code++)
        expect_not(road, (enum coach_code)code);
}

static void blames_a_line_that_brings_all_bytes_at_one_rate(void **state)
{
    (void)state;
    struct road *road = begin();
    road->line_kbps = 1500;
    run(road, 10000);
    expect(road, COACH_UPLOAD_SAGS, "Upload sags to 1");
    for (int i = 0; i < 20; i++) {
        run(road, 1000);
        expect(road, COACH_UPLOAD_SAGS, "Upload sags to 1");
        expect_not(road, COACH_FALLS_BEHIND);
    }
}

static void blames_an_encoder_that_leaves_the_line_idle(void **state)
{
    (void)state;
    struct road *road = begin();
    road->pace_permille = 850;
    run(road, 10000);
    for (int i = 0; i < 20; i++) {
        run(road, 1000);
        expect(road, COACH_FALLS_BEHIND, "though the line is free");
        expect_not(road, COACH_UPLOAD_SAGS);
    }
}

static void leaves_open_what_comes_in_fits_and_starts(void **state)
{
    (void)state;
    struct road *road = begin();
    road->line_kbps = 6000;
    road->open_ms = 150;
    road->shut_ms = 450;
    run(road, 20000);
    expect(road, COACH_FALLS_BEHIND, "too busy, or the line stalls");
    expect_not(road, COACH_UPLOAD_SAGS);
}

static void takes_it_back_when_the_encoder_has_caught_up(void **state)
{
    (void)state;
    struct road *road = begin();
    run(road, 6000);
    road->pace_permille = 800;
    run(road, 8000);
    expect(road, COACH_FALLS_BEHIND, "line is free");
    road->pace_permille = 1400;
    run(road, 4000);
    road->pace_permille = 1000;
    run(road, 20000);
    expect_nothing(road);
}

static void has_nothing_to_say_about_pictures_that_get_simpler(void **state)
{
    (void)state;
    struct road *road = begin();
    run(road, 15000);
    road->frame_bytes = 1200;
    road->key_bytes = 30000;
    for (int i = 0; i < 30; i++) {
        run(road, 1000);
        expect_nothing(road);
    }
}

static void
has_nothing_to_say_about_an_encoder_that_takes_its_time_to_begin(void **state)
{
    (void)state;
    struct road *road = begin();
    road->media_us = -1400000;
    for (int i = 0; i < 12; i++) {
        run(road, 1000);
        expect_nothing(road);
    }
}

/* As OBS does it: what waits for the line stays below a second. */
static void blames_the_line_for_frames_left_out_when_media_is_late(void **state)
{
    (void)state;
    struct road *road = begin();
    road->gives_up = true;
    run(road, 12000);
    expect_nothing(road);
    road->line_kbps = 1000;
    run(road, 20000);
    expect(road, COACH_UPLOAD_SAGS, "frames are left out");
    expect(road, COACH_FRAMES_MISSING, "of 30 frames");
}

/* A computer that does not keep up, a camera in the dark. */
static void does_not_blame_the_line_for_frames_left_out_in_time(void **state)
{
    (void)state;
    struct road *road = begin();
    run(road, 12000);
    road->leave_out = 2;
    run(road, 15000);
    expect(road, COACH_FRAMES_MISSING, "of 30 frames");
    expect_not(road, COACH_UPLOAD_SAGS);
    expect_not(road, COACH_FALLS_BEHIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blames_a_line_that_brings_all_bytes_at_one_rate),
        cmocka_unit_test(blames_an_encoder_that_leaves_the_line_idle),
        cmocka_unit_test(leaves_open_what_comes_in_fits_and_starts),
        cmocka_unit_test(takes_it_back_when_the_encoder_has_caught_up),
        cmocka_unit_test(has_nothing_to_say_about_pictures_that_get_simpler),
        cmocka_unit_test(
            has_nothing_to_say_about_an_encoder_that_takes_its_time_to_begin),
        cmocka_unit_test(blames_the_line_for_frames_left_out_when_media_is_late),
        cmocka_unit_test(does_not_blame_the_line_for_frames_left_out_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
