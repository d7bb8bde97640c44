/* A porch, what becomes of the connections that leave it, and clients, all on one loop.
 * After everything that happens the test's step is asked what to do next; it says true
 * when all is over. */
#ifndef TESTS_TLS_SCENE_H
#define TESTS_TLS_SCENE_H

#include "core/err.h"
#include "server/loop/porch.h"
#include "server/loop/tcp.h"
#include "tests/unit/server/loop/tls_client.h"
#include "tests/unit/server/loop/tls_files.h"

enum { SCENE_CLIENTS = 4 };

/* A connection that has left the porch. */
struct tls_end {
    struct tls_scene *scene;
    struct loop_tcp *tcp; /* NULL: closed */
    char peer[64];
    bool secure;
    struct builder got;
    unsigned n_readable, n_ended, n_drained, n_closed;
    struct err why;
};

struct tls_scene {
    struct temp_dir dir;
    struct tls_files files[2]; /* for a.example.com and b.example.com */
    struct loop_tls *tls;      /* of both */
    struct loop *loop;
    struct loop_porch *porch;
    struct tls_client clients[SCENE_CLIENTS];
    unsigned n_clients;
    struct tls_end ends[SCENE_CLIENTS];
    unsigned n_ends;
    unsigned n_refused;
    char refused_peer[64], refused[ERR_TEXT_MAX]; /* the last one */
    /* Of ends[0], instead of gathering; may be NULL. */
    void (*on_readable)(struct tls_end *end, struct bytes in);
    bool (*step)(struct tls_scene *scene);
    unsigned stage;             /* the step's own */
    struct loop_parcel *parcel; /* the next that comes is kept here and not adopted */
    bool keep_parcel;
    bool over;
};

/* options: proxy and limits; without a time there is a patient one. secure: TLS. */
void tls_scene_open(struct tls_scene *scene, struct loop_porch_options options,
                    bool secure);
struct tls_client *tls_scene_connect(struct tls_scene *scene,
                                     const struct tls_client_options *options);
/* The other end is a plain descriptor of the test's. */
int tls_scene_connect_raw(struct tls_scene *scene);
void tls_scene_adopt(struct tls_scene *scene, struct loop *loop,
                     struct loop_parcel *parcel);
/* Runs until step says so; fails the test when that takes too long. */
void tls_scene_run(struct tls_scene *scene);
void tls_scene_close(struct tls_scene *scene);

#endif
