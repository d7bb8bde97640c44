#include "core/parse.h"

bool parse_u64(struct bytes text, uint64_t *ret)
{
    uint64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(c - '0'), &value))
            return false;
    }
    *ret = value;
    return true;
}

bool parse_i64(struct bytes text, int64_t *ret)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    uint64_t magnitude;
    if (!parse_u64(bytes_from(text, negative), &magnitude) || magnitude > INT64_MAX)
        return false;
    *ret = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

/* Splits "1.5s" into thousandths (1500) and the unit ("s"). */
static bool split_thousandths(struct bytes text, int64_t *ret_value,
                              struct bytes *ret_unit)
{
    size_t n = 0;
    while (n < text.len && text.data[n] >= '0' && text.data[n] <= '9')
        n++;
    uint64_t whole;
    if (n > 15 || !parse_u64(bytes_first(text, n), &whole))
        return false;
    int64_t value = (int64_t)whole * 1000;
    if (n < text.len && text.data[n] == '.') {
        int64_t unit = 100;
        size_t digits = 0;
        for (n++; n < text.len && text.data[n] >= '0' && text.data[n] <= '9'; n++) {
            value += unit * (text.data[n] - '0');
            unit /= 10;
            digits++;
        }
        if (digits < 1 || digits > 3)
            return false;
    }
    *ret_value = value;
    *ret_unit = bytes_from(text, n);
    return true;
}

bool parse_duration_ms(struct bytes text, int64_t *ret_ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    int64_t thousandths;
    struct bytes unit;
    if (!split_thousandths(text, &thousandths, &unit))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t scaled;
        if (!bytes_equal_text(unit, units[i].name))
            continue;
        if (__builtin_mul_overflow(thousandths, units[i].ms, &scaled) ||
            scaled % 1000 != 0)
            return false;
        *ret_ms = scaled / 1000;
        return true;
    }
    return false;
}
