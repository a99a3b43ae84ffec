/*
 * Every request is answered at once; who asks comes again to see how far it
 * is. Who does not come again has gone, and it ends: nothing is withdrawn
 * that nobody can stop.
 */
#include "reaperd/recall_in.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/admins_in.h"
#include "common/identity.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "reaperd/recall.h"
#include "reaperd/recall_out.h"
#include "reaperd/recall_told.h"

#define LOOK_MAX 10.0 /* seconds: who has not looked for so long has gone */

struct job {
	uint64_t number;
	enum recall_state state;
	struct recall_asker by;
	bool withdraw, stop;
	double began, looked;
	struct recall *what;
	struct recall_run *run;        /* while RUNNING */
	struct recall_figures figures; /* then */
	char reason[RECALL_REASON_MAX];
};

struct recall_in {
	struct ev_loop *loop;
	struct admins_in *admins;
	struct recall_setup setup;
	struct job job; /* the last; UNKNOWN: there was none */
};

/* ---- what is told ---- */

static void
tell_over(const struct job *job)
{
	const struct recall_figures *n = &job->figures;

	recall_tell_over(&(struct recall_end){
	    .by = job->by,
	    .number = job->number,
	    .withdraw = job->withdraw,
	    .stopped = job->stop,
	    .why = job->state == RECALL_DONE ? NULL : job->reason,
	    .looked_at = n->seen,
	    .matched = n->matched,
	    .withdrawn = n->withdrawn,
	    .ms = (monotonic_now() - job->began) * 1000,
	});
}

/* ---- the job ---- */

static const char *
unwanted(void *arg)
{
	const struct recall_in *in = arg;

	if (in->job.stop)
		return "it was stopped by who asked for it";
	if (monotonic_now() > in->job.looked + LOOK_MAX)
		return "who asked for it has gone";
	return NULL;
}

static void
job_over(struct recall_in *in, const char *why)
{
	struct job *job = &in->job;

	/* `why` may be the run's. */
	snprintf(
	    job->reason, sizeof(job->reason), "%s", why != NULL ? why : "");
	job->state = why == NULL ? RECALL_DONE : RECALL_FAILED;
	job->figures = *recall_run_figures(job->run);
	recall_run_free(job->run);
	job->run = NULL;
	recall_free(job->what);
	job->what = NULL;
	tell_over(job);
}

static void
on_ended(void *arg, const char *why)
{
	job_over(arg, why);
}

static void
job_end(struct recall_in *in, const char *why)
{
	if (in->job.run != NULL)
		job_over(in, why);
}

static int
job_run(struct recall_in *in)
{
	struct job *job = &in->job;
	const struct recall_setup *setup = &in->setup;

	job->run = recall_run_new(&(struct recall_run_options){
	    .loop = in->loop,
	    .zones = setup->zones,
	    .key = setup->key,
	    .publishers = setup->publishers,
	    .per_second = setup->per_second,
	    .what = job->what,
	    .withdraw = job->withdraw,
	    .unwanted = unwanted,
	    .ended = on_ended,
	    .arg = in,
	});
	return job->run != NULL ? 0 : -1;
}

/* ---- requests: each fills the answer ---- */

static void
refuse(struct recall_answer *a, const char *why)
{
	a->state = RECALL_REFUSED;
	snprintf(a->reason, sizeof(a->reason), "%s", why);
}

static void
report(const struct recall_in *in, struct recall_answer *a)
{
	const struct job *job = &in->job;
	const struct recall_figures *n =
	    job->run != NULL ? recall_run_figures(job->run) : &job->figures;

	a->state = job->state;
	snprintf(a->reason, sizeof(a->reason), "%s", job->reason);
	a->seen = n->seen;
	a->matched = n->matched;
	a->withdrawn = n->withdrawn;
	a->n_samples = n->n_samples;
	for (size_t i = 0; i < n->n_samples; i++)
		a->samples[i] = n->samples[i];
}

static void
refuse_busy(const struct recall_in *in, struct recall_answer *a)
{
	char name[RECALL_ASKER_MAX];

	snprintf(a->reason, sizeof(a->reason),
	    "another withdrawal is under way, asked for by %s",
	    recall_asker_words(name, &in->job.by));
	a->state = RECALL_REFUSED;
}

static void
job_begin(struct recall_in *in, const struct recall_asker *by,
    const struct recall_req *req, struct recall *what, struct recall_answer *a)
{
	in->job = (struct job){
		.number = req->job,
		.state = RECALL_RUNNING,
		.by = *by,
		.withdraw = req->op == RECALL_WITHDRAW,
		.began = monotonic_now(),
		.looked = monotonic_now(),
		.what = what,
	};
	if (job_run(in) == -1) {
		recall_free(what);
		in->job = (struct job){ .state = RECALL_UNKNOWN };
		refuse(a, "out of memory");
		return;
	}
	recall_tell_begun(by, req);
	report(in, a);
}

static void
request_begin(struct recall_in *in, const struct recall_asker *by,
    const struct recall_req *req, struct recall_answer *a)
{
	struct recall *what;
	const char *foreign;

	if (in->job.run != NULL) {
		refuse_busy(in, a);
		return;
	}
	if ((what = recall_new(req, a->reason)) == NULL) {
		a->state = RECALL_REFUSED;
		return;
	}
	if ((foreign = recall_foreign(what, in->setup.zones)) != NULL) {
		a->state = RECALL_REFUSED;
		snprintf(a->reason, sizeof(a->reason),
		    "%.200s is no domain of ours", foreign);
		recall_free(what);
		return;
	}
	job_begin(in, by, req, what, a);
}

static void
judge(struct recall_in *in, const struct recall_asker *by,
    const struct recall_req *req, struct recall_answer *a)
{
	bool known =
	    in->job.state != RECALL_UNKNOWN && in->job.number == req->job;

	if (known) {
		in->job.looked = monotonic_now();
		in->job.stop = in->job.stop || req->op == RECALL_STOP;
		report(in, a);
	} else if (req->op == RECALL_COUNT || req->op == RECALL_WITHDRAW) {
		request_begin(in, by, req, a);
	} else {
		a->state = RECALL_UNKNOWN;
	}
}

static struct recall_asker
asker_of(const struct ipc_request *request)
{
	uid_t uid = ipc_request_uid(request);

	return (struct recall_asker){
		.uid = uid,
		.pid = ipc_request_pid(request),
		.hidden = !identity_is_seen(uid),
	};
}

/* nng answers by copies: these two are too large for a stack, and kept. */
static void
on_request(
    void *arg, struct ipc_request *request, const uint8_t *data, size_t n)
{
	static struct recall_req req;
	static struct recall_answer answer;
	static uint8_t octets[RECALL_ANSWER_MAX];
	struct recall_in *in = arg;
	const struct recall_asker by = asker_of(request);
	struct wire w;

	answer = (struct recall_answer){ 0 };
	wire_init_read(&w, data, n);
	if (recall_req_get(&w, &req) == -1)
		refuse(&answer,
		    "a request that reaperd cannot read: are both "
		    "of the same version?");
	else
		judge(in, &by, &req, &answer);
	wire_init(&w, octets, sizeof(octets));
	recall_answer_put(&w, &answer);
	ipc_answer(request, octets, wire_done(&w) ? w.pos : 0);
}

/* ---- life ---- */

struct recall_in *
recall_in_new(struct ev_loop *loop, const char *run_dir)
{
	struct recall_in *in = calloc(1, sizeof(*in));

	if (in == NULL) {
		log_warnx("recall: out of memory");
		return NULL;
	}
	in->loop = loop;
	in->job.state = RECALL_UNKNOWN;
	in->admins = admins_in_new(
	    loop, run_dir, "recall.ipc", RECALL_REQ_MAX, on_request, in);
	if (in->admins != NULL)
		return in;
	recall_in_free(in);
	return NULL;
}

void
recall_in_configure(struct recall_in *in, struct admins *admins,
    const struct recall_setup *setup)
{
	job_end(in, "reaperd has got another configuration");
	in->setup = *setup;
	admins_in_set(in->admins, admins);
}

void
recall_in_free(struct recall_in *in)
{
	if (in == NULL)
		return;
	job_end(in, "reaperd is stopping");
	admins_in_free(in->admins);
	free(in);
}
