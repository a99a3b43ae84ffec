/*
 * Holds the last answers as they came: the difference of two of them tells all
 * that is asked here. Pure; time is an argument.
 */
#include "admin/history.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/status_msg.h"

enum { ANSWERS = HISTORY_WINDOW + 1 };

struct answer {
	struct status_msg msg;
	double at;
};

struct history {
	struct answer answers[ANSWERS]; /* [0] is the last */
	size_t n;
	/* A ring: `next` is the oldest sample. */
	float curves[STATUS_METRICS_MAX][HISTORY_SAMPLES];
	size_t next;
};

static void
curves_clear(struct history *h)
{
	for (size_t i = 0; i < STATUS_METRICS_MAX; i++)
		for (size_t s = 0; s < HISTORY_SAMPLES; s++)
			h->curves[i][s] = -1;
}

struct history *
history_new(void)
{
	struct history *h = calloc(1, sizeof(*h));

	if (h != NULL)
		curves_clear(h);
	return h;
}

static void
answers_clear(struct history *h)
{
	while (h->n > 0)
		status_msg_free(&h->answers[--h->n].msg);
}

void
history_free(struct history *h)
{
	if (h != NULL)
		answers_clear(h);
	free(h);
}

/* Whether their numbers can be subtracted. */
static bool
same_life(const struct status_msg *a, const struct status_msg *b)
{
	if (a->pid != b->pid || a->started != b->started ||
	    a->metrics.n != b->metrics.n)
		return false;
	for (size_t i = 0; i < a->metrics.n; i++)
		if (a->metrics.rows[i].kind != b->metrics.rows[i].kind ||
		    strcmp(a->metrics.rows[i].name, b->metrics.rows[i].name) !=
			0)
			return false;
	return true;
}

/* ---- the difference of answers[0] and an older one ---- */

/* Never less than none: a counter that fell is not believed. */
static double
counter_grown(const struct metrics *m, const struct metrics *old, size_t i)
{
	double grown = m->rows[i].kind == METRIC_LATENCY
	    ? (double)m->latencies[i].count - (double)old->latencies[i].count
	    : (double)m->values[i] - (double)old->values[i];

	return grown > 0 ? grown : 0;
}

static double
rate_since(const struct history *h, size_t which, size_t old)
{
	double passed = h->answers[0].at - h->answers[old].at;

	return passed > 0 ? counter_grown(&h->answers[0].msg.metrics,
				&h->answers[old].msg.metrics, which) /
		passed
			  : 0;
}

static double
quantile_since(const struct history *h, size_t which, double q, size_t old)
{
	const struct metric_latency *l =
	    &h->answers[0].msg.metrics.latencies[which];
	const struct metric_latency *before =
	    &h->answers[old].msg.metrics.latencies[which];
	struct metric_latency grown = { 0 };

	for (unsigned b = 0; b < METRIC_BUCKETS; b++)
		if (l->buckets[b] > before->buckets[b])
			grown.count += grown.buckets[b] =
			    l->buckets[b] - before->buckets[b];
	return metric_quantile(&grown, q);
}

/* ---- what came ---- */

static float
sample(const struct history *h, size_t i)
{
	const struct metrics *m = &h->answers[0].msg.metrics;

	if (m->rows[i].kind == METRIC_GAUGE)
		return m->values[i] > 0 ? (float)m->values[i] : 0;
	if (h->n < 2 || m->rows[i].kind == METRIC_MOMENT)
		return -1;
	return (float)(m->rows[i].kind == METRIC_COUNTER
		? rate_since(h, i, 1)
		: quantile_since(h, i, 0.99, 1));
}

void
history_add(struct history *h, struct status_msg *msg, double now)
{
	if (h->n > 0 && !same_life(msg, &h->answers[0].msg)) {
		answers_clear(h);
		curves_clear(h);
	}
	if (h->n == ANSWERS)
		status_msg_free(&h->answers[--h->n].msg);
	memmove(&h->answers[1], &h->answers[0], h->n * sizeof(h->answers[0]));
	h->answers[0] = (struct answer){ *msg, now };
	memset(&msg->metrics, 0, sizeof(msg->metrics));
	h->n++;
	for (size_t i = 0; i < h->answers[0].msg.metrics.n; i++)
		h->curves[i][h->next] = sample(h, i);
	h->next = (h->next + 1) % HISTORY_SAMPLES;
}

void
history_gap(struct history *h)
{
	for (size_t i = 0; i < STATUS_METRICS_MAX; i++)
		h->curves[i][h->next] = -1;
	h->next = (h->next + 1) % HISTORY_SAMPLES;
}

/* ---- what is asked ---- */

const struct metrics *
history_metrics(const struct history *h)
{
	static const struct metrics none;

	return h->n > 0 ? &h->answers[0].msg.metrics : &none;
}

double
history_rate(const struct history *h, size_t which)
{
	return h->n < 2 ? 0 : rate_since(h, which, h->n - 1);
}

double
history_quantile(const struct history *h, size_t which, double q)
{
	return h->n < 2 ? 0 : quantile_since(h, which, q, h->n - 1);
}

void
history_curve(const struct history *h, size_t which, float *samples_r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		samples_r[i] = i + HISTORY_SAMPLES < n
		    ? -1
		    : h->curves[which][(h->next + HISTORY_SAMPLES - n + i) %
			  HISTORY_SAMPLES];
}
