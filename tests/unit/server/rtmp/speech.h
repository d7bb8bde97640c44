/* What many encoders say alike, for the dialogues. */
#ifndef TESTS_RTMP_SPEECH_H
#define TESTS_RTMP_SPEECH_H

#include "tests/unit/server/rtmp/script.h"

#define SPEECH_TAG(n, ...)                                     \
    speech_tag((n), bytes_make((const uint8_t[]){__VA_ARGS__}, \
                               sizeof((const uint8_t[]){__VA_ARGS__})))

/* Properties of objects being written. */
void speech_property(struct builder *body, const char *name, const char *text);
void speech_number(struct builder *body, const char *name, double value);
void speech_strict_texts(struct builder *body, const char *name,
                         const char *const texts[], unsigned n);

/* connect up to its object's end, and all of it. */
struct builder speech_connect_begin(const char *app, const char *tc_url,
                                    const char *flash_version);
void speech_connect(struct script *script, const char *app, const char *tc_url,
                    const char *flash_version);
/* A command whose header leaves the message stream away, as librtmp sends them. */
void speech_short_call(struct script *script, const char *name, double transaction,
                       const char *text);
/* releaseStream, FCPublish and createStream from transaction 2 on, then publish. */
void speech_publish_calls(struct script *script, const char *key);
void speech_publish(struct script *script, uint32_t csid, double transaction,
                    const char *key);
void speech_delete_stream(struct script *script, uint32_t csid, double transaction);

/* @setDataFrame with the ECMA array of onMetaData; the first leaves its end to be said. */
struct builder speech_metadata_begin(const char *encoder);
struct builder speech_metadata(const char *encoder, bool audio, bool video);

void speech_body(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                 uint8_t type, struct builder body);
void speech_video(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body);
void speech_audio(struct script *script, unsigned fmt, uint32_t csid, uint32_t stamp,
                  struct builder body);
/* An FLV tag of that head and n bytes of payload. */
struct builder speech_tag(size_t n, struct bytes head);

/* The whole beginning and end of librtmp's clients. */
void speech_librtmp_opening(struct script *script, const char *app, const char *tc_url,
                            const char *key);
void speech_librtmp_end(struct script *script, const char *key);

#endif
