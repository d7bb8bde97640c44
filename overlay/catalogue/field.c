#include "overlay/catalogue/field.h"

#include <string.h>

#include "core/bytes.h"

enum {
    FIELD_SHOWN_MAX = 32, /* bytes of an unknown name that the words repeat */
    FIELD_TYPOS_MAX = 2,  /* letters that may differ from the name that was meant */
};

static const char *const FIELDS[] = {"sku",      "title",       "url",
                                     "image",    "price_minor", "list_price_minor",
                                     "currency", "stock"};

enum { FIELD_N = sizeof FIELDS / sizeof FIELDS[0] };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance; both are at most FIELD_SHOWN_MAX long. */
static size_t distance(struct bytes a, struct bytes b)
{
    size_t row[FIELD_SHOWN_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

/* The name as a whole, or without the unit behind it: "prize" meant price_minor. */
static size_t distance_to_field(struct bytes name, const char *field)
{
    struct bytes whole = bytes_text(field);
    size_t unit = whole.len - strlen("_minor");
    size_t best = distance(name, whole);
    if (strstr(field, "_minor"))
        best = smaller(best, distance(name, bytes_first(whole, unit)));
    return best;
}

static const char *nearest(struct bytes name)
{
    const char *found = NULL;
    size_t best = FIELD_TYPOS_MAX + 1;
    for (size_t i = 0; i < FIELD_N; i++) {
        size_t typos = distance_to_field(name, FIELDS[i]);
        if (typos < best && typos < name.len) {
            best = typos;
            found = FIELDS[i];
        }
    }
    return found;
}

/* A stranger's name goes into the words in plain letters only. */
static void make_plain(const char *name, char out[FIELD_SHOWN_MAX + 1])
{
    size_t n = 0;
    for (; name[n] && n < FIELD_SHOWN_MAX; n++) {
        bool plain = name[n] > ' ' && name[n] < 0x7f && !strchr("\"\\<>&", name[n]);
        out[n] = '?';
        if (plain)
            out[n] = name[n];
    }
    out[n] = '\0';
}

int catalogue_field_check(const char *name, struct err *err)
{
    for (size_t i = 0; i < FIELD_N; i++)
        if (strcmp(name, FIELDS[i]) == 0)
            return 0;
    char plain[FIELD_SHOWN_MAX + 1];
    make_plain(name, plain);
    const char *meant = nearest(bytes_text(plain));
    if (meant)
        return err_set(err, ERR_INVALID, "%s: unknown field (did you mean \"%s\"?)",
                       plain, meant);
    return err_set(err, ERR_INVALID, "%s: unknown field", plain);
}
