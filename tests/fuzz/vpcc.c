/* VP9's configuration records and access units. */
#include "tests/fuzz/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_media(TRACK_VP9, data, size);
}
