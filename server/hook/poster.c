#include "server/hook/poster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "core/alloc.h"
#include "core/require.h"

enum {
    HEADER_MAX = 256,
    IDLE_MAX = 8,          /* connections kept open between posts */
    WAIT_MAX_MS = 3600000, /* curl takes an int */
};

struct hook_poster {
    CURLM *multi;
    char *url;
    char *content_type;
    char *authorities; /* file with certificates to trust; NULL: the system's */
    struct hook_key key;
    struct list done; /* hook_post.link */
};

struct hook_poster *hook_poster_create(const struct hook_poster_config *config)
{
    struct hook_poster *poster = alloc_zero(sizeof *poster);
    require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    poster->multi = curl_multi_init();
    require(poster->multi != NULL);
    require(curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX) ==
            CURLM_OK);
    poster->url = alloc_text(config->url);
    poster->content_type = alloc_text(config->content_type);
    poster->key = config->key;
    const char *authorities = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs */
    if (authorities && *authorities)
        poster->authorities = alloc_text(authorities);
    list_init(&poster->done);
    return poster;
}

void hook_poster_destroy(struct hook_poster *poster)
{
    if (!poster)
        return;
    require(curl_multi_cleanup(poster->multi) == CURLM_OK);
    curl_global_cleanup();
    alloc_free(poster->url);
    alloc_free(poster->content_type);
    alloc_free(poster->authorities);
    explicit_bzero(&poster->key, sizeof poster->key);
    alloc_free(poster);
}

/* What does not fit ends the transfer: curl takes less than it gave for a fault. */
static size_t on_answer(char *data, size_t size, size_t n, void *ctx)
{
    struct hook_post *post = ctx;
    builder_put(&post->answer, bytes_make(data, size * n));
    return builder_failed(&post->answer) ? 0 : size * n;
}

static void add_header(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);
    require(longer != NULL);
    *headers = longer;
}

static struct curl_slist *make_headers(const struct hook_poster *poster,
                                       const struct hook_post *post)
{
    char line[HEADER_MAX];
    char signature[HOOK_SIGNATURE_MAX];
    struct curl_slist *headers = NULL;
    (void)snprintf(line, sizeof line, "Content-Type: %s", poster->content_type);
    add_header(&headers, line);
    add_header(&headers, "Expect:"); /* no waiting for a 100 */
    (void)snprintf(line, sizeof line, "webhook-id: %s", post->id);
    add_header(&headers, line);
    (void)snprintf(line, sizeof line, "webhook-timestamp: %lld",
                   (long long)post->timestamp_s);
    add_header(&headers, line);
    if (poster->key.len > 0) {
        hook_signature_make(&poster->key, post->id, post->timestamp_s, post->body,
                            signature);
        (void)snprintf(line, sizeof line, "webhook-signature: %s", signature);
        add_header(&headers, line);
    }
    return headers;
}

static void set_number(CURL *easy, CURLoption option, long value)
{
    require(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

static void set_pointer(CURL *easy, CURLoption option, const void *value)
{
    require(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

/* Proxies of the environment and .netrc have no say: the configuration is all there is. */
static void set_rules(const struct hook_poster *poster, CURL *easy)
{
    if (poster->authorities)
        set_pointer(easy, CURLOPT_CAINFO, poster->authorities);
    set_pointer(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set_pointer(easy, CURLOPT_PROXY, "");
    set_number(easy, CURLOPT_FOLLOWLOCATION, 0);
    set_number(easy, CURLOPT_SSL_VERIFYPEER, 1);
    set_number(easy, CURLOPT_SSL_VERIFYHOST, 2);
    set_number(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set_number(easy, CURLOPT_NOSIGNAL, 1);
    /* A resolver that hangs is left behind and not waited for. */
    set_number(easy, CURLOPT_QUICK_EXIT, 1);
    set_pointer(easy, CURLOPT_USERAGENT, "Vitrine");
}

void hook_poster_start(struct hook_poster *poster, struct hook_post *post)
{
    CURL *easy = curl_easy_init();
    require(easy != NULL);
    post->easy = easy;
    post->headers = make_headers(poster, post);
    post->status = 0;
    post->fault = NULL;
    builder_init(&post->answer, HOOK_ANSWER_MAX);
    list_init(&post->link);
    set_rules(poster, easy);
    set_pointer(easy, CURLOPT_URL, poster->url);
    set_pointer(easy, CURLOPT_HTTPHEADER, post->headers);
    set_number(easy, CURLOPT_POST, 1);
    set_number(easy, CURLOPT_POSTFIELDSIZE, (long)post->body.len);
    set_pointer(easy, CURLOPT_POSTFIELDS, post->body.data);
    set_number(easy, CURLOPT_TIMEOUT_MS,
               post->timeout_ms > 0 ? (long)post->timeout_ms : 1);
    require(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK);
    set_pointer(easy, CURLOPT_WRITEDATA, post);
    set_pointer(easy, CURLOPT_PRIVATE, post);
    require(curl_multi_add_handle(poster->multi, easy) == CURLM_OK);
}

static void release(struct hook_poster *poster, struct hook_post *post)
{
    (void)curl_multi_remove_handle(poster->multi, post->easy);
    curl_easy_cleanup(post->easy);
    curl_slist_free_all(post->headers);
    post->easy = post->headers = NULL;
}

/* Kept as it stands: curl's own idea of where it leads has our receiver's host in it. */
static void take_location(struct hook_post *post)
{
    struct curl_header *header;
    post->location[0] = '\0';
    if (curl_easy_header(post->easy, "Location", 0, CURLH_HEADER, -1, &header) ==
        CURLHE_OK)
        (void)snprintf(post->location, sizeof post->location, "%s", header->value);
}

/* Of a whole answer only: half of one says nothing. */
static void take_result(struct hook_post *post, CURLcode result)
{
    if (builder_failed(&post->answer))
        post->fault = "the answer is too long";
    else if (result != CURLE_OK)
        post->fault = curl_easy_strerror(result);
    else
        (void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &post->status);
    if (!post->fault && post->status == 0)
        post->fault = "no HTTP answer";
    take_location(post);
}

static void collect(struct hook_poster *poster)
{
    int n_left;
    for (CURLMsg *message; (message = curl_multi_info_read(poster->multi, &n_left));) {
        char *ctx = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ctx);
        struct hook_post *post = (void *)ctx;
        take_result(post, result);
        release(poster, post);
        list_push(&poster->done, &post->link);
    }
}

struct hook_post *hook_poster_next(struct hook_poster *poster)
{
    struct list *link = list_shift(&poster->done);
    return link ? container_of(link, struct hook_post, link) : NULL;
}

void hook_poster_cancel(struct hook_poster *poster, struct hook_post *post)
{
    list_remove(&post->link);
    if (post->easy)
        release(poster, post);
}

void hook_poster_finish(struct hook_post *post)
{
    builder_finish(&post->answer);
}

void hook_poster_wait(struct hook_poster *poster, int64_t timeout_ms)
{
    int n_running;
    if (timeout_ms > WAIT_MAX_MS)
        timeout_ms = WAIT_MAX_MS;
    (void)curl_multi_perform(poster->multi, &n_running);
    collect(poster);
    if (!list_is_empty(&poster->done) || timeout_ms <= 0)
        return;
    (void)curl_multi_poll(poster->multi, NULL, 0, (int)timeout_ms, NULL);
    (void)curl_multi_perform(poster->multi, &n_running);
    collect(poster);
}

void hook_poster_wake(struct hook_poster *poster)
{
    (void)curl_multi_wakeup(poster->multi);
}
