/*
 * Owns the requests under way: a request is checked, counted, sent to the
 * primary, confirmed and answered exactly once. Must not know DNS, nor the
 * key.
 */
#include "publishd/request_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/admins.h"
#include "common/complaint.h"
#include "common/descriptors.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "publishd/config.h"
#include "publishd/confirm_out.h"
#include "publishd/counters.h"
#include "publishd/dns_out.h"
#include "publishd/listeners_in.h"
#include "publishd/probe_in.h"
#include "publishd/request_check.h"

/*
 * Requests that are held at a time: more than may be pending, so that those
 * over it are told at once, and a bound for memory (2.5 kB each).
 */
enum { REQUESTS_SPARE = 256, REQUESTS_MAX = 65536 };

struct request {
	LIST_ENTRY(request) link;
	struct request_in *in;
	struct ipc_request *ipc;
	struct config *config; /* it began with that */
	const struct config_domain *domain;
	struct publish_req req;
	struct confirm *confirm;
	double began, deadline;
	bool probe;
};

struct request_in {
	struct ev_loop *loop;
	struct config *config;
	struct update_key *key;
	struct listeners *listeners;
	struct dns_out *dns;
	struct confirm_out *confirms;
	struct probe_in *probes;
	LIST_HEAD(, request) requests;
	size_t pending; /* records */
	struct complaint complaints[PUB_STATUS__COUNT];
	void (*idle)(void *);
	void *idle_arg;
};

static const struct publishd_config *
settings(const struct request_in *in)
{
	return config_section(in->config, &publishd_section);
}

/* --- answering --- */

static void
reply(struct ipc_request *ipc, enum publish_status status, const char *why)
{
	struct publish_answer a = { .status = status };
	uint8_t data[PUBLISH_REASON_MAX + 64];
	struct wire w;

	snprintf(a.reason, sizeof(a.reason), "%s", why);
	wire_init(&w, data, sizeof(data));
	publish_answer_put(&w, &a);
	ipc_answer(ipc, data, w.pos);
}

/* The first counters stand in the order of the statuses. */
static void
answer(struct ipc_request *ipc, enum publish_status status, const char *why)
{
	metric_add(&counters, (size_t)status, 1);
	reply(ipc, status, why);
}

/* A signer gone wild must not fill the log: each status has its own pace. Which
   machine it was matters only where it is to blame. */
static void
complain(struct request_in *in, const struct ipc_request *ipc,
    enum publish_status status, const char *why, const char *domain)
{
	static const char *const words[PUB_STATUS__COUNT] = {
		[PUB_BUSY] = "request turned away",
		[PUB_LATER] = "request not done in time",
		[PUB_REFUSED] = "request refused",
	};
	const char *names =
	    status == PUB_REFUSED ? ipc_request_names(ipc) : NULL;
	char line[COMPLAINT_TEXT_MAX], quoted[100], whose[100] = "";

	if (names != NULL)
		log_quote(whose, sizeof(whose), names, strlen(names));
	snprintf(line, sizeof(line), "%s: %s domain=%s%s%s", words[status], why,
	    log_quote(quoted, sizeof(quoted), domain, strlen(domain)),
	    names != NULL ? " names=" : "", whose);
	complaint_log(&in->complaints[status], line, monotonic_now());
}

static void
request_free(struct request *r)
{
	confirm_free(r->confirm);
	config_unref(r->config);
	free(r->req.records);
	free(r);
}

static void
request_end(struct request *r, enum publish_status status, const char *why)
{
	struct request_in *in = r->in;

	LIST_REMOVE(r, link);
	in->pending -= r->req.n;
	metric_set(&counters, COUNT_PENDING, (int64_t)in->pending);
	metric_observe(
	    &counters, COUNT_REQUEST_LATENCY, monotonic_now() - r->began);
	if (status != PUB_DONE)
		complain(in, r->ipc, status, why, r->req.domain);
	else if (r->probe)
		why = dns_out_taken(in->dns, r->domain);
	answer(r->ipc, status, why);
	request_free(r);
	if (LIST_EMPTY(&in->requests) && in->idle != NULL)
		in->idle(in->idle_arg);
}

/* --- the way of a request --- */

static void
confirmed(void *arg, enum publish_status status, const char *why)
{
	struct request *r = arg;

	r->confirm = NULL;
	request_end(r, status, why);
}

/*
 * The primary's word is enough for a removal: a record that is still seen
 * elsewhere for a while does no harm.
 */
static void
published(void *arg, enum publish_status status, const char *why)
{
	struct request *r = arg;

	if (status != PUB_DONE || r->req.op != PUB_ADD ||
	    !confirm_needed(r->domain)) {
		request_end(r, status, why);
		return;
	}
	r->confirm = confirm_new(
	    r->in->confirms, r->domain, &r->req, r->deadline, confirmed, r);
	if (r->confirm == NULL)
		request_end(r, PUB_LATER, "out of memory");
}

/* A single request is never too much, however many records it has. */
static bool
too_much(const struct request_in *in, size_t n)
{
	return in->pending > 0 &&
	    in->pending + n > (size_t)settings(in)->max_pending;
}

/* Takes req over. -1: out of memory. */
static int
request_begin(struct request_in *in, struct ipc_request *ipc, bool probe,
    const struct publish_req *req, const struct config_domain *domain)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	r->in = in;
	r->ipc = ipc;
	r->probe = probe;
	r->config = config_ref(in->config);
	r->domain = domain;
	r->req = *req;
	r->began = monotonic_now();
	r->deadline = r->began + settings(in)->timeout;
	if (dns_out_submit(in->dns, domain, &r->req, r->deadline, r) == -1) {
		config_unref(r->config);
		free(r);
		return -1;
	}
	LIST_INSERT_HEAD(&in->requests, r, link);
	in->pending += req->n;
	metric_set(&counters, COUNT_PENDING, (int64_t)in->pending);
	return 0;
}

struct verdict {
	enum publish_status status;
	const char *why; /* NULL: it may go on */
};

static struct verdict
judge_request(struct request_in *in, const struct publish_req *req,
    const struct config_domain *domain)
{
	size_t index;
	const char *wrong = request_check(req, domain, &index);

	if (wrong != NULL)
		return (struct verdict){ PUB_REFUSED, wrong };
	if (in->idle != NULL)
		return (struct verdict){ PUB_LATER, "publishd is stopping" };
	if (too_much(in, req->n))
		return (struct verdict){ PUB_BUSY, "too much waits already" };
	return (struct verdict){ PUB_DONE, NULL };
}

/* In this order, so that who may not ask learns nothing else. */
static struct verdict
judge(struct request_in *in, const struct listener *by,
    const struct ipc_request *ipc, const struct publish_req *req,
    const struct config_domain *domain)
{
	if (!listeners_may(by, ipc, req->op))
		return (struct verdict){ PUB_REFUSED,
			"this user may not ask that" };
	return judge_request(in, req, domain);
}

static void
turn_away(struct request_in *in, struct ipc_request *ipc, struct verdict v,
    const char *domain)
{
	complain(in, ipc, v.status, v.why, domain);
	answer(ipc, v.status, v.why);
}

/* Every way through here ends in one answer, now or when r ends. */
static void
arrived(void *arg, const struct listener *by, struct ipc_request *ipc,
    const uint8_t *data, size_t n)
{
	struct request_in *in = arg;
	struct publish_req req = { 0 };
	const struct config_domain *domain;
	struct verdict v;
	struct wire w;

	if (n == 0) { /* is publishd there? */
		reply(ipc, PUB_DONE, "");
		return;
	}
	wire_init_read(&w, data, n);
	if (publish_req_get(&w, &req) == -1) {
		turn_away(in, ipc,
		    (struct verdict){ PUB_REFUSED, "malformed request" }, "");
		return;
	}
	domain = config_domain(in->config, req.domain);
	v = judge(in, by, ipc, &req, domain);
	if (v.why == NULL && request_begin(in, ipc, false, &req, domain) == 0)
		return;
	if (v.why == NULL)
		v = (struct verdict){ PUB_LATER, "out of memory" };
	turn_away(in, ipc, v, req.domain);
	free(req.records);
}

/* As a request of another door, which has looked at who asks. */
static void
probed(void *arg, struct ipc_request *ipc, struct publish_req *req)
{
	struct request_in *in = arg;
	const struct config_domain *domain =
	    config_domain(in->config, req->domain);
	struct verdict v = judge_request(in, req, domain);

	if (v.why == NULL && request_begin(in, ipc, true, req, domain) == 0)
		return;
	if (v.why == NULL)
		v = (struct verdict){ PUB_LATER, "out of memory" };
	turn_away(in, ipc, v, req->domain);
	free(req->records);
}

/* --- its life --- */

struct request_in *
request_in_new(struct ev_loop *loop, const char *run_dir, const char *group)
{
	struct request_in *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->loop = loop;
	LIST_INIT(&in->requests);
	in->dns = dns_out_new(loop, published);
	in->confirms = confirm_out_new(loop);
	in->listeners = listeners_new(loop, run_dir, group, arrived, in);
	in->probes = probe_in_new(loop, run_dir, probed, in);
	if (in->dns != NULL && in->confirms != NULL && in->listeners != NULL &&
	    in->probes != NULL)
		return in;
	request_in_free(in);
	return NULL;
}

/* One that leaves and one that comes have a descriptor each; half are enough.
 */
static unsigned
max_connections(const struct publishd_config *pc)
{
	unsigned have = descriptors_raise();

	return descriptors_fit("max-connections", (unsigned)pc->max_connections,
	    have - have / 4, have);
}

static unsigned
max_requests(const struct publishd_config *pc)
{
	if (pc->max_pending > REQUESTS_MAX - REQUESTS_SPARE)
		return REQUESTS_MAX;
	return (unsigned)pc->max_pending + REQUESTS_SPARE;
}

/* What can fail comes first: then nothing has changed. */
int
request_in_configure(struct request_in *in, struct config *config,
    struct peers *peers, struct tls_context *tls, struct update_key *key)
{
	const struct publishd_config *pc =
	    config_section(config, &publishd_section);
	const struct listener_limits limits = { .requests = max_requests(pc),
		.connections = max_connections(pc),
		.tls = tls };
	struct admins *admins = admins_new(&pc->admins);

	if (admins == NULL ||
	    listeners_configure(in->listeners, &pc->listen, &limits, peers) ==
		-1) {
		admins_free(admins);
		return -1;
	}
	config_ref(config);
	config_unref(in->config);
	in->config = config;
	probe_in_configure(
	    in->probes, config, admins, key != NULL ? key : in->key);
	dns_out_configure(
	    in->dns, key != NULL ? key : in->key, (size_t)pc->max_batch);
	if (key != NULL) {
		update_key_free(in->key);
		in->key = key;
	}
	return 0;
}

void
request_in_stop(struct request_in *in, void (*idle)(void *arg), void *arg)
{
	in->idle = idle;
	in->idle_arg = arg;
	listeners_stop(in->listeners);
	probe_in_stop(in->probes);
	if (LIST_EMPTY(&in->requests))
		idle(arg);
}

void
request_in_free(struct request_in *in)
{
	struct request *r;

	if (in == NULL)
		return;
	while ((r = LIST_FIRST(&in->requests)) != NULL) {
		LIST_REMOVE(r, link);
		request_free(r);
	}
	dns_out_free(in->dns);
	confirm_out_free(in->confirms);
	listeners_free(in->listeners);
	probe_in_free(in->probes);
	update_key_free(in->key);
	config_unref(in->config);
	free(in);
}
