/* QR codes as SVG text (ISO/IEC 18004 by libqrencode, which is at home here): black on
 * white with the quiet zone of four modules, without a script, a style or a link, so that
 * it may stand in any page.
 *
 * Threads: any. */
#ifndef API_QR_H
#define API_QR_H

struct builder;
struct err;

enum {
    API_QR_TEXT_MAX = 1024,      /* more is too fine a pattern for a phone's camera */
    API_QR_SVG_MAX = 256 * 1024, /* of the longest text: 25 kB are usual for that */
};

/* ERR_LIMIT: text is longer than API_QR_TEXT_MAX. */
int api_qr_print(const char *text, struct builder *out, struct err *err);

#endif
