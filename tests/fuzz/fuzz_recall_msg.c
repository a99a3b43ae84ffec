/*
 * Requests of dnsmail-recall and reaperd's answers. What is taken, written
 * again, is the same octets; a request that is taken is judged without harm.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/recall_msg.h"
#include "reaperd/recall.h"
#include "reaperd/recall_words.h"
#include "tests/fuzz/fuzz.h"

static struct recall_req req;
static struct recall_answer answer;

static void
judge(void)
{
	char why[RECALL_REASON_MAX] = "", words[RECALL_WORDS_MAX];
	struct recall *r = recall_new(&req, why);

	assert(r != NULL || why[0] != '\0');
	assert(strlen(recall_words(words, &req)) < sizeof(words));
	recall_free(r);
}

static void
same(const struct wire *w, const uint8_t *data, size_t size)
{
	assert(wire_done(w) && w->pos == size);
	assert(memcmp(w->data, data, size) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[RECALL_REQ_MAX];
	struct wire w;

	wire_init_read(&w, data, size);
	if (recall_req_get(&w, &req) == 0) {
		wire_init(&w, room, sizeof(room));
		recall_req_put(&w, &req);
		same(&w, data, size);
		judge();
	}
	wire_init_read(&w, data, size);
	if (recall_answer_get(&w, &answer) == 0) {
		wire_init(&w, room, sizeof(room));
		recall_answer_put(&w, &answer);
		same(&w, data, size);
	}
	return 0;
}
