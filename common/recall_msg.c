/*
 * Owns: how requests of dnsmail-recall and reaperd's answers lie in a message.
 * Must not know what an address or an ID is.
 */
#include "recall_msg.h"

#include <string.h>

const char *const recall_key_names[RECALL_KEY__COUNT] = {
	[RECALL_ID] = "id",
	[RECALL_FROM] = "from",
	[RECALL_TO] = "to",
	[RECALL_DOMAIN] = "domain",
};

static void
put_values(struct wire *w, const struct recall_values *values)
{
	if (values->n > RECALL_VALUES_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u8(w, (uint8_t)values->n);
	for (size_t i = 0; i < values->n; i++)
		wire_put_str(w, values->v[i]);
}

static void
get_values(struct wire *w, struct recall_values *values)
{
	values->n = wire_get_u8(w);
	if (values->n > RECALL_VALUES_MAX) {
		values->n = 0;
		w->bad = true;
	}
	for (size_t i = 0; i < values->n; i++)
		wire_get_str(w, values->v[i], sizeof(values->v[i]));
}

/* Field order here and in recall_req_get() is the protocol. */
void
recall_req_put(struct wire *w, const struct recall_req *r)
{
	wire_put_u8(w, RECALL_MSG_VERSION);
	wire_put_u8(w, (uint8_t)r->op);
	wire_put_u64(w, r->job);
	wire_put_u64(w, (uint64_t)r->since);
	wire_put_u64(w, (uint64_t)r->until);
	for (size_t i = 0; i < RECALL_KEY__COUNT; i++)
		put_values(w, &r->keys[i]);
}

int
recall_req_get(struct wire *w, struct recall_req *r)
{
	uint8_t version = wire_get_u8(w);

	r->op = (enum recall_op)wire_get_u8(w);
	r->job = wire_get_u64(w);
	r->since = (int64_t)wire_get_u64(w);
	r->until = (int64_t)wire_get_u64(w);
	for (size_t i = 0; i < RECALL_KEY__COUNT; i++)
		get_values(w, &r->keys[i]);
	return wire_done(w) && w->size <= RECALL_REQ_MAX &&
		version == RECALL_MSG_VERSION && r->op < RECALL_OP__COUNT
	    ? 0
	    : -1;
}

static void
put_sample(struct wire *w, const struct recall_sample *s)
{
	wire_put_str(w, s->id);
	wire_put_str(w, s->from);
	wire_put_str(w, s->to);
	wire_put_u64(w, (uint64_t)s->date);
}

static void
get_sample(struct wire *w, struct recall_sample *s)
{
	wire_get_str(w, s->id, sizeof(s->id));
	wire_get_str(w, s->from, sizeof(s->from));
	wire_get_str(w, s->to, sizeof(s->to));
	s->date = (int64_t)wire_get_u64(w);
}

/* Field order here and in recall_answer_get() is the protocol. */
void
recall_answer_put(struct wire *w, const struct recall_answer *a)
{
	if (a->n_samples > RECALL_SAMPLES_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u8(w, RECALL_MSG_VERSION);
	wire_put_u8(w, (uint8_t)a->state);
	wire_put_str(w, a->reason);
	wire_put_u64(w, a->seen);
	wire_put_u64(w, a->matched);
	wire_put_u64(w, a->withdrawn);
	wire_put_u8(w, (uint8_t)a->n_samples);
	for (size_t i = 0; i < a->n_samples; i++)
		put_sample(w, &a->samples[i]);
}

int
recall_answer_get(struct wire *w, struct recall_answer *a)
{
	uint8_t version = wire_get_u8(w);

	a->state = (enum recall_state)wire_get_u8(w);
	wire_get_str(w, a->reason, sizeof(a->reason));
	a->seen = wire_get_u64(w);
	a->matched = wire_get_u64(w);
	a->withdrawn = wire_get_u64(w);
	a->n_samples = wire_get_u8(w);
	if (a->n_samples > RECALL_SAMPLES_MAX) {
		a->n_samples = 0;
		w->bad = true;
	}
	for (size_t i = 0; i < a->n_samples; i++)
		get_sample(w, &a->samples[i]);
	return wire_done(w) && w->size <= RECALL_ANSWER_MAX &&
		version == RECALL_MSG_VERSION && a->state < RECALL_STATE__COUNT
	    ? 0
	    : -1;
}
