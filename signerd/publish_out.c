/*
 * Requests to publishd; knows nothing of mail.
 */
#include "signerd/publish_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/ipc.h"
#include "common/publish_msg.h"
#include "common/publishers_out.h"
#include "signerd/counters.h"

struct publishers {
	unsigned refs;
	struct ipc_client *client;
};

/* One request: the records of one ID. */
struct asked {
	struct publication *publication;
	struct ipc_call *call; /* NULL: answered */
};

struct publication {
	struct publishers *publishers;
	publish_done_fn *done;
	void *arg;
	size_t n, waiting;
	struct asked asked[]; /* n */
};

const char *const publish_outcome_names[PUBLISH__COUNT] = {
	[PUBLISH_DONE] = "published",
	[PUBLISH_TIMEOUT] = "publishd-timeout",
	[PUBLISH_BUSY] = "publishd-busy",
	[PUBLISH_LATER] = "publishd-later",
	[PUBLISH_REFUSED] = "publishd-refused",
	[PUBLISH_NO_ANSWER] = "publishd-no-answer",
};

struct publishers *
publishers_new(
    struct ev_loop *loop, const struct strings *urls, struct tls_context *tls)
{
	struct publishers *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->refs = 1;
	p->client = publishers_out_new(loop,
	    &(struct publishers_options){ urls, tls, &counters,
		COUNT_PUBLISHERS_UP, COUNT_ASKED_AGAIN, COUNT_TLS_EXPIRES });
	if (p->client == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

struct publishers *
publishers_ref(struct publishers *p)
{
	p->refs++;
	return p;
}

void
publishers_unref(struct publishers *p)
{
	if (p == NULL || --p->refs > 0)
		return;
	ipc_client_free(p->client);
	free(p);
}

static enum publish_outcome
outcome_of(enum ipc_result result, const uint8_t *data, size_t n)
{
	static const enum publish_outcome outcomes[PUB_STATUS__COUNT] = {
		[PUB_DONE] = PUBLISH_DONE,
		[PUB_BUSY] = PUBLISH_BUSY,
		[PUB_LATER] = PUBLISH_LATER,
		[PUB_REFUSED] = PUBLISH_REFUSED,
	};
	struct publish_answer answer;
	struct wire w;

	if (result == IPC_TIMEOUT)
		return PUBLISH_TIMEOUT;
	if (result != IPC_OK)
		return PUBLISH_NO_ANSWER;
	wire_init_read(&w, data, n);
	if (publish_answer_get(&w, &answer) != 0)
		return PUBLISH_NO_ANSWER;
	return outcomes[answer.status];
}

static void
answered(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct asked *a = arg;
	struct publication *p = a->publication;
	publish_done_fn *done = p->done;
	enum publish_outcome outcome = outcome_of(result, data, n);

	a->call = NULL;
	p->waiting--;
	if (done == NULL || (outcome == PUBLISH_DONE && p->waiting > 0))
		return;
	p->done = NULL;
	done(p->arg, outcome); /* frees p */
}

/* -1: out of memory. */
static int
ask(struct asked *a, const struct plan_group *g, double timeout)
{
	struct publish_req req = { .op = PUB_ADD,
		.ttl = (uint32_t)g->domain->ttl,
		.n = g->n,
		.records = g->records };
	struct publication *p = a->publication;
	uint8_t *data;
	struct wire w;
	size_t size;

	snprintf(req.domain, sizeof(req.domain), "%s", g->domain->name);
	size = publish_req_size(&req);
	data = malloc(size);
	if (data == NULL)
		return -1;
	wire_init(&w, data, size);
	publish_req_put(&w, &req);
	if (wire_done(&w))
		a->call = ipc_call(
		    p->publishers->client, data, w.pos, timeout, answered, a);
	free(data);
	return a->call != NULL ? 0 : -1;
}

struct publication *
publication_new(struct publishers *publishers, const struct plan *plan,
    double timeout, publish_done_fn *done, void *arg)
{
	struct publication *p =
	    calloc(1, sizeof(*p) + plan->n_groups * sizeof(p->asked[0]));

	if (p == NULL)
		return NULL;
	p->publishers = publishers_ref(publishers);
	p->done = done;
	p->arg = arg;
	p->n = p->waiting = plan->n_groups;
	for (size_t i = 0; i < p->n; i++)
		p->asked[i].publication = p;
	for (size_t i = 0; i < p->n; i++)
		if (ask(&p->asked[i], &plan->groups[i], timeout) != 0) {
			publication_free(p);
			return NULL;
		}
	return p;
}

void
publication_free(struct publication *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		if (p->asked[i].call != NULL)
			ipc_cancel(p->asked[i].call);
	publishers_unref(p->publishers);
	free(p);
}
