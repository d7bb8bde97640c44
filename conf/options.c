#include "conf/options.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/distance.h"

static const char *const level_names[] = {"error", "warn", "info", "debug", NULL};
static const char *const switch_names[] = {"off", "on", NULL};
static const char *const format_names[] = {"text", "json", NULL};

static const char *const hook_mode_names[] = {"vitrine", "srs", "nginx", NULL};
static const char *const hook_error_names[] = {"allow", "refuse", NULL};

enum { KIB = 1024, MIB = 1024 * 1024 };

#define FIELD(name) .offset = offsetof(struct conf, name)

const struct conf_option conf_options[CONF_OPTIONS_N] = {
    {.path = "data_dir",
     .type = CONF_TEXT,
     FIELD(data_dir),
     .preset = "./data",
     .min = 1,
     .max = 4000,
     .help =
         "The directory of everything that must survive: the database, the server's "
         "secret and the API token. It is made (mode 0700) when it is not there. "
         "Two servers cannot share one."},
    {.path = "workers",
     .type = CONF_NUMBER,
     FIELD(workers),
     .preset = "0",
     .min = 0,
     .max = 256,
     .help = "Threads that serve connections. 0: as many as the machine has cores."},
    {.path = "rtmp.listen",
     .type = CONF_ADDRESS,
     FIELD(rtmp_listen),
     .preset = "0.0.0.0:1935",
     .max = 64,
     .help = "Where publishers (OBS, phones) connect."},
    {.path = "rtmp.proxy_protocol",
     .type = CONF_CHOICE,
     FIELD(rtmp_proxy),
     .preset = "off",
     .names = switch_names,
     .help =
         "`on`: every connection to `rtmp.listen` and `rtmps.listen` must begin with "
         "a PROXY protocol header (version 1 or 2), in which a load balancer says "
         "where the publisher really is. Whoever reaches these ports can then claim "
         "any address: only the load balancer may be able to."},
    {.path = "rtmp.connections_per_address",
     .type = CONF_NUMBER,
     FIELD(rtmp_per_address),
     .preset = "20",
     .min = 0,
     .max = 10000,
     .help = "How many connections one address may have that do not publish yet; what "
             "publishes is not counted, nor is the machine itself. 0: any number."},
    {.path = "rtmp.failed_keys_per_minute",
     .type = CONF_NUMBER,
     FIELD(rtmp_failed_keys),
     .preset = "10",
     .min = 0,
     .max = 10000,
     .help =
         "How many wrong stream keys one address may send in a minute; then all its "
         "publishes are refused for 60 seconds. The machine itself is not counted. 0: "
         "any number."},
    {.path = "rtmp.idle",
     .type = CONF_DURATION,
     FIELD(rtmp_idle_ms),
     .preset = "10s",
     .min = 3000,
     .max = 60000,
     .help = "How long an encoder's connection may be without a byte until it is "
             "closed. Its show goes on for `show.linger`."},
    {.path = "rtmp.handshake_timeout",
     .type = CONF_DURATION,
     FIELD(rtmp_handshake_ms),
     .preset = "5s",
     .min = 1000,
     .max = 60000,
     .help = "How long an encoder has for the handshake."},
    {.path = "rtmp.publish_timeout",
     .type = CONF_DURATION,
     FIELD(rtmp_publish_ms),
     .preset = "10s",
     .min = 1000,
     .max = 60000,
     .help = "How long a connection may be without a publish, from the "
             "handshake or the end of the last publish."},
    {.path = "rtmp.first_media",
     .type = CONF_DURATION,
     FIELD(rtmp_first_media_ms),
     .preset = "20s",
     .min = 3000,
     .max = 300000,
     .help = "How long an encoder may be without media once its publish is "
             "accepted."},
    {.path = "rtmp.media_message",
     .type = CONF_SIZE,
     FIELD(rtmp_media_message),
     .preset = "8MiB",
     .min = 256 * KIB,
     .max = 16 * MIB,
     .help = "The longest message with sound or video; a key frame is one "
             "message."},
    {.path = "rtmp.command_message",
     .type = CONF_SIZE,
     FIELD(rtmp_command_message),
     .preset = "64KiB",
     .min = 16 * KIB,
     .max = 1 * MIB,
     .help = "The longest other message: commands, metadata and cues."},
    {.path = "rtmp.partial_messages",
     .type = CONF_SIZE,
     FIELD(rtmp_partial_messages),
     .preset = "16MiB",
     .min = 1 * MIB,
     .max = 64 * MIB,
     .help = "How much of unfinished messages may have come on one "
             "connection, all together. It must hold at least one message of "
             "`rtmp.media_message`."},
    {.path = "rtmp.chunk_streams",
     .type = CONF_NUMBER,
     FIELD(rtmp_chunk_streams),
     .preset = "64",
     .min = 8,
     .max = 256,
     .help = "How many chunk streams a connection may use; encoders need "
             "fewer than ten."},
    {.path = "rtmp.before_publish",
     .type = CONF_SIZE,
     FIELD(rtmp_before_publish),
     .preset = "64KiB",
     .min = 16 * KIB,
     .max = 1 * MIB,
     .help = "How much a connection may send until its publish is accepted."},
    {.path = "rtmps.listen",
     .type = CONF_ADDRESS,
     FIELD(rtmps_listen),
     .preset = "",
     .max = 64,
     .optional = true,
     .help = "Where publishers connect with RTMP over TLS, such as `0.0.0.0:1936`. It "
             "needs `tls.certificate` and `tls.key`. Empty: nowhere."},
    {.path = "tls.certificate",
     .type = CONF_TEXT,
     FIELD(tls_certificate),
     .preset = "",
     .max = 4000,
     .reloadable = true,
     .help = "The file with the certificate and those of its issuers, in this order "
             "(PEM, often called `fullchain.pem`). Several files, with commas between "
             "them, serve several host names: a client gets the first certificate that "
             "is for the name it asks for, or the very first one. SIGHUP reads the "
             "files again; connections go on, and a faulty file leaves the old ones in "
             "force."},
    {.path = "tls.key",
     .type = CONF_TEXT,
     FIELD(tls_key),
     .preset = "",
     .max = 4000,
     .reloadable = true,
     .help =
         "The file with the certificate's private key (PEM, without a password); as "
         "many as there are certificates, in the same order."},
    {.path = "http.listen",
     .type = CONF_ADDRESS,
     FIELD(http_listen),
     .preset = "0.0.0.0:8080",
     .max = 64,
     .help = "Where viewers, hosts and the API connect."},
    {.path = "admin.listen",
     .type = CONF_ADDRESS,
     FIELD(admin_listen),
     .preset = "127.0.0.1:9180",
     .max = 64,
     .help = "Where `/metrics`, `/stat`, `/healthz` and `/readyz` are answered. They "
             "ask for no "
             "token: keep this address private."},
    {.path = "http.public_host",
     .type = CONF_HOST,
     FIELD(public_host),
     .preset = "",
     .max = 253,
     .help =
         "The host name that people use to reach this server, as it shall stand in "
         "the URLs that the API returns. Empty: taken from the request, or from the "
         "machine."},
    {.path = "http.connections_per_address",
     .type = CONF_NUMBER,
     FIELD(http_per_address),
     .preset = "1000",
     .min = 1,
     .max = 20000,
     .help =
         "How many connections one address may have with each of the workers; a viewer "
         "needs three to five. The machine itself is not counted. Raise it when a "
         "proxy on another machine stands in front."},
    {.path = "api.token",
     .type = CONF_TOKEN,
     FIELD(api_token),
     .preset = "",
     .max = 256,
     .secret = true,
     .help = "Whoever sends this token may do everything. Empty: one is made at the "
             "first start and kept in `data_dir/api-token` (mode 0600)."},
    {.path = "hls.part",
     .type = CONF_DURATION,
     FIELD(hls_part_ms),
     .preset = "334ms",
     .min = 200,
     .max = 1000,
     .help = "How long an HLS part is to be. The delay that viewers see is about four "
             "parts; shorter ones cost more requests. It is rounded to whole video "
             "frames, and fixed for a show once it has begun."},
    {.path = "hls.segment",
     .type = CONF_DURATION,
     FIELD(hls_segment_ms),
     .preset = "2s",
     .min = 1000,
     .max = 10000,
     .help = "How long an HLS segment is to be. Segments begin at key frames, so set "
             "the encoder's key frame interval to the same value."},
    {.path = "hls.window",
     .type = CONF_DURATION,
     FIELD(hls_window_ms),
     .preset = "16s",
     .min = 10000,
     .max = 120000,
     .help =
         "How much of a show is kept in memory and listed in its playlists. It must "
         "hold at least 6 segments."},
    {.path = "show.linger",
     .type = CONF_DURATION,
     FIELD(show_linger_ms),
     .preset = "45s",
     .min = 0,
     .max = 600000,
     .help =
         "How long a show stays on air without its encoder, whatever took it away: a "
         "bad line, a change of devices, a wrong click. Its viewers keep the last "
         "picture and the cards until it comes back; after that, or when the host ends "
         "the show, it is over. 0s: it is over at once."},
    {.path = "hooks.url",
     .type = CONF_URL,
     FIELD(hooks_url),
     .preset = "",
     .max = 2000,
     .secret = true,
     .help =
         "Where the shop is asked whether an encoder may publish, and told what "
         "happens to shows (`docs/HOOKS.md`). http or https; certificates are checked, "
         "redirects are not followed. Empty: no hooks."},
    {.path = "hooks.mode",
     .type = CONF_CHOICE,
     FIELD(hooks_mode),
     .preset = "vitrine",
     .names = hook_mode_names,
     .help = "The words of the hooks: `vitrine`, all of them, as JSON; `srs` or "
             "`nginx`, those about publishers only, for scripts that were written for "
             "SRS or nginx-rtmp."},
    {.path = "hooks.secret",
     .type = CONF_TOKEN,
     FIELD(hooks_secret),
     .preset = "",
     .max = 256,
     .secret = true,
     .help = "What hooks are signed with, as Standard Webhooks has it: `whsec_` and "
             "base64, or any other text. Empty: they are not signed, and anybody who "
             "knows the receiver's address can send it what they like."},
    {.path = "hooks.timeout",
     .type = CONF_DURATION,
     FIELD(hooks_timeout_ms),
     .preset = "2s",
     .min = 100,
     .max = 2000,
     .help = "How long an encoder waits for the shop's answer. Phones give up after "
             "three seconds."},
    {.path = "hooks.on_error",
     .type = CONF_CHOICE,
     FIELD(hooks_on_error),
     .preset = "allow",
     .names = hook_error_names,
     .help =
         "What becomes of a publish when the shop does not answer in time: a show does "
         "not fail with the shop's server (`allow`; the stream key has been checked "
         "anyway), or nobody gets in unheard (`refuse`)."},
    {.path = "log.level",
     .type = CONF_CHOICE,
     FIELD(log_level),
     .preset = "info",
     .names = level_names,
     .reloadable = true,
     .help = "The least important lines that are still written to the log."},
    {.path = "log.format",
     .type = CONF_CHOICE,
     FIELD(log_format),
     .preset = "text",
     .names = format_names,
     .help = "How a line of the log is written: as text for people, or as one JSON "
             "object for machines."},
};

const struct conf_option *conf_options_find(struct bytes path)
{
    for (size_t i = 0; i < CONF_OPTIONS_N; i++)
        if (bytes_equal_text(path, conf_options[i].path))
            return &conf_options[i];
    return NULL;
}

/* What is left of path below the group; no bytes when it lies elsewhere. */
static struct bytes below(const char *path, struct bytes group)
{
    struct bytes whole = bytes_text(path);
    if (group.len == 0)
        return whole;
    if (whole.len <= group.len || path[group.len] != '.' ||
        !bytes_equal(bytes_first(whole, group.len), group))
        return bytes_make(NULL, 0);
    return bytes_from(whole, group.len + 1);
}

bool conf_options_has_group(struct bytes path)
{
    for (size_t i = 0; i < CONF_OPTIONS_N && path.len > 0; i++)
        if (below(conf_options[i].path, path).len > 0)
            return true;
    return false;
}

static void keep_nearer(struct bytes name, struct bytes wrong, unsigned *best,
                        char ret_name[CONF_PATH_MAX])
{
    unsigned distance = conf_distance(wrong, name);
    if (distance >= *best || name.len >= CONF_PATH_MAX)
        return;
    *best = distance;
    memcpy(ret_name, name.data, name.len);
    ret_name[name.len] = '\0';
}

bool conf_options_suggest(struct bytes group, struct bytes wrong,
                          char ret_name[CONF_PATH_MAX])
{
    unsigned too_far = conf_distance_limit(wrong) + 1, best = too_far;
    for (size_t i = 0; i < CONF_OPTIONS_N; i++) {
        struct bytes rest = below(conf_options[i].path, group);
        if (rest.len == 0)
            continue;
        keep_nearer(bytes_first(rest, bytes_index(rest, 0, '.')), wrong, &best,
                    ret_name);
        keep_nearer(rest, wrong, &best, ret_name);
    }
    return best < too_far;
}
