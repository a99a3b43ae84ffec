/*
 * Probes of dnsmail-check and publishd's answers: what is taken, written
 * again, is the same octets.
 */
#include <assert.h>
#include <string.h>

#include "common/probe_msg.h"
#include "tests/fuzz/fuzz.h"

static void
same(const struct wire *w, const uint8_t *data, size_t size)
{
	assert(wire_done(w) && w->pos == size);
	assert(memcmp(w->data, data, size) == 0);
}

static void
request(const uint8_t *data, size_t size)
{
	uint8_t room[PROBE_REQ_MAX];
	struct probe_req req;
	struct wire w;

	wire_init_read(&w, data, size);
	if (probe_req_get(&w, &req) == -1)
		return;
	assert(req.op < PROBE_OP__COUNT && req.reach < PROBE_REACH__COUNT);
	wire_init(&w, room, sizeof(room));
	probe_req_put(&w, &req);
	same(&w, data, size);
}

/* Of `timed` any octet but 0 is true: then that one may differ. */
static void
answer(const uint8_t *data, size_t size)
{
	uint8_t room[PROBE_ANSWER_MAX], again[PROBE_ANSWER_MAX];
	struct probe_answer a;
	struct wire w;

	wire_init_read(&w, data, size);
	if (probe_answer_get(&w, &a) == -1)
		return;
	assert(a.status < PUB_STATUS__COUNT && size <= sizeof(again));
	memcpy(again, data, size);
	again[size - 9] = a.timed;
	wire_init(&w, room, sizeof(room));
	probe_answer_put(&w, &a);
	same(&w, again, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	request(data, size);
	answer(data, size);
	return 0;
}
