/* The plain values of AMF3 (Adobe "Action Message Format AMF 3", 2013, 3), which clients
 * that speak it put between values of AMF0. What is made of values (objects, arrays) is
 * not read: the answer to connect asks for AMF0, and no encoder sends them.
 *
 * Ownership: texts point into the bytes read. Pure. */
#ifndef RTMP_AMF3_H
#define RTMP_AMF3_H

#include "core/be.h"

struct rtmp_amf0_value;

/* One value, as AMF0 would have it; a reference to an earlier text is null. 0, ERR_LIMIT for
 * a text longer than RTMP_AMF0_TEXT_MAX, ERR_UNSUPPORTED for what is not plain, ERR_PROTO. */
int rtmp_amf3_read(struct be_reader *in, struct rtmp_amf0_value *ret_value);

#endif
