/* Telling an HEVC configuration record from others (ISO/IEC 14496-15, 8.3.3.1). Pure. */
#ifndef RTMP_HEVC_RECORD_H
#define RTMP_HEVC_RECORD_H

#include "core/bytes.h"

/* Every reserved bit is as it must be, and the arrays hold parameter sets and end with the
 * record. An avcC never looks so: its fifth byte begins with six ones. */
bool rtmp_hevc_record_is(struct bytes record);

#endif
