/*
 * What a bucket is stands here and nowhere else; the message that carries
 * them only counts.
 */
#include "metrics.h"

#include <assert.h>
#include <math.h>

void
metric_add(struct metrics *m, size_t which, int64_t n)
{
	assert(which < m->n && m->rows[which].kind != METRIC_LATENCY);
	m->values[which] += n;
}

void
metric_set(struct metrics *m, size_t which, int64_t value)
{
	assert(which < m->n &&
	    (m->rows[which].kind == METRIC_GAUGE ||
		m->rows[which].kind == METRIC_MOMENT));
	m->values[which] = value;
}

double
metric_bucket_edge(unsigned bucket)
{
	return METRIC_LOWEST * exp2(bucket / 4.0);
}

/* The lowest bucket whose edge is not below `seconds`; the last has no edge. */
static unsigned
bucket_of(double seconds)
{
	double guess;
	unsigned i;

	if (!(seconds > METRIC_LOWEST))
		return 0;
	guess = ceil(4 * log2(seconds / METRIC_LOWEST));
	if (guess >= METRIC_BUCKETS - 1)
		return METRIC_BUCKETS - 1;
	i = (unsigned)guess;
	/* log2 and exp2 round differently: an edge belongs to its bucket. */
	if (i > 0 && seconds <= metric_bucket_edge(i - 1))
		i--;
	else if (seconds > metric_bucket_edge(i))
		i++;
	return i;
}

void
metric_observe(struct metrics *m, size_t which, double seconds)
{
	struct metric_latency *l;

	assert(which < m->n && m->rows[which].kind == METRIC_LATENCY);
	l = &m->latencies[which];
	l->count++;
	l->sum += seconds > 0 ? seconds : 0;
	l->buckets[bucket_of(seconds)]++;
}

static void
latency_add(struct metric_latency *to, const struct metric_latency *from)
{
	to->count += from->count;
	to->sum += from->sum;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

static void
moment_add(int64_t *to, int64_t from)
{
	if (from != 0 && (*to == 0 || from < *to))
		*to = from;
}

void
metrics_add(struct metrics *to, const struct metrics *from, bool gauges)
{
	assert(to->n == from->n);
	for (size_t i = 0; i < to->n; i++)
		if (to->rows[i].kind == METRIC_LATENCY)
			latency_add(&to->latencies[i], &from->latencies[i]);
		else if (to->rows[i].kind == METRIC_MOMENT)
			moment_add(
			    &to->values[i], gauges ? from->values[i] : 0);
		else if (to->rows[i].kind == METRIC_COUNTER || gauges)
			to->values[i] += from->values[i];
}

double
metric_quantile(const struct metric_latency *l, double q)
{
	double wanted = q * (double)l->count;
	uint64_t seen = 0;

	if (l->count == 0)
		return 0;
	for (unsigned i = 0; i < METRIC_BUCKETS; i++) {
		seen += l->buckets[i];
		if (seen > 0 && (double)seen >= wanted)
			return metric_bucket_edge(i);
	}
	return metric_bucket_edge(METRIC_BUCKETS - 1);
}
