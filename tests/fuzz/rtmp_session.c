/* A whole RTMP conversation. The first byte of the input chooses: bit 0, the handshake is
 * put in front (else the input has its own); bit 1, the publish is refused; the rest, how
 * the input is cut. Events, answers and the end are the same however it is cut. */
#include <string.h>

#include "core/require.h"
#include "tests/unit/server/rtmp/run.h"

enum {
    INPUT_MAX =
        56 * 1024, /* with the handshake under what an unaccepted peer may send */
    HANDSHAKE = 1 + 2 * 1536,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void start(struct run *run, uint8_t choice)
{
    run_init(run);
    if (choice & 2)
        run->refusal = "No.";
    if (choice & 1) {
        static const uint8_t handshake[HANDSHAKE] = {3};
        require(run_feed(run, bytes_make(handshake, sizeof handshake)) == 0);
    }
}

static int feed_cut(struct run *run, struct bytes in, uint32_t seed)
{
    int error = 0;
    while (!error && in.len > 0) {
        seed = seed * 1103515245 + 12345;
        size_t n = seed >> 16 & 3 ? 1 + (seed >> 20) % 40 : 1;
        error = run_feed(run, bytes_first(in, n));
        in = bytes_from(in, n);
    }
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_MAX)
        return 0;
    struct bytes in = bytes_make(data + 1, size - 1);
    struct run whole, cut;
    start(&whole, data[0]);
    start(&cut, data[0]);
    int whole_error = run_feed(&whole, in);
    int cut_error = feed_cut(&cut, in, data[0]);
    require(whole_error == cut_error);
    require(strcmp(run_events(&whole), run_events(&cut)) == 0);
    require(bytes_equal(run_out(&whole), run_out(&cut)));
    require(strcmp(whole.err.text, cut.err.text) == 0);
    run_finish(&whole);
    run_finish(&cut);
    return 0;
}
