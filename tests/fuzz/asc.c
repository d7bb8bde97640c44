/* AAC's AudioSpecificConfig. */
#include "core/err.h"
#include "core/require.h"
#include "packager/media/aac.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aac_config config;
    struct err err = {0};
    int rc = media_aac_parse_config(bytes_make(data, size), &config, &err);
    require((rc == 0) == (err.code == ERR_NONE));
    if (rc < 0)
        return 0;
    require(config.object_type == AAC_LC || config.object_type == AAC_HE ||
            config.object_type == AAC_HE_V2);
    require(config.sample_rate >= AAC_RATE_MIN && config.sample_rate <= AAC_RATE_MAX);
    require(config.channels > 0);
    require(config.frame_samples >= 960 && config.frame_samples <= 2048);
    return 0;
}
