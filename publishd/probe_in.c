/*
 * Owns who may probe, and what of it is told. An admin may add and remove
 * probes only: a record that vouches for mail is nothing an admin can make.
 */
#include "publishd/probe_in.h"

#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/admins_in.h"
#include "common/log.h"
#include "common/probe_msg.h"
#include "publishd/config.h"
#include "publishd/reach_out.h"
#include "publishd/request_check.h"

#define PATIENCE 4.0 /* seconds, with one primary */

struct probe_in {
	struct admins_in *admins;
	struct config *config;
	struct reach_out *reach;
	struct ipc_request *asker; /* of what reach has under way */
	enum probe_op asked_op;
	probe_record_fn *record;
	void *arg;
};

/* ---- answers ---- */

/* As the request's form has it. */
static void
answer(struct ipc_request *ipc, enum probe_op op, const struct probe_answer *a)
{
	struct publish_answer of_record = { .status = a->status };
	uint8_t octets[PROBE_ANSWER_MAX];
	struct wire w;

	wire_init(&w, octets, sizeof(octets));
	if (op == PROBE_REACH) {
		probe_answer_put(&w, a);
	} else {
		memcpy(of_record.reason, a->reason, sizeof(a->reason));
		publish_answer_put(&w, &of_record);
	}
	ipc_answer(ipc, octets, w.pos);
}

static void
answer_no(struct ipc_request *ipc, enum probe_op op, enum publish_status status,
    const char *why)
{
	struct probe_answer a = { .status = status };

	snprintf(a.reason, sizeof(a.reason), "%s", why);
	answer(ipc, op, &a);
}

/* ---- a record, as for mail ---- */

/* In one piece, as publish_req_get() has it. NULL: out of memory. */
static struct publish_record *
record_copy(const struct probe_req *probe)
{
	size_t owner = strlen(probe->owner) + 1, text = strlen(probe->text);
	struct publish_record *r = calloc(1, sizeof(*r) + owner + text + 1);
	char *strings;

	if (r == NULL)
		return NULL;
	strings = (char *)(r + 1);
	memcpy(strings, probe->owner, owner);
	memcpy(strings + owner, probe->text, text);
	*r = (struct publish_record){
		.owner = strings, .text = strings + owner, .text_len = text
	};
	return r;
}

static enum publish_op
record_op(const struct probe_req *probe)
{
	return probe->op == PROBE_ADD ? PUB_ADD : PUB_REMOVE;
}

static void
publish_record(
    struct probe_in *in, struct ipc_request *ipc, const struct probe_req *probe)
{
	const struct config_domain *d =
	    config_domain(in->config, probe->domain);
	struct publish_req req = { .n = 1,
		.op = record_op(probe),
		.ttl = d != NULL ? (uint32_t)d->ttl : 0 };

	snprintf(req.domain, sizeof(req.domain), "%s", probe->domain);
	if ((req.records = record_copy(probe)) == NULL)
		answer_no(ipc, probe->op, PUB_REFUSED, "out of memory");
	else
		in->record(in->arg, ipc, &req);
}

/* ---- one primary ---- */

/* NULL: the domain has no such primary. */
static const struct net_address *
primary_named(const struct config_domain *d, const char *text)
{
	struct net_address address;

	if (text[0] == '\0')
		return &d->primaries.v[0];
	if (net_address_parse(&address, text, strlen(text)) == -1)
		return NULL;
	for (size_t i = 0; i < d->primaries.n; i++)
		if (net_address_equal(&d->primaries.v[i], &address))
			return &d->primaries.v[i];
	return NULL;
}

static void
answered(void *arg, const struct probe_answer *a)
{
	struct probe_in *in = arg;
	struct ipc_request *ipc = in->asker;

	in->asker = NULL;
	answer(ipc, in->asked_op, a);
}

static void
ask_primary(struct probe_in *in, struct ipc_request *ipc,
    const struct probe_req *probe, const struct update_change *record)
{
	const struct publishd_config *pc =
	    config_section(in->config, &publishd_section);
	struct reach_question q = { .record = record, .reach = probe->reach };

	q.domain = config_domain(in->config, probe->domain);
	if (q.domain != NULL)
		q.primary = primary_named(q.domain, probe->primary);
	if (q.primary == NULL) {
		answer_no(ipc, probe->op, PUB_LATER,
		    q.domain == NULL ? "the domain is none of ours"
				     : "the domain has no such primary");
		return;
	}
	if (reach_out_ask(in->reach, &q, fmin(pc->timeout, PATIENCE), answered,
		in) == -1) {
		answer_no(
		    ipc, probe->op, PUB_BUSY, "another probe is under way");
		return;
	}
	in->asker = ipc;
	in->asked_op = probe->op;
}

/* Checked as one for mail is. */
static void
ask_primary_record(
    struct probe_in *in, struct ipc_request *ipc, const struct probe_req *probe)
{
	const struct config_domain *d =
	    config_domain(in->config, probe->domain);
	struct publish_record record = { .owner = probe->owner,
		.text = probe->text,
		.text_len = strlen(probe->text) };
	const struct publish_req req = {
		.op = record_op(probe), .n = 1, .records = &record
	};
	size_t index;
	const char *wrong = request_check(&req, d, &index);

	if (wrong != NULL)
		answer_no(ipc, probe->op, PUB_REFUSED, wrong);
	else
		ask_primary(in, ipc, probe,
		    &(struct update_change){ .op = req.op,
			.ttl = (uint32_t)d->ttl,
			.owner = record.owner,
			.text = record.text,
			.text_len = record.text_len });
}

/* ---- requests ---- */

static void
take_record(
    struct probe_in *in, struct ipc_request *ipc, const struct probe_req *probe)
{
	if (!request_is_probe(probe->text))
		answer_no(
		    ipc, probe->op, PUB_REFUSED, "the record is no probe");
	else if (probe->primary[0] == '\0')
		publish_record(in, ipc, probe);
	else
		ask_primary_record(in, ipc, probe);
}

static void
take_reach(
    struct probe_in *in, struct ipc_request *ipc, const struct probe_req *probe)
{
	ask_primary(in, ipc, probe, NULL);
}

static void
tell(uid_t uid, const struct probe_req *probe)
{
	static const char *const actions[PROBE_OP__COUNT] = {
		[PROBE_ADD] = "probe-add",
		[PROBE_REMOVE] = "probe-remove",
		[PROBE_REACH] = "probe-key",
	};
	const struct passwd *pw = getpwuid(uid);
	char domain[PUBLISH_NAME_MAX], primary[NET_ADDRESS_TEXT_MAX];
	const char *at = probe->primary[0] != '\0' ? probe->primary : "-";

	log_info("action=%s uid=%lu user=%s domain=%s primary=%s",
	    actions[probe->op], (unsigned long)uid,
	    pw != NULL ? pw->pw_name : "-",
	    log_quote(
		domain, sizeof(domain), probe->domain, strlen(probe->domain)),
	    log_quote(primary, sizeof(primary), at, strlen(at)));
}

static void
on_request(void *arg, struct ipc_request *ipc, const uint8_t *data, size_t n)
{
	static void (*const take[PROBE_OP__COUNT])(struct probe_in *,
	    struct ipc_request *, const struct probe_req *) = {
		[PROBE_ADD] = take_record,
		[PROBE_REMOVE] = take_record,
		[PROBE_REACH] = take_reach,
	};
	struct probe_req probe;
	struct wire w;

	wire_init_read(&w, data, n);
	if (probe_req_get(&w, &probe) == -1) {
		answer_no(ipc, PROBE_ADD, PUB_REFUSED, "malformed request");
		return;
	}
	tell(ipc_request_uid(ipc), &probe);
	take[probe.op](arg, ipc, &probe);
}

/* ---- life ---- */

struct probe_in *
probe_in_new(struct ev_loop *loop, const char *run_dir, probe_record_fn *record,
    void *arg)
{
	struct probe_in *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->record = record;
	in->arg = arg;
	in->reach = reach_out_new(loop);
	in->admins = admins_in_new(
	    loop, run_dir, "probe.ipc", PROBE_REQ_MAX, on_request, in);
	if (in->reach != NULL && in->admins != NULL)
		return in;
	probe_in_free(in);
	return NULL;
}

void
probe_in_configure(struct probe_in *in, struct config *config,
    struct admins *admins, const struct update_key *key)
{
	reach_out_configure(in->reach, key);
	config_ref(config);
	config_unref(in->config);
	in->config = config;
	admins_in_set(in->admins, admins);
}

void
probe_in_stop(struct probe_in *in)
{
	admins_in_stop(in->admins);
}

void
probe_in_free(struct probe_in *in)
{
	if (in == NULL)
		return;
	reach_out_free(in->reach);
	admins_in_free(in->admins);
	config_unref(in->config);
	free(in);
}
