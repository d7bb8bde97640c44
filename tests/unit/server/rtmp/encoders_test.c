#include "tests/unit/server/rtmp/dialogues.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/server/rtmp/run.h"

static void check_events(const char *name, const char *expected)
{
    struct script script;
    script_init(&script);
    dialogue_find(name)->write(&script);
    struct run run;
    run_init(&run);
    assert_int_equal(run_feed(&run, script_bytes(&script)), 0);
    assert_string_equal(run_events(&run), expected);
    assert_int_equal(run_count(&run, "NetConnection.Connect.Success"), 1);
    assert_int_equal(run_count(&run, "NetStream.Publish.Start"),
                     1 + run_count(&run, "onFCPublish"));
    assert_int_equal(run_count(&run, "_error"), 0);
    run_finish(&run);
    script_finish(&script);
}

static void obs_publishes_to_the_end(void **state)
{
    (void)state;
    check_events("obs", "publish app=live key=k3y-abc query=backup=1 "
                        "encoder=FMLE/3.0 (compatible; FMSc/1.0)\n"
                        "metadata audio video 1280x720 "
                        "encoder=obs-output module (libobs version 31.0.0)\n"
                        "audio-config aac 0+0 key 5:01c3e4a2\n"
                        "video-config h264 0+0 key 40:78703595\n"
                        "video h264 0+66 key 5000:a05c0acf\n"
                        "audio aac 0+0 key 300:1e7f6618\n"
                        "audio aac 21+0 key 310:70ae8cdd\n"
                        "video h264 33+133 700:f1c408c0\n"
                        "video h264 66-1 300:1e7f6618\n"
                        "video h264 100+0 300:1e7f6618\n"
                        "video h264 134+33 300:1e7f6618\n"
                        "audio aac 134+0 key 290:90ee3353\n"
                        "unpublish\n");
}

static void old_obs_publishes_past_the_extended_stamp(void **state)
{
    (void)state;
    check_events("obs_old", "publish app=live/inst key=old query= "
                            "encoder=FMLE/3.0 (compatible; FMSc/1.0)\n"
                            "audio-config aac 0+0 key 2:000003e2\n"
                            "video-config h264 0+0 key 40:78703595\n"
                            "video h264 16777232+0 key 5000:a05c0acf\n"
                            "audio aac 16777242+0 key 100:c5ecadf3\n"
                            "audio aac 16777280+0 key 100:c5ecadf3\n"
                            "audio aac 16777280+0 key 100:c5ecadf3\n"
                            "unpublish\n");
}

static void ffmpeg_publishes_to_the_end(void **state)
{
    (void)state;
    check_events("ffmpeg", "publish app=live key=demo_key query= "
                           "encoder=FMLE/3.0 (compatible; Lavf59.27.100)\n"
                           "metadata audio video 1280x720 encoder=Lavf59.27.100\n"
                           "video-config h264 0+0 key 45:bf0081b6\n"
                           "audio-config aac 0+0 key 5:01c3e4a2\n"
                           "video h264 0+67 key 6000:b58889c5\n"
                           "audio aac 0+0 key 23:4ca696eb\n"
                           "audio aac 23+0 key 23:4ca696eb\n"
                           "video h264 33+133 800:a752df93\n"
                           "data 40 onTextData 25\n"
                           "unpublish\n");
}

static void gstreamer_publishes_without_transactions(void **state)
{
    (void)state;
    check_events("gstreamer", "publish app=live key=gst query=token=b&x=1 "
                              "encoder=LNX 10,0,32,18\n"
                              "metadata video 1280x720 encoder=GStreamer\n"
                              "video-config h264 0+0 key 33:97f9e430\n"
                              "video h264 0+0 key 1000:4d5baef7\n"
                              "unpublish\n");
}

static void haishinkit_publishes_without_releasestream(void **state)
{
    (void)state;
    check_events("haishinkit", "publish app=live key=phone query= "
                               "encoder=FMLE/3.0 (compatible; FMSc/1.0)\n"
                               "metadata audio video 1280x720 encoder=HaishinKit\n"
                               "audio-config aac 0+0 key 2:000003e2\n"
                               "video-config h264 0+0 key 38:e06ccdb4\n"
                               "audio aac 0+0 key 180:1ddd991b\n"
                               "video h264 0+0 key 9000:6fc566a7\n"
                               "audio aac 23+0 key 181:9dd58afa\n"
                               "video h264 33+0 900:23579f45\n"
                               "unpublish\n");
}

static void root_encoder_publishes_in_small_chunks(void **state)
{
    (void)state;
    check_events("root_encoder", "publish app=live key=root query= "
                                 "encoder=FMLE/3.0 (compatible; Lavf57.56.101)\n"
                                 "metadata audio video 1280x720 encoder=RootEncoder\n"
                                 "video-config h264 0+0 key 39:2d2ce8f3\n"
                                 "audio-config aac 0+0 key 2:000003e2\n"
                                 "video h264 5+0 key 3000:8ceebce3\n"
                                 "audio aac 3+0 key 200:9d5c8be5\n"
                                 "video-config h264 60+0 key 41:95967d34\n"
                                 "video h264 90+0 key 2500:80160368\n"
                                 "unpublish\n");
}

/* Runs a script in the given cuts and compares with the run of the whole. */
static void check_same(const struct run *whole, const char *events, struct bytes in,
                       size_t first, size_t then)
{
    struct run run;
    run_init(&run);
    assert_int_equal(run_feed(&run, bytes_first(in, first)), 0);
    assert_int_equal(run_feed_pieces(&run, bytes_from(in, first), then), 0);
    assert_string_equal(run_events(&run), events);
    assert_true(bytes_equal(run_out(&run), run_out(whole)));
    run_finish(&run);
}

static void every_cut_of_the_input_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_dialogues; i++) {
        struct script script;
        script_init(&script);
        dialogues[i].write(&script);
        struct bytes in = script_bytes(&script);
        struct run whole;
        run_init(&whole);
        assert_int_equal(run_feed(&whole, in), 0);
        const char *events = run_events(&whole);
        check_same(&whole, events, in, 0, 1);
        /* Two pieces, cut at every boundary; far into payloads a stride is enough. */
        for (size_t at = 1; at < in.len; at += at < 6000 ? 1 : 7)
            check_same(&whole, events, in, at, in.len);
        run_finish(&whole);
        script_finish(&script);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obs_publishes_to_the_end),
        cmocka_unit_test(old_obs_publishes_past_the_extended_stamp),
        cmocka_unit_test(ffmpeg_publishes_to_the_end),
        cmocka_unit_test(gstreamer_publishes_without_transactions),
        cmocka_unit_test(haishinkit_publishes_without_releasestream),
        cmocka_unit_test(root_encoder_publishes_in_small_chunks),
        cmocka_unit_test(every_cut_of_the_input_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
