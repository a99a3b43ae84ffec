/*
 * Owns dates as mail writes them. Own arithmetic, because timegm(3) and
 * gmtime(3) look at the time zone files, which a jailed daemon cannot read.
 */
#include "date_time.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "rfc5322.h"

enum { DAY = 24 * 60 * 60, ERA_DAYS = 146097 /* in 400 years */ };

/* Where they begin, in UTC: a zone may lead out of the years written. */
static const int64_t YEAR_1900 = -2208988800, YEAR_10000 = 253402300800;

static const char week_days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Hours east of Greenwich (RFC 5322 4.3). */
static const struct {
	char name[4];
	int hours;
} zones[] = {
	{ "UT", 0 },
	{ "GMT", 0 },
	{ "EDT", -4 },
	{ "EST", -5 },
	{ "CDT", -5 },
	{ "CST", -6 },
	{ "MDT", -6 },
	{ "MST", -7 },
	{ "PDT", -7 },
	{ "PST", -8 },
};

struct civil {
	int64_t year;
	unsigned month; /* 1..12 */
	unsigned day;   /* 1..31 */
};

/*
 * Days since 1970-01-01 and back, by years that begin in March, so that the
 * leap day is the last of its year.
 */
static int64_t
days_from_civil(const struct civil *d)
{
	int64_t year = d->year - (d->month <= 2);
	int64_t era = year / 400, of_era = year % 400;
	int64_t of_year =
	    (153 * ((int64_t)d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 +
	    d->day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static struct civil
civil_from_days(int64_t days)
{
	int64_t era, of_era, year, of_year, month;
	struct civil d;

	days += 719468;
	era = days / ERA_DAYS;
	of_era = days % ERA_DAYS;
	year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	d.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1);
	d.month = (unsigned)(month < 10 ? month + 3 : month - 9);
	d.year = year + era * 400 + (d.month <= 2);
	return d;
}

static char *
put_digits(char *p, uint64_t value, int digits, char after)
{
	for (int i = digits; i-- > 0; value /= 10)
		p[i] = (char)('0' + value % 10);
	p[digits] = after;
	return p + digits + 1;
}

size_t
date_time_put(char buf[DATE_TIME_MAX], time_t t)
{
	int64_t days = (int64_t)t / DAY, of_day = (int64_t)t % DAY;
	struct civil d;
	char *p = buf;

	if (of_day < 0) {
		of_day += DAY;
		days--;
	}
	d = civil_from_days(days);
	assert(d.year >= 0 && d.year <= 9999);
	/* 1970-01-01 was a Thursday. */
	memcpy(p, week_days + 3 * ((days % 7 + 7 + 4) % 7), 3);
	memcpy(p + 3, ", ", 2);
	p = put_digits(p + 5, d.day, 2, ' ');
	memcpy(p, months + 3 * (d.month - 1), 3);
	p[3] = ' ';
	p = put_digits(p + 4, (uint64_t)d.year, 4, ' ');
	p = put_digits(p, (uint64_t)of_day / 3600, 2, ':');
	p = put_digits(p, (uint64_t)of_day / 60 % 60, 2, ':');
	p = put_digits(p, (uint64_t)of_day % 60, 2, ' ');
	memcpy(p, "+0000", 6);
	return (size_t)(p + 5 - buf);
}

/* ---- reading ---- */

/* least..most digits, CFWS before them skipped; how many, 0: no such. */
static int
number(struct rfc5322 *c, int least, int most, unsigned *value_r)
{
	int n = 0;

	*value_r = 0;
	if (!rfc5322_skip_cfws(c))
		return 0;
	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (++n > most)
			return 0;
		*value_r = *value_r * 10 + (unsigned)(*c->p - '0');
	}
	return n >= least ? n : 0;
}

/* Letters, CFWS before them skipped; how many. */
static size_t
letters(struct rfc5322 *c, const char **start_r)
{
	if (!rfc5322_skip_cfws(c))
		return 0;
	*start_r = c->p;
	while (c->p < c->end &&
	    ((*c->p >= 'a' && *c->p <= 'z') || (*c->p >= 'A' && *c->p <= 'Z')))
		c->p++;
	return (size_t)(c->p - *start_r);
}

/* Which of the three-letter names, from 1; 0: none. */
static unsigned
name(struct rfc5322 *c, const char *names)
{
	const char *start = NULL;

	if (letters(c, &start) != 3)
		return 0;
	for (unsigned i = 0; names[3 * i] != '\0'; i++)
		if (strncasecmp(start, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* The day of the week with its comma, if one stands there. */
static bool
week_day(struct rfc5322 *c)
{
	if (!rfc5322_skip_cfws(c))
		return false;
	if (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		return true; /* it is optional */
	return name(c, week_days) != 0 && rfc5322_char(c, ',');
}

/* Two digits below 50 are of this century, three count from 1900 (4.3). */
static bool
date(struct rfc5322 *c, struct civil *d)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	unsigned year, last;
	int digits;

	if (number(c, 1, 2, &d->day) == 0 || (d->month = name(c, months)) == 0)
		return false;
	digits = number(c, 2, 4, &year);
	if (digits == 2)
		year += year < 50 ? 2000 : 1900;
	else if (digits == 3)
		year += 1900;
	d->year = year;
	last = lengths[d->month - 1];
	if (d->month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0))
		last = 29;
	return digits != 0 && year >= 1900 && d->day >= 1 && d->day <= last;
}

/* 60 is a leap second (3.3). */
static bool
time_of_day(struct rfc5322 *c, unsigned *seconds_r)
{
	unsigned hour, minute, second = 0;

	if (number(c, 2, 2, &hour) == 0 || !rfc5322_char(c, ':') ||
	    number(c, 2, 2, &minute) == 0)
		return false;
	if (rfc5322_char(c, ':') && number(c, 2, 2, &second) == 0)
		return false;
	*seconds_r = hour * 3600 + minute * 60 + second;
	return hour <= 23 && minute <= 59 && second <= 60;
}

/* Unknown names and the military letters mean nothing, so UTC (4.3). */
static bool
named_zone(struct rfc5322 *c, int *seconds_r)
{
	const char *start = NULL;
	size_t n = letters(c, &start);

	*seconds_r = 0;
	if (n == 1)
		return *start != 'J' && *start != 'j';
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (n == strlen(zones[i].name) &&
		    strncasecmp(start, zones[i].name, n) == 0)
			*seconds_r = zones[i].hours * 3600;
	return n >= 2 && n <= 5;
}

/* Hours are not bounded by the grammar; minutes are 00 to 59. */
static bool
zone(struct rfc5322 *c, int *seconds_r)
{
	bool plus = rfc5322_char(c, '+');
	unsigned hhmm;

	if (!plus && !rfc5322_char(c, '-'))
		return named_zone(c, seconds_r);
	if (c->p == c->end || *c->p < '0' || *c->p > '9' ||
	    number(c, 4, 4, &hhmm) == 0 || hhmm % 100 > 59)
		return false;
	*seconds_r = (int)(hhmm / 100 * 3600 + hhmm % 100 * 60);
	if (!plus)
		*seconds_r = -*seconds_r;
	return true;
}

bool
date_time_parse(const char *text, size_t n, time_t *out_r)
{
	struct rfc5322 c = { .p = text, .end = text + n };
	struct civil d;
	unsigned seconds;
	int east;

	if (!week_day(&c) || !date(&c, &d) || !time_of_day(&c, &seconds) ||
	    !zone(&c, &east) || !rfc5322_at_end(&c))
		return false;
	*out_r = (time_t)(days_from_civil(&d) * DAY + seconds - east);
	return *out_r >= YEAR_1900 && *out_r < YEAR_10000;
}
