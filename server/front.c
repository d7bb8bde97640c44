#include "server/front.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "core/err.h"
#include "core/log.h"
#include "server/certificates.h"
#include "server/door.h"
#include "server/entrance.h"
#include "server/lane.h"
#include "server/loop/listener.h"
#include "server/loop/tls.h"

enum { FRONT_ADDRESS_MAX = 300 };

void server_front_init(struct front *front, const struct conf *conf,
                       struct show_house *house, struct lane *const *lanes)
{
    *front = (struct front){.conf = conf, .house = house, .lanes = lanes};
}

void server_front_receive(struct front *front)
{
    server_sockets_receive(&front->inherited);
}

/* Host part of "host:port". */
static void with_port(const char *address, uint16_t port, char out[FRONT_ADDRESS_MAX])
{
    const char *colon = strrchr(address, ':');
    int host_len = colon ? (int)(colon - address) : (int)strlen(address);
    (void)snprintf(out, FRONT_ADDRESS_MAX, "%.*s:%u", host_len, address, port);
}

static void say_listening(const char *name, const char *address)
{
    log_info(NULL, "listening %s=%s", name, address);
}

/* Whoever inherits a socket has its address already. The words name the option: it is
 * what whoever reads them may change. */
static int claim(const struct front *front, const struct entrance_place *place,
                 struct err *err)
{
    struct err why;
    if (!place->address || server_sockets_has(&front->inherited, place->name) ||
        !loop_listener_claim(place->address, &why))
        return 0;
    return err_set(err, why.code, "%s.listen: %s", place->name, why.text);
}

static int claim_all(const struct front *front, const struct lane_places *places,
                     struct err *err)
{
    int failed = claim(front, &places->rtmp, err);
    if (!failed)
        failed = claim(front, &places->http, err);
    if (!failed)
        failed = claim(front, &places->rtmps, err);
    return failed ? failed : claim(front, &places->admin, err);
}

/* What was bound, for the other lanes and the log. */
struct bound {
    char rtmp[FRONT_ADDRESS_MAX];
    char rtmps[FRONT_ADDRESS_MAX];
    char http[FRONT_ADDRESS_MAX];
    char admin[FRONT_ADDRESS_MAX];
};

static void read_bound(struct front *front, struct bound *ret_bound)
{
    const struct lane *first = front->lanes[0];
    const struct conf *conf = front->conf;
    *ret_bound = (struct bound){0};
    front->house->rtmp_port = server_entrance_port(server_door_entrance(first->rtmp));
    front->house->http_port = server_entrance_port(first->http_entrance);
    with_port(conf->rtmp_listen, front->house->rtmp_port, ret_bound->rtmp);
    with_port(conf->http_listen, front->house->http_port, ret_bound->http);
    with_port(conf->admin_listen, server_entrance_port(first->admin_entrance),
              ret_bound->admin);
    if (!first->rtmps)
        return;
    front->house->rtmps_port = server_entrance_port(server_door_entrance(first->rtmps));
    with_port(conf->rtmps_listen, front->house->rtmps_port, ret_bound->rtmps);
}

static void say_all(const struct front *front, const struct bound *bound)
{
    say_listening("rtmp", bound->rtmp);
    if (*bound->rtmps)
        say_listening("rtmps", bound->rtmps);
    say_listening("http", bound->http);
    say_listening("admin", bound->admin);
    if (front->tls)
        server_certificates_log(front->tls);
}

static struct lane_places make_places(struct front *front)
{
    const struct conf *conf = front->conf;
    const char *rtmps = conf->rtmps_listen;
    struct entrance_place place = {.inherited = &front->inherited,
                                   .n_lanes = front->house->n_hubs};
    struct lane_places places = {
        .rtmp = place,
        .http = place,
        .rtmps = place,
        .admin = place,
        .rtmp_proxy = conf->rtmp_proxy != 0,
        .rtmp_per_address = conf->rtmp_per_address,
        .tls = front->tls,
    };
    places.rtmp.name = "rtmp";
    places.rtmp.address = conf->rtmp_listen;
    places.http.name = "http";
    places.http.address = conf->http_listen;
    places.rtmps.name = "rtmps";
    places.rtmps.address = rtmps && *rtmps ? rtmps : NULL;
    places.admin.name = "admin";
    places.admin.address = conf->admin_listen;
    places.admin.n_lanes = 1;
    return places;
}

static void inherit(struct front *front, const struct lane_places *places)
{
    const struct socket_place all[] = {
        {places->rtmp.name, places->rtmp.address},
        {places->rtmps.name, places->rtmps.address},
        {places->http.name, places->http.address},
        {places->admin.name, places->admin.address},
    };
    server_sockets_place(&front->inherited, all, sizeof all / sizeof all[0]);
}

/* The other lanes are at the ports that the first one got. */
static int listen_all(struct front *front, struct lane_places *places, struct err *err)
{
    struct bound bound;
    int failed = server_lane_listen(front->lanes[0], places, err);
    if (failed)
        return failed;
    read_bound(front, &bound);
    places->rtmp.address = bound.rtmp;
    places->http.address = bound.http;
    places->rtmps.address = places->rtmps.address ? bound.rtmps : NULL;
    places->admin.address = NULL;
    for (unsigned i = 1; i < front->house->n_hubs && !failed; i++) {
        places->rtmp.lane = places->http.lane = places->rtmps.lane = i;
        failed = server_lane_listen(front->lanes[i], places, err);
    }
    if (!failed)
        say_all(front, &bound);
    return failed;
}

int server_front_open(struct front *front, struct err *err)
{
    int failed = server_certificates_load(front->conf, &front->tls, err);
    struct lane_places places = make_places(front);
    inherit(front, &places);
    if (!failed)
        failed = claim_all(front, &places, err);
    if (!failed)
        failed = listen_all(front, &places, err);
    for (unsigned i = 0; i < front->house->n_hubs && !failed; i++)
        server_lane_keep(front->lanes[i], &front->kept);
    return failed;
}

struct sockets server_front_take_sockets(struct front *front)
{
    struct sockets sockets = front->kept;
    front->kept = (struct sockets){0};
    return sockets;
}

int server_front_renew(struct front *front, const struct conf *conf, struct err *err)
{
    struct loop_tls *tls;
    if (!front->lanes[0]->rtmps)
        return 0;
    int failed = server_certificates_load(conf, &tls, err);
    if (!failed && !tls)
        failed = err_set(err, ERR_INVALID, "tls.certificate is empty");
    if (failed)
        return failed;
    for (unsigned i = 0; i < front->house->n_hubs; i++)
        server_door_renew(front->lanes[i]->rtmps, tls);
    loop_tls_unref(front->tls);
    front->tls = tls;
    server_certificates_log(tls);
    return 0;
}

void server_front_close_kept(struct front *front)
{
    server_sockets_close(&front->kept);
}

void server_front_finish(struct front *front)
{
    server_sockets_close(&front->inherited);
    server_sockets_close(&front->kept);
    loop_tls_unref(front->tls);
    *front = (struct front){0};
}
