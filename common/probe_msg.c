/*
 * Owns: how probes and their answers lie in a message. Must not know what is
 * probed.
 */
#include "probe_msg.h"

/* Field order here and in probe_req_get() is the protocol. */
void
probe_req_put(struct wire *w, const struct probe_req *r)
{
	wire_put_u8(w, PROBE_MSG_VERSION);
	wire_put_u8(w, (uint8_t)r->op);
	wire_put_str(w, r->domain);
	wire_put_str(w, r->owner);
	wire_put_str(w, r->text);
	wire_put_u8(w, (uint8_t)r->reach);
	wire_put_str(w, r->primary);
}

int
probe_req_get(struct wire *w, struct probe_req *r)
{
	uint8_t version = wire_get_u8(w);

	r->op = (enum probe_op)wire_get_u8(w);
	wire_get_str(w, r->domain, sizeof(r->domain));
	wire_get_str(w, r->owner, sizeof(r->owner));
	wire_get_str(w, r->text, sizeof(r->text));
	r->reach = (enum probe_reach)wire_get_u8(w);
	wire_get_str(w, r->primary, sizeof(r->primary));
	return wire_done(w) && version == PROBE_MSG_VERSION &&
		r->op < PROBE_OP__COUNT && r->reach < PROBE_REACH__COUNT
	    ? 0
	    : -1;
}

/* Field order here and in probe_answer_get() is the protocol. */
void
probe_answer_put(struct wire *w, const struct probe_answer *a)
{
	wire_put_u8(w, PROBE_MSG_VERSION);
	wire_put_u8(w, (uint8_t)a->status);
	wire_put_str(w, a->reason);
	wire_put_u8(w, a->timed);
	wire_put_u64(w, (uint64_t)a->skew);
}

int
probe_answer_get(struct wire *w, struct probe_answer *a)
{
	uint8_t version = wire_get_u8(w);

	a->status = (enum publish_status)wire_get_u8(w);
	wire_get_str(w, a->reason, sizeof(a->reason));
	a->timed = wire_get_u8(w) != 0;
	a->skew = (int64_t)wire_get_u64(w);
	return wire_done(w) && version == PROBE_MSG_VERSION &&
		a->status < PUB_STATUS__COUNT
	    ? 0
	    : -1;
}
