/* What one daemon has answered lately: rates, waits and curves come of it. */
#ifndef DNSMAIL_HISTORY_H
#define DNSMAIL_HISTORY_H

#include <stddef.h>

struct history;
struct status_msg;
struct metrics;

enum {
	HISTORY_WINDOW = 10,   /* answers that rates and quantiles are of */
	HISTORY_SAMPLES = 128, /* of a curve */
};

struct history *history_new(void); /* NULL: out of memory */
void history_free(struct history *);

/*
 * Takes over what is in the message. now: seconds of a clock that is never
 * set. A daemon that was started again begins a new history.
 */
void history_add(struct history *, struct status_msg *, double now);
void history_gap(struct history *); /* it did not answer */

/* Of the last answer; n is 0 where there is none. */
const struct metrics *history_metrics(const struct history *);
/* Counters and latencies: how many a second, over the window. */
double history_rate(const struct history *, size_t which);
/* Of the waits that ended in the window; 0: none did. */
double history_quantile(const struct history *, size_t which, double q);
/*
 * The last n samples, oldest first; -1 where there was no answer. A counter's
 * are rates, a gauge's values, a latency's the p99 of that sample.
 */
void history_curve(
    const struct history *, size_t which, float *samples_r, size_t n);

#endif
