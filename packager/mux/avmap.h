/* Our words as libavformat's: tracks as stream parameters, errors as errors.
 *
 * Threads: any; pure. */
#ifndef MUX_AVMAP_H
#define MUX_AVMAP_H

struct AVCodecParameters;
struct AVStream;
struct err;
struct track;

/* Fills par for a muxer, configuration copied with padding. */
int mux_avmap_parameters(const struct track *track, struct AVCodecParameters *par,
                         struct err *err);

/* Tells a muxer's stream how bright the pictures are and what they were made on, if the
 * track knows: boxes mdcv and clli. 0 or an AVERROR code. */
int mux_avmap_brightness(const struct track *track, struct AVStream *stream);

/* An AVERROR code with what was tried, as ERR_NOMEM or ERR_MEDIA with words. */
int mux_avmap_error(int averror, const char *what, struct err *err);

#endif
