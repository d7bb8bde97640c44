/* What known encoders say from C0 to the end of a short show, quirks included. What has to
 * come of it, events and answers, is in golden/NAME.txt. */
#ifndef TESTS_RTMP_DIALOGUES_H
#define TESTS_RTMP_DIALOGUES_H

#include "tests/unit/server/rtmp/script.h"

struct dialogue {
    const char *name;
    void (*write)(struct script *script);
};

extern const struct dialogue dialogues[];
extern const size_t n_dialogues;

const struct dialogue *dialogue_find(const char *name);

void dialogue_obs(struct script *script);
void dialogue_obs_old(struct script *script);
void dialogue_ffmpeg(struct script *script);
void dialogue_gstreamer(struct script *script);
void dialogue_ffmpeg_one_component(struct script *script);
void dialogue_obs_hevc(struct script *script);
void dialogue_obs_multitrack(struct script *script);
void dialogue_obs_hevc_as_avc(struct script *script);
void dialogue_vmix(struct script *script);
void dialogue_xsplit(struct script *script);
void dialogue_wirecast(struct script *script);
void dialogue_neko(struct script *script);
void dialogue_haishinkit(struct script *script);
void dialogue_root_encoder(struct script *script);
void dialogue_haishinkit_fc(struct script *script);
void dialogue_root_encoder_av1(struct script *script);
void dialogue_larix(struct script *script);
void dialogue_streamlabs(struct script *script);
void dialogue_dji(struct script *script);
void dialogue_haivision(struct script *script);
void dialogue_fmle(struct script *script);
void dialogue_flash(struct script *script);
void dialogue_elemental(struct script *script);
void dialogue_small_window(struct script *script);
void dialogue_camera(struct script *script);
void dialogue_dahua(struct script *script);
void dialogue_envivio(struct script *script);
void dialogue_hevc_by_number(struct script *script);

#endif
