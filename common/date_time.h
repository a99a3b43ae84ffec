/* The date-time of RFC 5322 3.3, as it stands in records. UTC is written. */
#ifndef DNSMAIL_DATE_TIME_H
#define DNSMAIL_DATE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { DATE_TIME_MAX = 32 }; /* with NUL */

/* "Tue, 24 Nov 2026 04:10:40 +0000"; its length. Years 0 to 9999. */
size_t date_time_put(char buf[DATE_TIME_MAX], time_t);

/*
 * All of n octets must be one date of the years 1900 to 9999, as written and
 * in UTC; the obsolete forms of 4.3 (two-digit years, named zones, comments
 * anywhere) are read.
 * A day of the week must be one, but it is not compared with the date.
 */
bool date_time_parse(const char *text, size_t n, time_t *out_r);

#endif
