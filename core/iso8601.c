#include "core/iso8601.h"

static const int64_t MS_PER_DAY = 86400000;

/* Days since 1970-01-01 of a proleptic Gregorian date, and back: the era method of
 * Howard Hinnant's "chrono-compatible low-level date algorithms". */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

/* n digits and what stands behind them; where that ends. */
static char *put_digits(char *at, unsigned value, size_t n, char behind)
{
    at[n] = behind;
    for (size_t i = n; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + n + 1;
}

const char *iso8601_print(int64_t wall_ms, char out[ISO8601_MAX])
{
    const int64_t first = days_from_date(0, 1, 1) * MS_PER_DAY;
    const int64_t last = days_from_date(10000, 1, 1) * MS_PER_DAY - 1;
    if (wall_ms < first)
        wall_ms = first;
    if (wall_ms > last)
        wall_ms = last;
    int64_t days = wall_ms / MS_PER_DAY;
    int64_t rest = wall_ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        days--;
    }
    int year;
    int month;
    int day;
    date_from_days(days, &year, &month, &day);
    unsigned ms = (unsigned)rest;
    char *at = put_digits(out, (unsigned)year, 4, '-');
    at = put_digits(at, (unsigned)month, 2, '-');
    at = put_digits(at, (unsigned)day, 2, 'T');
    at = put_digits(at, ms / 3600000, 2, ':');
    at = put_digits(at, ms / 60000 % 60, 2, ':');
    at = put_digits(at, ms / 1000 % 60, 2, '.');
    at = put_digits(at, ms % 1000, 3, 'Z');
    *at = '\0';
    return out;
}

/* Reads exactly n digits at *at. */
static bool read_digits(struct bytes text, size_t *at, size_t n, int64_t *ret)
{
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        if (*at + i >= text.len || text.data[*at + i] < '0' || text.data[*at + i] > '9')
            return false;
        value = value * 10 + (text.data[*at + i] - '0');
    }
    *at += n;
    *ret = value;
    return true;
}

static bool read_char(struct bytes text, size_t *at, char c)
{
    if (*at >= text.len || text.data[*at] != (uint8_t)c)
        return false;
    ++*at;
    return true;
}

static bool read_fraction_ms(struct bytes text, size_t *at, int64_t *ret_ms)
{
    int64_t ms = 0;
    int64_t unit = 100;
    size_t n = 0;
    while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9') {
        ms += unit * (text.data[*at] - '0');
        unit /= 10;
        ++*at;
        n++;
    }
    *ret_ms = ms;
    return n >= 1 && n <= 9;
}

static bool read_zone(struct bytes text, size_t *at, int64_t *ret_offset_ms)
{
    *ret_offset_ms = 0;
    if (read_char(text, at, 'Z'))
        return true;
    int64_t sign = *at < text.len && text.data[*at] == '-' ? -1 : 1;
    if (!read_char(text, at, '+') && !read_char(text, at, '-'))
        return false;
    int64_t hours;
    int64_t minutes;
    if (!read_digits(text, at, 2, &hours) || !read_char(text, at, ':') ||
        !read_digits(text, at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_offset_ms = sign * (hours * 60 + minutes) * 60000;
    return true;
}

bool iso8601_parse(struct bytes text, int64_t *ret_wall_ms)
{
    size_t at = 0;
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t ms = 0;
    int64_t offset_ms;
    bool shaped = read_digits(text, &at, 4, &year) && read_char(text, &at, '-') &&
                  read_digits(text, &at, 2, &month) && read_char(text, &at, '-') &&
                  read_digits(text, &at, 2, &day) && read_char(text, &at, 'T') &&
                  read_digits(text, &at, 2, &hour) && read_char(text, &at, ':') &&
                  read_digits(text, &at, 2, &minute) && read_char(text, &at, ':') &&
                  read_digits(text, &at, 2, &second);
    if (!shaped || (read_char(text, &at, '.') && !read_fraction_ms(text, &at, &ms)) ||
        !read_zone(text, &at, &offset_ms) || at != text.len)
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    *ret_wall_ms = days_from_date(year, month, day) * MS_PER_DAY + hour * 3600000 +
                   minute * 60000 + second * 1000 + ms - offset_ms;
    return true;
}
