/* Byte scripts of a publishing client: what it would send, built by hand, header by header,
 * so that each quirk of an encoder can be written down. */
#ifndef TESTS_RTMP_SCRIPT_H
#define TESTS_RTMP_SCRIPT_H

#include "core/builder.h"
#include "server/rtmp/digest.h"

enum { SCRIPT_MAX = 32 * 1024 * 1024 };

struct script {
    struct builder out;
    uint32_t chunk_size;
};

/* Fields of one message; fmt is the type of its first header, 0 to 3. */
struct script_message {
    unsigned fmt;
    uint32_t csid;
    uint32_t stamp; /* absolute for fmt 0, else the delta */
    uint8_t type;
    uint32_t stream_id;
    bool repeats_extended; /* type 3 headers of the rest repeat the extended stamp */
};

void script_init(struct script *script);
void script_finish(struct script *script);

void script_handshake(struct script *script);
void script_handshake_digest(struct script *script, enum rtmp_digest_schema schema);

/* One header as it stands on the wire. */
void script_header(struct script *script, const struct script_message *message,
                   size_t len);
/* A whole message in chunks. */
void script_message(struct script *script, const struct script_message *message,
                    struct bytes body);
void script_chunk_size(struct script *script, uint32_t csid, uint32_t size);

/* AMF0 to be put together with the writers of server/rtmp/amf0.h. */
struct builder script_command(const char *name, double transaction);
/* Sends body as a command with a full header, and finishes it. */
void script_send(struct script *script, uint32_t csid, uint32_t stream_id,
                 uint32_t stamp_ms, struct builder *body);
/* name(transaction, null, text?) */
void script_call(struct script *script, uint32_t csid, uint32_t stream_id,
                 const char *name, double transaction, const char *text);

/* n bytes that are not all alike. */
void script_payload(struct builder *body, size_t n);
/* Media bodies: n bytes of payload that are not all alike. */
struct builder script_avc(unsigned frame_type, unsigned packet_type, int32_t cts_ms,
                          size_t n);
struct builder script_aac(unsigned packet_type, size_t n);
/* Sends and finishes the body. */
void script_media(struct script *script, const struct script_message *message,
                  struct builder *body);

struct bytes script_bytes(const struct script *script);

#endif
