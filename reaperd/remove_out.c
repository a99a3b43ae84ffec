/* Requests to publishd; knows nothing of why a record is to go. */
#include "reaperd/remove_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/complaint.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "common/publish_msg.h"
#include "reaperd/counters.h"
#include "reaperd/removal.h"

#define CONNECT_GRACE 2.0 /* seconds without a publishd: no word of it */
#define REQUEST_TIMEOUT                                      \
	12.0 /* more than publishd takes for its own "later" \
	      */

/* Gathering first, and with `call` on its way. */
struct request {
	struct remove *remove;
	struct removal *removal; /* NULL: others have it now */
	struct ipc_call *call;
	double sent;
	TAILQ_ENTRY(request) link;
};
TAILQ_HEAD(requests, request);

struct remove {
	struct ev_loop *loop;
	struct ipc_client *publishd;
	const struct remove_events *events;
	void *arg;
	struct requests gathering, sent;
	size_t n_sent;
	double reached; /* when there was a publishd last, or the start */
	struct complaint trouble;
};

static void
request_free(struct request *q)
{
	struct remove *r = q->remove;

	if (q->call == NULL)
		TAILQ_REMOVE(&r->gathering, q, link);
	else {
		TAILQ_REMOVE(&r->sent, q, link);
		r->n_sent--;
	}
	removal_free(q->removal);
	free(q);
}

/* Takes `removal` over, also when memory is out. */
static struct request *
request_new(struct remove *r, struct removal *removal)
{
	struct request *q = calloc(1, sizeof(*q));

	if (q == NULL || removal == NULL) {
		free(q);
		removal_free(removal);
		return NULL;
	}
	q->remove = r;
	q->removal = removal;
	TAILQ_INSERT_TAIL(&r->gathering, q, link);
	return q;
}

static void
complain(struct remove *r, const char *why)
{
	char line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "publishd removes nothing: %s", why);
	complaint_log(&r->trouble, line, monotonic_now());
}

static void
put_off(struct request *q, const char *why)
{
	struct remove *r = q->remove;

	complain(r, why);
	r->events->put_off(r->arg, q->removal, (int64_t)ev_now(r->loop), why);
}

static void on_answer(void *, enum ipc_result, const uint8_t *, size_t);

static void
request_send(struct request *q)
{
	struct remove *r = q->remove;
	size_t len;
	uint8_t *data = removal_request(q->removal, &len);
	struct ipc_call *call = NULL;

	if (data != NULL)
		call = ipc_call(
		    r->publishd, data, len, REQUEST_TIMEOUT, on_answer, q);
	free(data);
	if (call == NULL) {
		put_off(q, "out of memory");
		request_free(q);
		return;
	}
	TAILQ_REMOVE(&r->gathering, q, link);
	TAILQ_INSERT_TAIL(&r->sent, q, link);
	r->n_sent++;
	q->call = call;
	q->sent = monotonic_now();
}

/* ---- answers: each says whether it went well ---- */

static bool
answer_done(struct request *q, const char *reason)
{
	struct remove *r = q->remove;
	double trouble = complaint_over(&r->trouble, monotonic_now());

	(void)reason;
	r->events->removed(r->arg, q->removal);
	if (trouble >= 0)
		log_info("publishd removes again, after %.0f s", trouble);
	return true;
}

static bool
answer_later(struct request *q, const char *reason)
{
	put_off(q, reason[0] != '\0' ? reason : "busy");
	return false;
}

/* One of its records will never be removed; which, is found by halving. */
static void
send_halves(struct request *q)
{
	struct removal *half = removal_halve(q->removal);
	struct request *first, *second;

	if (half == NULL) {
		put_off(q, "out of memory");
		return;
	}
	first = request_new(q->remove, q->removal);
	second = request_new(q->remove, half);
	q->removal = NULL;
	if (first != NULL)
		request_send(first);
	if (second != NULL)
		request_send(second);
}

static bool
answer_refused(struct request *q, const char *reason)
{
	const struct removal *removal = q->removal;
	struct remove *r = q->remove;
	char owner[PUBLISH_NAME_MAX];

	if (removal->n > 1) {
		send_halves(q);
		return true;
	}
	log_warnx("%s: publishd refuses to remove a record: %s",
	    zone_owner(removal->zone, &removal->records[0]->name, owner),
	    reason);
	r->events->refused(r->arg, removal, (int64_t)ev_now(r->loop));
	return true;
}

static bool (*const answers[])(struct request *, const char *reason) = {
	[PUB_DONE] = answer_done,
	[PUB_BUSY] = answer_later,
	[PUB_LATER] = answer_later,
	[PUB_REFUSED] = answer_refused,
};
_Static_assert(sizeof(answers) / sizeof(answers[0]) == PUB_STATUS__COUNT,
    "publish_status without a row");

static const char *const failures[] = {
	[IPC_OK] = "an answer that cannot be read",
	[IPC_TIMEOUT] = "no answer in time",
	[IPC_ERROR] = "out of memory, or a request too large",
};
_Static_assert(sizeof(failures) / sizeof(failures[0]) == IPC__COUNT,
    "ipc_result without words");

static void
on_answer(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct request *q = arg;
	struct remove *r = q->remove;
	struct publish_answer answer;
	struct wire w;
	bool well = false;

	metric_observe(&counters, COUNT_REMOVE_TIME, monotonic_now() - q->sent);
	wire_init_read(&w, data, n);
	if (result == IPC_OK && publish_answer_get(&w, &answer) == 0)
		well = answers[answer.status](q, answer.reason);
	else
		put_off(q, failures[result]);
	request_free(q);
	r->events->answered(r->arg, well);
}

/* ---- outside ---- */

/* The request that gathers for that domain and has room; NULL: no memory. */
static struct request *
gathering(struct remove *r, struct zone *zone, uint16_t domain, size_t len)
{
	struct request *q;

	TAILQ_FOREACH(q, &r->gathering, link)
	if (q->removal->zone == zone && q->removal->domain == domain)
		break;
	if (q != NULL && removal_full(q->removal, len)) {
		request_send(q);
		q = NULL;
	}
	return q != NULL ? q : request_new(r, removal_new(zone, domain));
}

int
remove_add(struct remove *r, struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	struct request *q = gathering(r, zone, name->domain, text->len);

	if (q == NULL)
		return -1;
	if (removal_add(q->removal, name, text) == 0)
		return 0;
	if (q->removal->n == 0) /* nothing that could be sent */
		request_free(q);
	return -1;
}

void
remove_send(struct remove *r)
{
	while (!TAILQ_EMPTY(&r->gathering))
		request_send(TAILQ_FIRST(&r->gathering));
}

size_t
remove_requests(const struct remove *r)
{
	return r->n_sent;
}

bool
remove_gathering(const struct remove *r)
{
	return !TAILQ_EMPTY(&r->gathering);
}

bool
remove_reachable(struct remove *r)
{
	double now = monotonic_now();

	if (ipc_client_connected(r->publishd) > 0) {
		r->reached = now;
		return true;
	}
	if (now > r->reached + CONNECT_GRACE)
		complain(r, "not connected");
	return false;
}

bool
remove_connecting(const struct remove *r)
{
	return ipc_client_connected(r->publishd) == 0 &&
	    monotonic_now() <= r->reached + CONNECT_GRACE;
}

struct remove *
remove_new(struct ev_loop *loop, const struct publishers_options *publishers,
    const struct remove_events *events, void *arg)
{
	struct remove *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->events = events;
	r->arg = arg;
	r->reached = monotonic_now();
	TAILQ_INIT(&r->gathering);
	TAILQ_INIT(&r->sent);
	r->publishd = publishers_out_new(loop, publishers);
	if (r->publishd == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
remove_free(struct remove *r)
{
	if (r == NULL)
		return;
	ipc_client_free(r->publishd); /* cancels what was sent */
	while (!TAILQ_EMPTY(&r->gathering))
		request_free(TAILQ_FIRST(&r->gathering));
	while (!TAILQ_EMPTY(&r->sent))
		request_free(TAILQ_FIRST(&r->sent));
	free(r);
}
