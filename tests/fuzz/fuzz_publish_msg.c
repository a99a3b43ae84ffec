/*
 * Requests to publishd and its answers. What is taken, written again, is the
 * same octets: a message has one form.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/publish_msg.h"
#include "tests/fuzz/fuzz.h"

static void
check_req(const struct publish_req *r, const uint8_t *data, size_t size)
{
	uint8_t *room = malloc(publish_req_size(r));
	struct wire w;

	assert(room != NULL && publish_req_size(r) == size);
	wire_init(&w, room, publish_req_size(r));
	publish_req_put(&w, r);
	assert(wire_done(&w) && w.pos == size);
	assert(memcmp(room, data, size) == 0);
	for (size_t i = 0; i < r->n; i++)
		assert(strlen(r->records[i].text) == r->records[i].text_len);
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t room[PUBLISH_REASON_MAX + 8];
	struct publish_answer answer;
	struct publish_req req;
	struct wire w;

	wire_init_read(&w, data, size);
	if (publish_req_get(&w, &req) == 0) {
		check_req(&req, data, size);
		free(req.records);
	}
	wire_init_read(&w, data, size);
	if (publish_answer_get(&w, &answer) == -1)
		return 0;
	wire_init(&w, room, sizeof(room));
	publish_answer_put(&w, &answer);
	assert(wire_done(&w) && w.pos == size);
	assert(memcmp(room, data, size) == 0);
	return 0;
}
