#include "server/origin/playlist.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/parse.h"
#include "server/loop/loop.h"
#include "server/origin/answer.h"
#include "server/origin/gzip.h"

static const char MIME[] = "application/vnd.apple.mpegurl";
static const char OFF_AIR[] = "The show is off the air at the moment.";

enum {
    CACHE_TEXT_MAX = 48,
    VERSION_MAX = 56,
    ETAG_MAX = 64,
    /* For the first media of a show that is live and has none in this process: an encoder
     * that reconnects after 2 s and sends a key frame each 2 s is there by then. Players
     * give up sooner on a few quick refusals than on one slow answer; hls.js waits 10 s
     * for its first byte. */
    PLAYLIST_AWAIT_MS = 6000,
    /* For the first whole segment: hls.js takes a playlist with nothing but parts for an
     * empty one. Sound has its first a few hundred ms behind the pictures. */
    PLAYLIST_WHOLE_MS = 1000,
};

/* The delivery directives of one request. */
struct directives {
    bool blocking; /* _HLS_msn is there */
    uint64_t msn;
    bool has_part;
    uint64_t part;
    bool skip;
};

/* What is asked for. */
struct wish {
    bool multivariant;  /* and nothing else */
    unsigned rendition; /* media/rendition_id.h */
    struct directives directives;
};

/* A request that waits for its part, or for any media; see struct show_waiter. */
struct reload {
    struct show_waiter waiter;
    struct show_hub *hub;
    struct http_exchange *exchange;
    struct wish wish;
    int64_t expires_ms;
};

static bool read_number(const struct http_request *request, const char *name,
                        bool *ret_has, uint64_t *ret_value)
{
    struct bytes raw;
    char text[32];
    *ret_has = http_request_query(request, name, &raw);
    if (!*ret_has)
        return true;
    return http_request_decode(raw, text, sizeof text) &&
           parse_u64(bytes_text(text), ret_value) && *ret_value <= INT64_MAX;
}

/* Words of what is wrong, or NULL. Unknown parameters are ignored. */
static const char *read_directives(const struct http_request *request,
                                   struct directives *ret)
{
    *ret = (struct directives){0};
    if (request->query.len == 0)
        return NULL;
    if (!read_number(request, "_HLS_msn", &ret->blocking, &ret->msn))
        return "_HLS_msn must be a whole number.";
    if (!read_number(request, "_HLS_part", &ret->has_part, &ret->part))
        return "_HLS_part must be a whole number.";
    if (ret->has_part && !ret->blocking)
        return "_HLS_part needs _HLS_msn.";
    struct bytes skip;
    if (http_request_query(request, "_HLS_skip", &skip))
        ret->skip = bytes_equal_text(skip, "YES") || bytes_equal_text(skip, "v2");
    return NULL;
}

static void cache_text(const struct snapshot *snapshot,
                       const struct directives *directives, char out[CACHE_TEXT_MAX])
{
    /* rfc8216bis B.1: blocking answers for six target durations, others for half of one. */
    uint32_t target = snapshot->target_duration_s;
    uint32_t age = target / 2 > 1 ? target / 2 : 1;
    if (directives->blocking && !snapshot->ended)
        age = 6 * target;
    (void)snprintf(out, CACHE_TEXT_MAX, "public, max-age=%u", age);
}

/* version: what the text is known by, plain ASCII. */
static void respond_text(struct http_exchange *exchange, struct show_shelf *shelf,
                         struct buf *text, const char *version, const char *cache)
{
    struct buf *packed = NULL;
    if (http_request_takes_gzip(http_exchange_request(exchange)))
        packed = show_shelf_packed(shelf, text, origin_gzip_pack);
    char etag[ETAG_MAX];
    (void)snprintf(etag, sizeof etag, "\"%s%s\"", version, packed ? "-gz" : "");
    struct http_response response = {.status = 200,
                                     .mime = MIME,
                                     .cache_control = cache,
                                     .etag = etag,
                                     .encoding = packed ? "gzip" : NULL,
                                     .vary_encoding = true,
                                     .cors = true,
                                     .n_bufs = 1,
                                     .bufs = {packed ? packed : text}};
    http_exchange_respond(exchange, &response);
}

static void respond(struct http_exchange *exchange, struct show_shelf *shelf,
                    const struct snapshot *snapshot,
                    const struct directives *directives)
{
    bool delta = directives->skip && snapshot->delta && !snapshot->ended;
    char cache[CACHE_TEXT_MAX];
    char version[VERSION_MAX];
    cache_text(snapshot, directives, cache);
    const char *epoch = snapshot->n_segments > 0
                            ? snapshot->segments[snapshot->n_segments - 1]->epoch->token
                            : "none";
    (void)snprintf(version, sizeof version, "%s-%llu%s", epoch,
                   (unsigned long long)snapshot->version, delta ? "-d" : "");
    respond_text(exchange, shelf, delta ? snapshot->delta : snapshot->playlist, version,
                 cache);
}

static void free_reload(struct reload *reload)
{
    list_remove(&reload->waiter.link);
    counter_add(&reload->hub->house->metrics->reloads_held, -1);
    alloc_free(reload);
}

static void on_gone(void *ctx)
{
    free_reload(ctx);
}

/* It has no number of its own: known by its content (FNV-1a). */
static uint64_t hash(struct bytes text)
{
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < text.len; i++)
        value = (value ^ text.data[i]) * 1099511628211u;
    return value;
}

static void respond_multivariant(struct http_exchange *exchange,
                                 struct show_shelf *shelf)
{
    struct buf *text = shelf->view->multivariant;
    char version[VERSION_MAX];
    (void)snprintf(version, sizeof version, "m-%016llx",
                   (unsigned long long)hash(buf_bytes(text)));
    respond_text(exchange, shelf, text, version, "public, max-age=5");
}

static const struct snapshot *snapshot_of(const struct show_shelf *shelf,
                                          const struct wish *wish)
{
    return shelf->view ? shelf->view->renditions[wish->rendition] : NULL;
}

static bool has_wanted(const struct snapshot *snapshot,
                       const struct directives *directives)
{
    if (snapshot->ended)
        return true;
    if (!directives->blocking)
        return snapshot->open_msn > snapshot->first_msn;
    return hls_snapshot_has(snapshot, directives->msn, directives->has_part,
                            directives->part);
}

static bool is_here(const struct show_shelf *shelf, const struct wish *wish)
{
    const struct snapshot *snapshot = snapshot_of(shelf, wish);
    if (wish->multivariant)
        return shelf->view && shelf->view->multivariant;
    return snapshot && has_wanted(snapshot, &wish->directives);
}

/* It is live, and the process is younger: its encoder is on its way. */
static bool awaits_media(const struct show_shelf *shelf)
{
    const struct show_view *view = shelf->view;
    return view && view->state == SHOW_LIVE && !view->multivariant;
}

static void answer(struct http_exchange *exchange, struct show_shelf *shelf,
                   const struct wish *wish)
{
    if (wish->multivariant)
        respond_multivariant(exchange, shelf);
    else
        respond(exchange, shelf, snapshot_of(shelf, wish), &wish->directives);
}

static void on_changed(struct show_waiter *waiter, struct show_shelf *shelf,
                       int64_t now_ms, bool gone)
{
    struct reload *reload = container_of(waiter, struct reload, waiter);
    struct http_exchange *exchange = reload->exchange;
    struct wish wish = reload->wish;
    const struct snapshot *snapshot = snapshot_of(shelf, &wish);
    bool late = now_ms >= reload->expires_ms;
    /* Parts alone are better than nothing. */
    bool here =
        is_here(shelf, &wish) || (late && snapshot && !wish.directives.blocking);
    bool may_come = snapshot || awaits_media(shelf);
    if (!here && !gone && !late && may_come)
        return;
    if (late && !here)
        counter_add(&reload->hub->house->metrics->reloads_expired_total, 1);
    free_reload(reload);
    if (here)
        answer(exchange, shelf, &wish);
    else if (gone)
        origin_answer_not_found(exchange, "This show was deleted.");
    else
        origin_answer_unavailable(exchange,
                                  may_come ? "No new media came in time." : OFF_AIR);
}

static void hold(struct http_exchange *exchange, struct show_hub *hub,
                 struct show_shelf *shelf, const struct wish *wish, int64_t for_ms)
{
    struct counter *held = &hub->house->metrics->reloads_held;
    if (counter_get(held) >= ORIGIN_HELD_MAX) {
        origin_answer_unavailable(exchange, "Too many requests wait here.");
        return;
    }
    struct reload *reload = alloc_zero(sizeof *reload);
    reload->waiter.changed = on_changed;
    reload->hub = hub;
    reload->exchange = exchange;
    reload->wish = *wish;
    reload->expires_ms = loop_now_ms(hub->loop) + for_ms;
    list_push(&shelf->waiters, &reload->waiter.link);
    counter_add(held, 1);
    http_exchange_on_gone(exchange, on_gone, reload);
}

/* There is nothing to look into yet. */
static void answer_without_media(struct http_exchange *exchange, struct show_hub *hub,
                                 struct show_shelf *shelf, const struct wish *wish)
{
    if (awaits_media(shelf))
        hold(exchange, hub, shelf, wish, PLAYLIST_AWAIT_MS);
    else
        origin_answer_unavailable(exchange, OFF_AIR);
}

static void get_media_playlist(struct http_exchange *exchange, struct show_hub *hub,
                               unsigned rendition)
{
    struct wish wish = {.rendition = rendition};
    struct directives *directives = &wish.directives;
    struct show_shelf *shelf = origin_answer_shelf(exchange, hub);
    if (!shelf)
        return;
    const struct snapshot *snapshot = snapshot_of(shelf, &wish);
    const char *wrong = read_directives(http_exchange_request(exchange), directives);
    if (wrong && !(snapshot && snapshot->ended))
        origin_answer_bad_request(exchange, wrong);
    else if (!snapshot)
        answer_without_media(exchange, hub, shelf, &wish);
    else if (has_wanted(snapshot, directives))
        answer(exchange, shelf, &wish);
    else if (!directives->blocking)
        hold(exchange, hub, shelf, &wish, PLAYLIST_WHOLE_MS);
    else if (hls_snapshot_is_too_far(snapshot, directives->msn, directives->has_part,
                                     directives->part))
        origin_answer_bad_request(exchange, "That media lies too far in the future.");
    else /* 6.2.5.2: longer than three target durations is an error */
        hold(exchange, hub, shelf, &wish,
             3 * 1000 * (int64_t)snapshot->target_duration_s);
}

void origin_playlist_media(struct http_exchange *exchange, void *hub)
{
    struct bytes name = http_exchange_request(exchange)->path;
    struct bytes head;
    unsigned rendition;
    while (bytes_index(name, 0, '/') < name.len)
        (void)bytes_cut(&name, '/', &head);
    if (bytes_cut(&name, '.', &head) && media_rendition_id_find(head, &rendition))
        get_media_playlist(exchange, hub, rendition);
    else
        origin_answer_not_found(exchange, "There is no such rendition.");
}

void origin_playlist_multivariant(struct http_exchange *exchange, void *hub)
{
    const struct wish wish = {.multivariant = true};
    struct show_shelf *shelf = origin_answer_shelf(exchange, hub);
    if (!shelf)
        return;
    if (is_here(shelf, &wish))
        answer(exchange, shelf, &wish);
    else
        answer_without_media(exchange, hub, shelf, &wish);
}
