/*
 * Layout: version, daemon, its version, pid, now, started, last error and its
 * time, count; then per metric: kind, name, help, and a body with its length,
 * so that a reader steps over kinds it does not know.
 */
#include "status_msg.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_MAX_BYTES = 64, /* of a metric, with NUL */
	HELP_MAX_BYTES = 256,
	/* The largest body: a latency with every bucket in use. */
	BODY_MAX = 8 + 8 + 1 + METRIC_BUCKETS * (1 + 8),
};

/* The texts of a row that came; they lie behind the rows. */
struct texts {
	char name[NAME_MAX_BYTES];
	char help[HELP_MAX_BYTES];
};

/* ---- bodies by kind; put and get side by side ---- */

static void
value_put(struct wire *w, const struct metrics *m, size_t i)
{
	wire_put_u64(w, (uint64_t)m->values[i]);
}

static void
value_get(struct wire *w, struct metrics *m, size_t i)
{
	m->values[i] = (int64_t)wire_get_u64(w);
}

/* Only the buckets that hold something. */
static void
latency_put(struct wire *w, const struct metrics *m, size_t i)
{
	const struct metric_latency *l = &m->latencies[i];
	uint8_t used = 0;

	for (unsigned b = 0; b < METRIC_BUCKETS; b++)
		used += l->buckets[b] > 0;
	wire_put_u64(w, l->count);
	wire_put_u64(w, (uint64_t)(l->sum * 1e6));
	wire_put_u8(w, used);
	for (unsigned b = 0; b < METRIC_BUCKETS; b++)
		if (l->buckets[b] > 0) {
			wire_put_u8(w, (uint8_t)b);
			wire_put_u64(w, l->buckets[b]);
		}
}

static void
latency_get(struct wire *w, struct metrics *m, size_t i)
{
	struct metric_latency *l = &m->latencies[i];
	uint8_t used;

	l->count = wire_get_u64(w);
	l->sum = (double)wire_get_u64(w) / 1e6;
	used = wire_get_u8(w);
	while (used-- > 0 && !w->bad) {
		uint8_t b = wire_get_u8(w);
		uint64_t n = wire_get_u64(w);

		if (b >= METRIC_BUCKETS)
			w->bad = true;
		else
			l->buckets[b] = n;
	}
}

static const struct body_rule {
	void (*put)(struct wire *, const struct metrics *, size_t i);
	void (*get)(struct wire *, struct metrics *, size_t i);
} bodies[] = {
	[METRIC_COUNTER] = { value_put, value_get },
	[METRIC_GAUGE] = { value_put, value_get },
	[METRIC_LATENCY] = { latency_put, latency_get },
	[METRIC_MOMENT] = { value_put, value_get },
};
_Static_assert(sizeof(bodies) / sizeof(bodies[0]) == METRIC__COUNT,
    "metric_kind without a body");

/* ---- one metric ---- */

static void
metric_put(struct wire *w, const struct metrics *m, size_t i)
{
	uint8_t data[BODY_MAX];
	struct wire body;

	wire_put_u8(w, (uint8_t)m->rows[i].kind);
	wire_put_str(w, m->rows[i].name);
	wire_put_str(w, m->rows[i].help);
	wire_init(&body, data, sizeof(data));
	bodies[m->rows[i].kind].put(&body, m, i);
	assert(!body.bad);
	wire_put_bytes(w, data, body.pos);
}

/* As row m->n, if the kind is known. */
static void
metric_get(struct wire *w, struct metrics *m, struct metric_row *row,
    struct texts *texts)
{
	uint8_t kind = wire_get_u8(w);
	const uint8_t *data;
	struct wire body;
	size_t n;

	wire_get_str(w, texts->name, sizeof(texts->name));
	wire_get_str(w, texts->help, sizeof(texts->help));
	data = wire_get_bytes(w, STATUS_MSG_MAX, &n);
	if (w->bad || kind >= METRIC__COUNT)
		return;
	wire_init_read(&body, data, n);
	bodies[kind].get(&body, m, m->n);
	if (!wire_done(&body)) {
		w->bad = true;
		return;
	}
	row->name = texts->name;
	row->help = texts->help;
	row->kind = (enum metric_kind)kind;
	m->n++;
}

/* ---- the message ---- */

/* Field order here and in status_msg_get() is the protocol. */
void
status_msg_put(struct wire *w, const struct status_msg *s)
{
	assert(s->metrics.n <= STATUS_METRICS_MAX);
	wire_put_u8(w, STATUS_MSG_VERSION);
	wire_put_str(w, s->daemon);
	wire_put_str(w, s->version);
	wire_put_u32(w, s->pid);
	wire_put_u64(w, s->now);
	wire_put_u64(w, s->started);
	wire_put_str(w, s->last_error);
	wire_put_u64(w, s->last_error_at);
	wire_put_u16(w, (uint16_t)s->metrics.n);
	for (size_t i = 0; i < s->metrics.n; i++)
		metric_put(w, &s->metrics, i);
}

/* Room for n metrics; the texts in one piece with the rows. */
static struct metric_row *
metrics_new(struct metrics *m, size_t n)
{
	struct metric_row *rows =
	    calloc(n + 1, sizeof(struct metric_row) + sizeof(struct texts));

	m->rows = rows;
	m->values = calloc(n + 1, sizeof(*m->values));
	m->latencies = calloc(n + 1, sizeof(*m->latencies));
	return m->values != NULL && m->latencies != NULL ? rows : NULL;
}

int
status_msg_get(struct wire *w, struct status_msg *s)
{
	struct metric_row *rows;
	struct texts *texts;
	size_t n;

	memset(s, 0, sizeof(*s));
	if (wire_get_u8(w) != STATUS_MSG_VERSION)
		return -1;
	wire_get_str(w, s->daemon, sizeof(s->daemon));
	wire_get_str(w, s->version, sizeof(s->version));
	s->pid = wire_get_u32(w);
	s->now = wire_get_u64(w);
	s->started = wire_get_u64(w);
	wire_get_str(w, s->last_error, sizeof(s->last_error));
	s->last_error_at = wire_get_u64(w);
	n = wire_get_u16(w);
	if (w->bad || n > STATUS_METRICS_MAX)
		return -1;
	rows = metrics_new(&s->metrics, n);
	texts = (struct texts *)(rows + n + 1);
	while (rows != NULL && n-- > 0 && !w->bad) {
		size_t i = s->metrics.n;

		metric_get(w, &s->metrics, &rows[i], &texts[i]);
	}
	if (rows != NULL && wire_done(w))
		return 0;
	status_msg_free(s);
	return -1;
}

void
status_msg_free(struct status_msg *s)
{
	free((void *)(uintptr_t)s->metrics.rows);
	free(s->metrics.values);
	free(s->metrics.latencies);
	memset(&s->metrics, 0, sizeof(s->metrics));
}
