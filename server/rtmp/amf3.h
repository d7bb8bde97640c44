/* The values of AMF3 (Adobe "Action Message Format AMF 3", 2013, 3), which clients that
 * speak it put between values of AMF0. Plain ones are given; those that are made of others
 * (objects, arrays, vectors, dictionaries) are stepped over, because the answer to connect
 * asks for AMF0 and nothing that matters stands in them.
 *
 * Ownership: texts point into the bytes read. Pure.
 * Limits:    RTMP_AMF3_TRAITS_MAX; AMF0's number of values and depth hold here too. */
#ifndef RTMP_AMF3_H
#define RTMP_AMF3_H

#include "core/be.h"

struct rtmp_amf0_value;

/* Kinds of objects in one value that are told apart: clients send their own events. */
enum { RTMP_AMF3_TRAITS_MAX = 16 };

/* One value, as AMF0 would have it; what is made of others, and references to what came
 * before, are null. *n_values counts up to RTMP_AMF0_VALUES_MAX, depth is how deep values
 * may be nested. 0, ERR_LIMIT, ERR_PROTO, or ERR_UNSUPPORTED for objects that only their
 * class can read. */
int rtmp_amf3_read(struct be_reader *in, unsigned *n_values, unsigned depth,
                   struct rtmp_amf0_value *ret_value);

#endif
