#include "tests/unit/server/rtmp/dialogues.h"

#include <string.h>

#include "core/require.h"

#define DIALOGUE(known)                           \
    {                                             \
        .name = #known, .write = dialogue_##known \
    }

const struct dialogue dialogues[] = {
    DIALOGUE(obs),
    DIALOGUE(obs_old),
    DIALOGUE(ffmpeg),
    DIALOGUE(gstreamer),
    DIALOGUE(ffmpeg_one_component),
    DIALOGUE(obs_hevc),
    DIALOGUE(obs_multitrack),
    DIALOGUE(obs_hevc_as_avc),
    DIALOGUE(vmix),
    DIALOGUE(xsplit),
    DIALOGUE(wirecast),
    DIALOGUE(neko),
    DIALOGUE(haishinkit),
    DIALOGUE(root_encoder),
    DIALOGUE(haishinkit_fc),
    DIALOGUE(root_encoder_av1),
    DIALOGUE(larix),
    DIALOGUE(streamlabs),
    DIALOGUE(dji),
    DIALOGUE(haivision),
    DIALOGUE(fmle),
    DIALOGUE(flash),
    DIALOGUE(elemental),
    DIALOGUE(small_window),
    DIALOGUE(camera),
    DIALOGUE(dahua),
    DIALOGUE(envivio),
    DIALOGUE(hevc_by_number),
};

const size_t n_dialogues = sizeof dialogues / sizeof dialogues[0];

const struct dialogue *dialogue_find(const char *name)
{
    size_t i = 0;
    while (i < n_dialogues && strcmp(dialogues[i].name, name) != 0)
        i++;
    require(i < n_dialogues);
    return &dialogues[i];
}
