/*
 * The serials of one moment may differ, as records come and go. So each
 * primary is given some seconds to come to the newest of them.
 */
#include "admin/check_serials.h"

#include <stdio.h>
#include <string.h>

#include "admin/check_dns.h"
#include "admin/check_list.h"
#include "common/monotonic.h"

#define CATCH_UP 5.0 /* seconds */

enum { NUMBER_MAX = 16 };

/* ---- asking ---- */

/* Of those that have not come to it; true: there is none. */
static bool
all_reached(const struct check_serial *s, size_t n, uint32_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].known && !check_serial_reached(s[i].serial, wanted))
			return false;
	return true;
}

static void
ask(struct check_run *run, const struct config_domain *d,
    struct check_serial *s, uint32_t wanted)
{
	struct check_question q[CONFIG_PRIMARIES_MAX];
	size_t which[CONFIG_PRIMARIES_MAX], n = 0;

	for (size_t i = 0; i < d->primaries.n; i++)
		if (s[i].known && !check_serial_reached(s[i].serial, wanted)) {
			check_question_init(
			    &q[n], &d->primaries.v[i], d->zone, DNS_SOA, 0);
			which[n++] = i;
		}
	check_dns_ask(run, q, n);
	for (size_t i = 0; i < n; i++)
		if (q[i].msg != NULL)
			check_zone_serial(
			    q[i].msg, q[i].len, &s[which[i]].serial);
	check_dns_free(q, n);
}

/* ---- what is said ---- */

static const char *
number(char buf[NUMBER_MAX], uint32_t value)
{
	snprintf(buf, NUMBER_MAX, "%lu", (unsigned long)value);
	return buf;
}

static void
say_behind(struct check_run *run, const struct config_domain *d, size_t i,
    const struct check_serial *s, size_t newest, uint32_t wanted)
{
	char server[NET_ADDRESS_TEXT_MAX], other[NET_ADDRESS_TEXT_MAX];
	char serial[NUMBER_MAX], had[NUMBER_MAX];

	check_say(run->found, FOUND_SERIAL_BEHIND, d->name,
	    check_server_text(&d->primaries.v[i], server),
	    number(serial, s[i].serial),
	    check_server_text(&d->primaries.v[newest], other),
	    number(had, wanted), NULL);
}

void
check_serials(struct check_run *run, const struct config_domain *d,
    const struct check_serial *first)
{
	size_t n = d->primaries.n, newest = check_serials_newest(first, n);
	struct check_serial now[CONFIG_PRIMARIES_MAX];
	double end = monotonic_now() + CATCH_UP;
	uint32_t wanted;

	if (newest == n)
		return;
	memcpy(now, first, n * sizeof(*now));
	wanted = first[newest].serial;
	while (!all_reached(now, n, wanted) && monotonic_now() < end &&
	    check_left(run) > 0) {
		check_dns_pause(run);
		ask(run, d, now, wanted);
	}
	if (all_reached(now, n, wanted))
		check_say(run->found, FOUND_SERIAL_SAME, d->name, NULL);
	for (size_t i = 0; i < n; i++)
		if (now[i].known &&
		    !check_serial_reached(now[i].serial, wanted))
			say_behind(run, d, i, now, newest, wanted);
}
