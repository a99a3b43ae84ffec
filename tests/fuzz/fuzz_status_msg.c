/* A daemon's state: what is read can be written and reads the same. */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/status_msg.h"
#include "tests/fuzz/fuzz.h"

/* What no daemon has counted: microseconds beyond the years of a uint64. */
static bool
too_late(const struct metrics *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->latencies[i].sum > 1e9)
			return true;
	return false;
}

static void
check_metrics(const struct metrics *a, const struct metrics *b)
{
	assert(a->n == b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct metric_latency *x = &a->latencies[i];
		const struct metric_latency *y = &b->latencies[i];

		assert(a->rows[i].kind == b->rows[i].kind);
		assert(strcmp(a->rows[i].name, b->rows[i].name) == 0);
		assert(strcmp(a->rows[i].help, b->rows[i].help) == 0);
		assert(a->values[i] == b->values[i] && x->count == y->count);
		assert(memcmp(x->buckets, y->buckets, sizeof(x->buckets)) == 0);
	}
}

static void
check(const struct status_msg *s)
{
	uint8_t *room = malloc(STATUS_MSG_MAX);
	struct status_msg again;
	struct wire w;

	assert(room != NULL);
	wire_init(&w, room, STATUS_MSG_MAX);
	status_msg_put(&w, s);
	assert(wire_done(&w));
	wire_init_read(&w, room, w.pos);
	assert(status_msg_get(&w, &again) == 0);
	assert(strcmp(again.daemon, s->daemon) == 0);
	assert(strcmp(again.last_error, s->last_error) == 0);
	assert(again.pid == s->pid && again.started == s->started);
	check_metrics(&again.metrics, &s->metrics);
	status_msg_free(&again);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct status_msg s;
	struct wire w;

	wire_init_read(&w, data, size);
	if (status_msg_get(&w, &s) == -1)
		return 0;
	assert(s.metrics.n <= STATUS_METRICS_MAX);
	if (!too_late(&s.metrics))
		check(&s);
	status_msg_free(&s);
	return 0;
}
