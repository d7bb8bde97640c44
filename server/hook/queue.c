#include "server/hook/queue.h"

#include "core/alloc.h"
#include "core/map.h"
#include "core/require.h"

enum line_state {
    LINE_READY,   /* its first tell may be sent */
    LINE_BUSY,    /* its first tell is being sent */
    LINE_WAITING, /* until due_ms, after a failure */
};

/* One show's tells, in order; never empty. */
struct hook_line {
    struct list link;  /* hook_queue.ready or .waiting; unlinked while BUSY */
    struct list tells; /* hook_tell.link */
    enum line_state state;
    unsigned n_failures; /* in a row */
    int64_t due_ms;
};

struct hook_queue {
    struct map *lines;          /* show: struct hook_line */
    struct list ready, waiting; /* hook_line.link */
    struct list ages;           /* hook_tell.age */
    size_t n, max;
};

static void set_state(struct hook_queue *queue, struct hook_line *line,
                      enum line_state state)
{
    list_remove(&line->link);
    line->state = state;
    if (state == LINE_READY)
        list_push(&queue->ready, &line->link);
    else if (state == LINE_WAITING)
        list_push(&queue->waiting, &line->link);
}

struct hook_queue *hook_queue_create(size_t max)
{
    struct hook_queue *queue = alloc_zero(sizeof *queue);
    queue->lines = map_create();
    queue->max = max;
    list_init(&queue->ready);
    list_init(&queue->waiting);
    list_init(&queue->ages);
    return queue;
}

static struct hook_tell *first_of(struct hook_line *line)
{
    return container_of(line->tells.next, struct hook_tell, link);
}

/* Out of everything; an empty line goes too. */
static void remove_tell(struct hook_queue *queue, struct hook_tell *tell)
{
    struct hook_line *line = tell->line;
    list_remove(&tell->link);
    list_remove(&tell->age);
    tell->line = NULL;
    queue->n--;
    if (!list_is_empty(&line->tells))
        return;
    list_remove(&line->link);
    (void)map_remove(queue->lines, bytes_text(tell->event.show));
    alloc_free(line);
}

void hook_queue_destroy(struct hook_queue *queue)
{
    if (!queue)
        return;
    while (!list_is_empty(&queue->ages)) {
        struct hook_tell *tell = container_of(queue->ages.next, struct hook_tell, age);
        remove_tell(queue, tell);
        alloc_free(tell);
    }
    map_destroy(queue->lines);
    alloc_free(queue);
}

/* The oldest that is not being sent. */
static struct hook_tell *drop_oldest(struct hook_queue *queue)
{
    list_for_each (node, &queue->ages) {
        struct hook_tell *tell = container_of(node, struct hook_tell, age);
        if (tell->line->state == LINE_BUSY && first_of(tell->line) == tell)
            continue;
        remove_tell(queue, tell);
        return tell;
    }
    return NULL;
}

struct hook_tell *hook_queue_add(struct hook_queue *queue, struct hook_tell *tell)
{
    struct hook_tell *dropped = queue->n >= queue->max ? drop_oldest(queue) : NULL;
    struct bytes show = bytes_text(tell->event.show);
    struct hook_line *line = map_find(queue->lines, show);
    if (!line) {
        line = alloc_zero(sizeof *line);
        list_init(&line->link);
        list_init(&line->tells);
        (void)map_put(queue->lines, show, line);
        set_state(queue, line, LINE_READY);
    }
    tell->line = line;
    list_init(&tell->link);
    list_init(&tell->age);
    list_push(&line->tells, &tell->link);
    list_push(&queue->ages, &tell->age);
    queue->n++;
    return dropped;
}

static void wake_lines(struct hook_queue *queue, int64_t now_ms)
{
    list_for_each_safe (node, &queue->waiting) {
        struct hook_line *line = container_of(node, struct hook_line, link);
        if (line->due_ms <= now_ms)
            set_state(queue, line, LINE_READY);
    }
}

struct hook_tell *hook_queue_next(struct hook_queue *queue, int64_t now_ms)
{
    wake_lines(queue, now_ms);
    if (list_is_empty(&queue->ready))
        return NULL;
    struct hook_line *line = container_of(queue->ready.next, struct hook_line, link);
    set_state(queue, line, LINE_BUSY);
    return first_of(line);
}

int64_t hook_queue_due_ms(const struct hook_queue *queue)
{
    int64_t due_ms = list_is_empty(&queue->ready) ? INT64_MAX : INT64_MIN;
    list_for_each (node, &queue->waiting) {
        const struct hook_line *line = container_of(node, struct hook_line, link);
        if (line->due_ms < due_ms)
            due_ms = line->due_ms;
    }
    return due_ms;
}

static void take_out(struct hook_queue *queue, struct hook_tell *tell)
{
    struct hook_line *line = tell->line;
    bool last = line->tells.next == line->tells.prev;
    require(line->state == LINE_BUSY && first_of(line) == tell);
    remove_tell(queue, tell);
    if (!last)
        set_state(queue, line, LINE_READY);
}

void hook_queue_done(struct hook_queue *queue, struct hook_tell *tell)
{
    tell->line->n_failures = 0;
    take_out(queue, tell);
}

/* 1 s, 2 s, 4 s … 5 min; between half of it and all of it, so that the shows of a
 * receiver that comes back do not all knock at once. */
static int64_t backoff_ms(unsigned n_failures, uint32_t random)
{
    int64_t ms = HOOK_BACKOFF_MIN_MS;
    for (unsigned i = 1; i < n_failures && ms < HOOK_BACKOFF_MAX_MS; i++)
        ms *= 2;
    if (ms > HOOK_BACKOFF_MAX_MS)
        ms = HOOK_BACKOFF_MAX_MS;
    return ms / 2 + random % (ms / 2 + 1);
}

bool hook_queue_failed(struct hook_queue *queue, struct hook_tell *tell, int64_t now_ms,
                       int64_t wall_ms, uint32_t random)
{
    struct hook_line *line = tell->line;
    line->n_failures++;
    if (wall_ms - tell->event.wall_ms >= HOOK_AGE_MAX_MS) {
        take_out(queue, tell);
        return true;
    }
    line->due_ms = now_ms + backoff_ms(line->n_failures, random);
    set_state(queue, line, LINE_WAITING);
    return false;
}

size_t hook_queue_count(const struct hook_queue *queue)
{
    return queue->n;
}
