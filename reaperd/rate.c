/* A token bucket. */
#include "reaperd/rate.h"

static double
bucket(const struct rate *r)
{
	double size = r->per_second * RATE_BURST;

	return size < 1 ? 1 : size;
}

void
rate_set(struct rate *r, double per_second, double now)
{
	r->per_second = per_second;
	r->tokens = 0;
	r->at = now;
}

size_t
rate_ready(struct rate *r, double now)
{
	/* A clock that was set back gives nothing, and costs nothing. */
	if (now > r->at)
		r->tokens += (now - r->at) * r->per_second;
	r->at = now;
	if (r->tokens > bucket(r))
		r->tokens = bucket(r);
	return r->tokens < 1 ? 0 : (size_t)r->tokens;
}

void
rate_spend(struct rate *r, size_t n)
{
	r->tokens -= (double)n;
}
