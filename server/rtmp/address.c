#include "server/rtmp/address.h"

#include "core/alloc.h"
#include "core/builder.h"
#include "core/require.h"
#include "server/rtmp/session.h"

struct params {
    struct bytes items[RTMP_ADDRESS_PARAMS_MAX];
    size_t n;
};

static bool is_wrapping(uint8_t c)
{
    return c <= ' ' || c == '"' || c == '\'' || c == '/';
}

struct bytes rtmp_address_trim(struct bytes text)
{
    while (text.len > 0 && is_wrapping(text.data[0]))
        text = bytes_from(text, 1);
    while (text.len > 0 && is_wrapping(text.data[text.len - 1]))
        text.len--;
    return text;
}

static struct bytes before_query(struct bytes text)
{
    return rtmp_address_trim(bytes_first(text, bytes_index(text, 0, '?')));
}

static struct bytes name_of(struct bytes param)
{
    return bytes_first(param, bytes_index(param, 0, '='));
}

/* A later parameter takes the place of an earlier one with its name. */
static void put_param(struct params *params, struct bytes param)
{
    size_t i = 0;
    while (i < params->n && !bytes_equal(name_of(params->items[i]), name_of(param)))
        i++;
    if (i == RTMP_ADDRESS_PARAMS_MAX)
        return;
    params->items[i] = param;
    if (i == params->n)
        params->n++;
}

static void put_query(struct params *params, struct bytes text)
{
    struct bytes query = bytes_from(text, bytes_index(text, 0, '?') + 1);
    struct bytes param;
    while (bytes_cut(&query, '&', &param)) {
        param = rtmp_address_trim(param);
        if (param.len > 0)
            put_param(params, param);
    }
}

static char *query_text(const struct params *params)
{
    struct builder out;
    builder_init(&out, 2 * RTMP_APP_MAX + RTMP_KEY_MAX + RTMP_ADDRESS_PARAMS_MAX);
    for (size_t i = 0; i < params->n; i++) {
        if (i > 0)
            builder_u8(&out, '&');
        builder_put(&out, params->items[i]);
    }
    require(!builder_failed(&out));
    char *text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return text;
}

/* app and name as one path: its last component is the key, the rest the app. */
static char *path_text(struct bytes app, struct bytes name)
{
    struct builder out;
    builder_init(&out, RTMP_APP_MAX + RTMP_KEY_MAX + 1);
    builder_put(&out, app);
    if (app.len > 0 && name.len > 0)
        builder_u8(&out, '/');
    builder_put(&out, name);
    require(!builder_failed(&out));
    char *text = bytes_to_text(builder_bytes(&out));
    builder_finish(&out);
    return text;
}

static size_t last_slash(struct bytes path)
{
    size_t at = path.len;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    return at;
}

void rtmp_address_read(struct bytes tc_url, struct bytes app, struct bytes name,
                       struct rtmp_publish *ret_publish)
{
    require(tc_url.len <= RTMP_APP_MAX && app.len <= RTMP_APP_MAX &&
            name.len <= RTMP_KEY_MAX);
    struct params params = {.n = 0};
    put_query(&params, tc_url);
    put_query(&params, app);
    put_query(&params, name);
    char *text = path_text(before_query(app), before_query(name));
    struct bytes path = bytes_text(text);
    size_t key_at = last_slash(path);
    ret_publish->app = bytes_to_text(rtmp_address_trim(bytes_first(path, key_at)));
    ret_publish->key = bytes_to_text(bytes_from(path, key_at));
    ret_publish->query = query_text(&params);
    alloc_free(text);
}
