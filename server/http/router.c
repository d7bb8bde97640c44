#include "server/http/router.h"

#include "core/alloc.h"
#include "core/require.h"
#include "server/http/method.h"

/* A tree of path segments. Of the children of a node the literal one is tried first, then
 * {}, then {*}: so the most literal pattern wins, read from the left. */
enum node_kind { NODE_LITERAL, NODE_ONE, NODE_REST };

struct node {
    enum node_kind kind;
    struct bytes text;     /* of a literal; points into the pattern */
    struct node *children; /* literals first, {*} last */
    struct node *next;     /* sibling */
    unsigned methods;      /* 0: no pattern ends here */
    struct http_route entries[HTTP_METHODS];
};

struct http_router {
    struct node root;
};

struct http_router *http_router_create(void)
{
    return alloc_zero(sizeof(struct http_router));
}

/* As deep as the longest pattern has segments. */
static void destroy_children(struct node *node)
{
    while (node->children) {
        struct node *child = node->children;
        node->children = child->next;
        destroy_children(child);
        alloc_free(child);
    }
}

void http_router_destroy(struct http_router *router)
{
    if (!router)
        return;
    destroy_children(&router->root);
    alloc_free(router);
}

static enum node_kind kind_of(struct bytes segment)
{
    if (bytes_equal_text(segment, "{}"))
        return NODE_ONE;
    return bytes_equal_text(segment, "{*}") ? NODE_REST : NODE_LITERAL;
}

/* The child for a segment of a pattern, made when it is not there. */
static struct node *child_for(struct node *node, struct bytes segment)
{
    enum node_kind kind = kind_of(segment);
    struct node **place = &node->children;
    for (; *place && (*place)->kind <= kind; place = &(*place)->next)
        if ((*place)->kind == kind && bytes_equal((*place)->text, segment))
            return *place;
    struct node *child = alloc_zero(sizeof *child);
    child->kind = kind;
    child->text = segment;
    child->next = *place;
    *place = child;
    return child;
}

void http_router_add(struct http_router *router, unsigned methods, const char *pattern,
                     size_t body_max, http_handler_fn handler, void *ctx)
{
    require(handler && methods > 0 && methods < 1U << HTTP_METHODS);
    struct bytes rest = bytes_text(pattern), segment;
    require(bytes_has_prefix(rest, "/"));
    rest = bytes_from(rest, 1);
    struct node *node = &router->root;
    size_t n_params = 0;
    while (bytes_cut(&rest, '/', &segment)) {
        require(node->kind != NODE_REST || node == &router->root);
        node = child_for(node, segment);
        n_params += node->kind != NODE_LITERAL;
    }
    require(n_params <= HTTP_PARAMS_MAX);
    if (methods & 1U << HTTP_GET)
        methods |= 1U << HTTP_HEAD;
    for (unsigned i = 0; i < HTTP_METHODS; i++)
        if (methods & 1U << i)
            node->entries[i] = (struct http_route){
                .handler = handler, .ctx = ctx, .body_max = body_max};
    node->methods |= methods;
}

static bool fits(const struct node *node, struct bytes segment)
{
    if (node->kind == NODE_LITERAL)
        return bytes_equal(node->text, segment);
    return segment.len > 0;
}

/* rest: the path behind the slash before this level; data NULL when the path has ended. As
 * deep as the longest pattern has segments, whatever the path. */
static const struct node *find(const struct node *node, struct bytes rest,
                               struct bytes *params, size_t n_params)
{
    if (!rest.data)
        return node->methods ? node : NULL;
    struct bytes behind = rest, segment;
    (void)bytes_cut(&behind, '/', &segment);
    for (const struct node *child = node->children; child; child = child->next) {
        if (!fits(child, segment) && !(child->kind == NODE_REST && rest.len > 0))
            continue;
        bool is_param = child->kind != NODE_LITERAL;
        bool takes_rest = child->kind == NODE_REST;
        if (is_param)
            params[n_params] = takes_rest ? rest : segment;
        const struct node *found =
            find(child, takes_rest ? bytes_make(NULL, 0) : behind, params,
                 n_params + (is_param ? 1 : 0));
        if (found)
            return found;
    }
    return NULL;
}

bool http_router_find(const struct http_router *router, enum http_method method,
                      struct bytes path, struct http_route *ret_route,
                      struct bytes params[HTTP_PARAMS_MAX])
{
    for (size_t i = 0; i < HTTP_PARAMS_MAX; i++)
        params[i] = bytes_make(NULL, 0);
    if (!bytes_has_prefix(path, "/"))
        return false;
    const struct node *node = find(&router->root, bytes_from(path, 1), params, 0);
    if (!node)
        return false;
    *ret_route = node->entries[method];
    ret_route->methods = node->methods;
    return true;
}
