/*
 * Counters, gauges and latency histograms of one daemon. A table names them,
 * keyed by the daemon's enum; the values travel in a status message.
 */
#ifndef DNSMAIL_METRICS_H
#define DNSMAIL_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_LATENCY,
	METRIC_MOMENT, /* seconds since 1970; 0: none */
	METRIC__COUNT
};

struct metric_row {
	const char *name; /* "messages_signed": [a-z0-9_] */
	enum metric_kind kind;
	const char *help; /* one line for people */
};

/* Bucket i holds latencies up to METRIC_LOWEST * 2^(i/4); the last the rest. */
#define METRIC_LOWEST 16e-6
enum { METRIC_BUCKETS = 96 };

struct metric_latency {
	uint64_t count;
	double sum; /* seconds */
	uint64_t buckets[METRIC_BUCKETS];
};

struct metrics {
	const struct metric_row *rows;
	size_t n;
	int64_t *values;                  /* [n] */
	struct metric_latency *latencies; /* [n]; only the latency rows */
};

void metric_add(struct metrics *, size_t which, int64_t n);
void metric_set(struct metrics *, size_t which, int64_t value);
void metric_observe(struct metrics *, size_t which, double seconds);

/* Adds what `from` has, of the same rows, with its gauges or without; of
   moments the earliest stays. */
void metrics_add(struct metrics *to, const struct metrics *from, bool gauges);

/* Upper edge of the bucket that holds quantile q (0..1), seconds; 0: none. */
double metric_quantile(const struct metric_latency *, double q);
double metric_bucket_edge(unsigned bucket);

#endif
