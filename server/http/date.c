#include "server/http/date.h"

#include <string.h>

static const int64_t LAST_S = 253402300799; /* 9999-12-31T23:59:59Z */

static void put_digits(char *out, int64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

/* Day, month and year of a day number since 1970-01-01, in the proleptic Gregorian
 * calendar: years begin in March here, so that the leap day is the last of its year. */
static void split_days(int64_t days, int64_t *day, int64_t *month, int64_t *year)
{
    int64_t z = days + 719468; /* days since 0000-03-01 */
    int64_t era = z / 146097;
    int64_t day_of_era = z % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
        365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

const char *http_date_print(int64_t wall_ms, char out[HTTP_DATE_MAX])
{
    static const char weekdays[] = "ThuFriSatSunMonTueWed";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t wall_s = wall_ms < 0 ? 0 : wall_ms / 1000;
    if (wall_s > LAST_S)
        wall_s = LAST_S;
    int64_t days = wall_s / 86400, day, month, year;
    split_days(days, &day, &month, &year);
    memcpy(out, "Www, dd Mmm yyyy hh:mm:ss GMT", HTTP_DATE_MAX);
    memcpy(out, weekdays + days % 7 * 3, 3);
    put_digits(out + 5, day, 2);
    memcpy(out + 8, months + (month - 1) * 3, 3);
    put_digits(out + 12, year, 4);
    put_digits(out + 17, wall_s / 3600 % 24, 2);
    put_digits(out + 20, wall_s / 60 % 60, 2);
    put_digits(out + 23, wall_s % 60, 2);
    return out;
}
