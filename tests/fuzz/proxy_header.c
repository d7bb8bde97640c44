/* A PROXY header: what is said of the whole is never taken back by a part of it. */
#include "server/loop/proxy_header.h"
#include "core/err.h"
#include "core/require.h"
#include "server/loop/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct loop_proxy_header header = {0}, again;
    struct err err;
    char out[LOOP_ADDRESS_MAX];
    if (size > LOOP_PROXY_HEADER_MAX + 16)
        return 0;
    int used = loop_proxy_header_read(bytes_make(data, size), &header, &err);
    require(used <= (int)size);
    if (used > 0 && header.has_source)
        require(loop_address_print(&header.source, out)[0]);
    size_t whole = used > 0 ? (size_t)used : size;
    for (size_t cut = 0; cut < whole && cut < 256; cut++) {
        int part = loop_proxy_header_read(bytes_make(data, cut), &again, &err);
        require(used < 0 ? part <= 0 : part == 0);
    }
    return 0;
}
