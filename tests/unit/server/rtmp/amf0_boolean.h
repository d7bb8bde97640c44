/* The AMF0 value that encoders send and the server never does. */
#ifndef TESTS_UNIT_SERVER_RTMP_AMF0_BOOLEAN_H
#define TESTS_UNIT_SERVER_RTMP_AMF0_BOOLEAN_H

#include "core/builder.h"

static inline void amf0_boolean_write(struct builder *out, bool value)
{
    builder_u8(out, 1);
    builder_u8(out, value);
}

#endif
