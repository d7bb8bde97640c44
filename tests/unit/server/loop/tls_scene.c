#include "tests/unit/server/loop/tls_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/socket.h>

#include "core/require.h"
#include "server/loop/parcel.h"
#include "server/loop/parcel_inside.h"
#include "server/loop/timer.h"

enum { SCENE_PATIENCE_MS = 30000, SCENE_MAX = 32 << 20 };

static const struct loop_tcp_limits end_limits = {.queue_max = SCENE_MAX,
                                                  .stall_ms = 60000};

static void step(struct tls_scene *scene)
{
    if (scene->over || !scene->step || !scene->step(scene))
        return;
    scene->over = true;
    loop_stop(scene->loop);
}

static void on_changed(void *ctx)
{
    step(ctx);
}

static void on_readable(void *ctx, struct bytes in)
{
    struct tls_end *end = ctx;
    end->n_readable++;
    builder_put(&end->got, in);
    if (end->scene->on_readable)
        end->scene->on_readable(end, in);
    step(end->scene);
}

static void on_ended(void *ctx)
{
    struct tls_end *end = ctx;
    end->n_ended++;
    step(end->scene);
}

static void on_drained(void *ctx)
{
    struct tls_end *end = ctx;
    end->n_drained++;
    step(end->scene);
}

static void on_closed(void *ctx, const struct err *why)
{
    struct tls_end *end = ctx;
    end->n_closed++;
    end->tcp = NULL;
    end->why = *why;
    step(end->scene);
}

static const struct loop_tcp_handler handler = {.readable = on_readable,
                                                .ended = on_ended,
                                                .drained = on_drained,
                                                .closed = on_closed};

void tls_scene_adopt(struct tls_scene *scene, struct loop *loop,
                     struct loop_parcel *parcel)
{
    require(scene->n_ends < SCENE_CLIENTS);
    struct tls_end *end = &scene->ends[scene->n_ends++];
    end->scene = scene;
    builder_init(&end->got, SCENE_MAX);
    (void)snprintf(end->peer, sizeof end->peer, "%s", loop_parcel_peer(parcel));
    end->secure = parcel->wire.tls != NULL;
    end->tcp = loop_tcp_adopt_parcel(loop, parcel, &handler, &end_limits, end);
}

static void on_ready(void *ctx, struct loop_parcel *parcel)
{
    struct tls_scene *scene = ctx;
    if (scene->keep_parcel && !scene->parcel)
        scene->parcel = parcel;
    else
        tls_scene_adopt(scene, scene->loop, parcel);
    step(scene);
}

static void on_refused(void *ctx, const struct loop_parcel *parcel, const char *why)
{
    struct tls_scene *scene = ctx;
    scene->n_refused++;
    (void)snprintf(scene->refused_peer, sizeof scene->refused_peer, "%s",
                   loop_parcel_peer(parcel));
    (void)snprintf(scene->refused, sizeof scene->refused, "%s", why);
    step(scene);
}

static const struct loop_porch_handler porch_handler = {.ready = on_ready,
                                                        .refused = on_refused};

void tls_scene_open(struct tls_scene *scene, struct loop_porch_options options,
                    bool secure)
{
    struct err err;
    *scene = (struct tls_scene){0};
    (void)signal(SIGPIPE, SIG_IGN);
    temp_dir_make(&scene->dir);
    tls_files_make(&scene->files[0], &scene->dir, "a", "a.example.com", 30);
    tls_files_make(&scene->files[1], &scene->dir, "b", "b.example.com", 30);
    struct loop_tls_pair pairs[] = {scene->files[0].pair, scene->files[1].pair};
    if (loop_tls_load(pairs, 2, &scene->tls, &err) < 0)
        fail_msg("%s", err.text);
    scene->loop = loop_create(0);
    options.tls = secure ? scene->tls : NULL;
    options.within_ms = options.within_ms ? options.within_ms : 60000;
    scene->porch = loop_porch_create(scene->loop, &options, &porch_handler, scene);
}

int tls_scene_connect_raw(struct tls_scene *scene)
{
    int fds[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) ==
            0);
    loop_porch_accept(scene->porch, fds[0]);
    return fds[1];
}

struct tls_client *tls_scene_connect(struct tls_scene *scene,
                                     const struct tls_client_options *options)
{
    require(scene->n_clients < SCENE_CLIENTS);
    struct tls_client *client = &scene->clients[scene->n_clients++];
    client->changed = on_changed;
    client->ctx = scene;
    tls_client_begin(client, scene->loop, tls_scene_connect_raw(scene), options);
    return client;
}

static void on_too_late(void *ctx)
{
    struct tls_scene *scene = ctx;
    loop_stop(scene->loop);
}

void tls_scene_run(struct tls_scene *scene)
{
    struct loop_timer *patience = loop_timer_create(scene->loop, on_too_late, scene);
    loop_timer_start(patience, SCENE_PATIENCE_MS);
    loop_run(scene->loop);
    loop_timer_destroy(patience);
    if (!scene->over)
        fail_msg("it did not come to an end: stage %u, refused \"%s\"", scene->stage,
                 scene->refused);
}

void tls_scene_close(struct tls_scene *scene)
{
    scene->over = true;
    loop_porch_destroy(scene->porch);
    loop_destroy(scene->loop);
    loop_parcel_destroy(scene->parcel);
    for (unsigned i = 0; i < scene->n_clients; i++)
        tls_client_finish(&scene->clients[i]);
    for (unsigned i = 0; i < scene->n_ends; i++)
        builder_finish(&scene->ends[i].got);
    loop_tls_unref(scene->tls);
    temp_dir_remove(&scene->dir);
}
