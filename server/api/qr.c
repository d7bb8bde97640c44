#include "server/api/qr.h"

#include <stdbool.h>
#include <string.h>

#include <qrencode.h>

#include "core/builder.h"
#include "core/err.h"

enum { QUIET_ZONE = 4 };

static bool is_black(const QRcode *code, int x, int y)
{
    return x < code->width && (code->data[y * code->width + x] & 1) != 0;
}

/* Neighbours of a row are one rectangle: "M4 4h7v1h-7z". */
static void print_row(const QRcode *code, int y, struct builder *out)
{
    for (int x = 0; x < code->width;) {
        int start = x;
        while (is_black(code, x, y))
            x++;
        if (x > start)
            builder_printf(out, "M%d %dh%dv1h-%dz", start + QUIET_ZONE, y + QUIET_ZONE,
                           x - start, x - start);
        else
            x++;
    }
}

int api_qr_print(const char *text, struct builder *out, struct err *err)
{
    if (strlen(text) > API_QR_TEXT_MAX)
        return err_set(err, ERR_LIMIT, "The text is too long for a QR code.");
    /* Level M: a sixth of it may be unreadable, as on a screen that mirrors a lamp. */
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return err_set(err, ERR_NOMEM, "There is no memory for a QR code.");
    int size = code->width + 2 * QUIET_ZONE;
    builder_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                   " shape-rendering=\"crispEdges\"><path fill=\"#fff\""
                   " d=\"M0 0h%dv%dh-%dz\"/><path d=\"",
                   size, size, size, size, size);
    for (int y = 0; y < code->width; y++)
        print_row(code, y, out);
    builder_text(out, "\"/></svg>");
    QRcode_free(code);
    return 0;
}
