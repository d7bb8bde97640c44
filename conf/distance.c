#include "conf/distance.h"

#include <limits.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned conf_distance(struct bytes a, struct bytes b)
{
    if (a.len > CONF_DISTANCE_MAX || b.len > CONF_DISTANCE_MAX)
        return UINT_MAX;
    /* Rows of the table of distances between beginnings: this one and the two above. */
    unsigned rows[3][CONF_DISTANCE_MAX + 1];
    unsigned *above2 = rows[0], *above = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= b.len; j++)
        above[j] = above2[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            uint8_t in_a = lower(a.data[i - 1]), in_b = lower(b.data[j - 1]);
            row[j] =
                least(above[j - 1] + (in_a != in_b), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && in_a == lower(b.data[j - 2]) &&
                in_b == lower(a.data[i - 2]))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
        unsigned *oldest = above2;
        above2 = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

unsigned conf_distance_limit(struct bytes name)
{
    return name.len / 3 < 2 ? (unsigned)(name.len / 3) : 2;
}
