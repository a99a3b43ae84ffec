/* Must not know who made the record, nor what follows from who shows it. */
#include "admin/check_look.h"

#include <math.h>
#include <stdlib.h>

#include "admin/check_dns.h"
#include "common/monotonic.h"

int
check_look_init(struct check_look *look, struct check_run *run,
    const struct net_address *servers, size_t n)
{
	*look = (struct check_look){ .run = run, .servers = servers, .n = n };
	look->at = calloc(n, sizeof(*look->at));
	return look->at != NULL ? 0 : -1;
}

void
check_look_free(struct check_look *look)
{
	free(look->at);
}

void
check_look_begin(struct check_look *look, bool want)
{
	for (size_t i = 0; i < look->n; i++) {
		look->at[i].ms[want] = -1;
		look->at[i].answered = false;
	}
	look->began = monotonic_now();
}

double
check_look_ms(const struct check_look *look)
{
	return (monotonic_now() - look->began) * 1000;
}

/* ---- one look ---- */

static bool
shows(const struct check_question *q, bool *shown_r)
{
	struct dns_reader r;
	struct dns_header h;

	if (q->msg == NULL || dns_reader_open(&r, q->msg, q->len, &h) == -1)
		return false;
	*shown_r = h.an > 0;
	return q->rcode == DNS_NOERROR || q->rcode == DNS_NXDOMAIN;
}

static bool
is_missing(const struct check_look_at *at, bool want)
{
	return at->ms[want] < 0 && !at->silent;
}

static void
take(struct check_look *look, struct check_look_at *at,
    const struct check_question *q, bool want)
{
	bool shown;

	at->answered = shows(q, &shown);
	at->silent = q->outcome == DNS_TIMED_OUT;
	if (at->answered && shown == want)
		at->ms[want] = check_look_ms(look);
}

static void
ask(struct check_look *look, const char *owner, bool want)
{
	struct check_question *q = calloc(look->n, sizeof(*q));
	size_t n = 0, k = 0;

	if (q == NULL)
		return;
	for (size_t i = 0; i < look->n; i++)
		if (is_missing(&look->at[i], want))
			check_question_init(
			    &q[n++], &look->servers[i], owner, DNS_TXT, 0);
	check_dns_ask(look->run, q, n);
	for (size_t i = 0; i < look->n; i++)
		if (is_missing(&look->at[i], want))
			take(look, &look->at[i], &q[k++], want);
	check_dns_free(q, n);
	free(q);
}

/* ---- again and again ---- */

static bool
any_missing(const struct check_look *look, bool want)
{
	for (size_t i = 0; i < look->n; i++)
		if (is_missing(&look->at[i], want))
			return true;
	return false;
}

void
check_look_again(struct check_look *look, const char *owner, bool want)
{
	check_dns_pause(look->run);
	if (any_missing(look, want))
		ask(look, owner, want);
}

void
check_look_wait(
    struct check_look *look, const char *owner, bool want, double seconds)
{
	double end = monotonic_now() + fmin(seconds, check_left(look->run));

	ask(look, owner, want);
	while (any_missing(look, want) && monotonic_now() < end)
		check_look_again(look, owner, want);
}
