#include "tests/sim/scene.h"

static const struct checker_config in_step = {.same_boundaries = true};

void scene_start(struct sim *sim, const struct feed_config *feed)
{
    struct packager_config config = sim_usual_config();
    sim_init(sim, &config, &in_step);
    sim_begin(sim, "e1", feed);
}

int64_t scene_next_base_ms(const struct sim *sim)
{
    int64_t newest_ms = packager_newest_time(sim->packager) / 90 + 100;
    return sim->now_ms > newest_ms ? sim->now_ms : newest_ms;
}

int scene_setup(void **state)
{
    static struct scene scene;
    scene = (struct scene){.feed = sim_usual_feed()};
    *state = &scene;
    return 0;
}

int scene_teardown(void **state)
{
    struct scene *scene = *state;
    sim_finish(&scene->sim);
    return 0;
}
