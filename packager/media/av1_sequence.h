/* The sequence header OBU of AV1 (specification 5.5). */
#ifndef MEDIA_AV1_SEQUENCE_H
#define MEDIA_AV1_SEQUENCE_H

#include "packager/media/av1.h"

struct err;

/* payload: of the OBU, without its header. */
int media_av1_sequence_parse(struct bytes payload, struct av1_config *ret,
                             struct err *err);

#endif
