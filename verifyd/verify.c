/*
 * One message from its fields to its verification. What the records say is
 * evidence.c, the way from ID to ID is chain.c. Pure.
 */
#include "verifyd/verify.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/param.h>

#include "verifyd/chain.h"
#include "verifyd/evidence.h"

struct verify {
	size_t max_hops;
	const struct strings *require;
	bool missing_matters;
	struct evidence *evidence;
	bool *settled;   /* [n_recipients] */
	uint64_t wanted; /* and not handed out yet */
	bool ask_domain;
	bool done;
	struct verification out;
};

static const enum verify_reason lookup_reasons[LOOKUP__COUNT] = {
	[LOOKUP_FOUND] = REASON_NONE,
	[LOOKUP_NO_RECORD] = REASON_NO_RECORD,
	[LOOKUP_NO_USABLE_SERVER] = REASON_NO_USABLE_SERVER,
	[LOOKUP_TIMEOUT] = REASON_DNS_TIMEOUT,
	[LOOKUP_SERVFAIL] = REASON_DNS_SERVFAIL,
	[LOOKUP_REFUSED] = REASON_DNS_REFUSED,
	[LOOKUP_OVER_BUDGET] = REASON_OVER_BUDGET,
};

/* How bad a result is for the message, from its recipients' results. */
static const unsigned severity[VERIFY_RESULT__COUNT] = {
	[VERIFY_NONE] = 0,
	[VERIFY_PASS] = 1,
	[VERIFY_POLICY] = 2,
	[VERIFY_TEMPERROR] = 3,
	[VERIFY_PERMERROR] = 4,
	[VERIFY_FAIL] = 4,
};

static bool
strings_have(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcasecmp(list->v[i], text) == 0)
			return true;
	return false;
}

static void
finish(struct verify *v, enum verify_result result, enum verify_reason reason)
{
	v->out.result = result;
	v->out.reason = reason;
	v->done = true;
}

static void
finish_reason(struct verify *v, enum verify_reason reason)
{
	finish(v, verify_reason_result(reason), reason);
}

static enum verify_reason
read_from(struct verify *v, const struct verify_input *in)
{
	struct address *author = &v->out.author;
	enum address_result result = ADDRESS_EMPTY;

	if (in->n_from == 1)
		result = address_from_header(
		    author, in->from[0].value, in->from[0].len);
	if (result == ADDRESS_OK)
		return REASON_NONE;
	author->local[0] = '\0';
	if (result == ADDRESS_UNREPRESENTABLE && in->n_ids == 0)
		return REASON_NONE; /* its domain may ask for an ID yet */
	memset(author, 0, sizeof(*author));
	return REASON_BAD_FROM;
}

static bool
is_duplicate(const struct evidence *e, size_t which)
{
	for (size_t i = 0; i < which; i++)
		if (message_id_equal(&e->ids[i].id, &e->ids[which].id))
			return true;
	return false;
}

static enum verify_reason
read_ids(struct evidence *e, const struct verify_input *in)
{
	for (size_t i = 0; i < e->n_ids; i++)
		if (!message_id_parse(
			&e->ids[i].id, in->ids[i].value, in->ids[i].len))
			return REASON_BAD_ID;
	for (size_t i = 1; i < e->n_ids; i++)
		if (is_duplicate(e, i))
			return REASON_DUPLICATE_ID;
	return REASON_NONE;
}

/* One that is no address, or cannot stand in a record, stays empty. */
static void
read_recipients(struct evidence *e, const struct verify_input *in)
{
	for (size_t i = 0; i < e->n_recipients; i++)
		if (address_from_path(&e->recipients[i], in->recipients[i]) !=
		    ADDRESS_OK)
			memset(&e->recipients[i], 0, sizeof(e->recipients[i]));
}

/* No ID at all: is that a failure, a question, or just so? */
static void
begin_without_ids(struct verify *v)
{
	const struct address *author = &v->out.author;

	if (author->domain[0] == '\0') /* a literal */
		finish(v, VERIFY_NONE, REASON_NONE);
	else if (strings_have(v->require, author->domain))
		finish_reason(v, REASON_UNLINKED);
	else
		v->ask_domain = true;
}

static void advance(struct verify *);

static void
begin(struct verify *v, const struct verify_limits *limits,
    const struct verify_input *in)
{
	struct evidence *e = v->evidence;
	enum verify_reason reason = read_from(v, in);

	if (reason == REASON_NONE && in->n_ids > e->n_ids)
		reason = REASON_TOO_MANY_IDS;
	if (reason == REASON_NONE)
		reason = read_ids(e, in);
	if (reason != REASON_NONE) {
		finish_reason(v, reason);
		return;
	}
	if (e->n_ids == 0) {
		begin_without_ids(v);
		return;
	}
	read_recipients(e, in);
	e->author = v->out.author;
	e->now = limits->now;
	e->max_age = limits->max_age;
	e->first = evidence_ids_of(e, e->author.domain);
	for (size_t i = 0; i < e->n_ids; i++)
		e->ids[i].trusted = strings_have(
		    limits->trusted_forwarders, e->ids[i].id.domain);
	advance(v);
}

struct verify *
verify_new(const struct verify_limits *limits, const struct verify_input *in)
{
	struct verify *v = calloc(1, sizeof(*v));
	size_t n_ids =
	    MIN(in->n_ids, MIN(limits->max_ids, (size_t)VERIFY_IDS_MAX));

	if (v == NULL)
		return NULL;
	v->max_hops = limits->max_hops;
	v->require = limits->require;
	v->missing_matters = limits->missing_matters;
	v->evidence = evidence_new(n_ids, in->n_recipients);
	v->settled = calloc(in->n_recipients + 1, sizeof(*v->settled));
	if (v->evidence == NULL || v->settled == NULL) {
		verify_free(v);
		return NULL;
	}
	begin(v, limits, in);
	return v;
}

void
verify_free(struct verify *v)
{
	if (v == NULL)
		return;
	evidence_free(v->evidence);
	free(v->settled);
	free(v);
}

void
verify_content(struct verify *v, const char *digest)
{
	struct evidence *e = v->evidence;

	assert(strlen(digest) < sizeof(e->content));
	memcpy(e->content, digest, strlen(digest) + 1);
}

static enum verify_content
worse(enum verify_content a, enum verify_content b)
{
	return a > b ? a : b;
}

/* One recipient's chain becomes part of the message's verification. */
static void
merge(struct verify *v, const struct chain *chain)
{
	struct verification *out = &v->out;

	if (severity[chain->result] > severity[out->result]) {
		out->result = chain->result;
		out->reason = chain->reason;
	}
	out->content = worse(out->content, chain->content);
	out->sealed = worse(out->sealed, chain->sealed);
	if (chain->hops > out->hops)
		out->hops = chain->hops;
	for (size_t i = 1; i < chain->hops; i++)
		verification_add_via(
		    out, v->evidence->ids[chain->path[i]].id.domain);
}

static void
conclude(struct verify *v)
{
	const struct evidence *e = v->evidence;
	struct verification *out = &v->out;
	size_t asked = 0;

	out->dnssec = true;
	for (size_t i = 0; i < e->n_ids; i++) {
		if (e->ids[i].state == EVIDENCE_UNASKED)
			continue;
		asked++;
		out->dnssec = out->dnssec && e->ids[i].ad;
	}
	out->dnssec = out->dnssec && asked > 0;
	out->unused = (unsigned)(e->n_ids - asked);
	v->done = true;
}

/* Nothing that is still open could make this chain a better one. */
static bool
is_settled(const struct chain *chain)
{
	return !chain->open ||
	    (chain->result == VERIFY_PASS && chain->content != CONTENT_CHANGED);
}

static void
ask(struct verify *v, uint64_t wanted)
{
	v->wanted |= wanted;
	for (size_t i = 0; i < v->evidence->n_ids; i++)
		if ((wanted & UINT64_C(1) << i) != 0)
			v->evidence->ids[i].state = EVIDENCE_ASKED;
}

/* Walks for each recipient that is not settled; asks for what they want. */
static void
advance(struct verify *v)
{
	const struct evidence *e = v->evidence;
	struct chain chain;
	size_t open = 0;

	for (size_t i = 0; i < e->n_recipients; i++) {
		if (v->settled[i])
			continue;
		chain_walk(e, i, v->max_hops, &chain);
		v->settled[i] = is_settled(&chain);
		if (v->settled[i]) {
			merge(v, &chain);
		} else {
			ask(v, chain.wanted);
			open++;
		}
	}
	if (e->n_recipients == 0) /* covers nobody: no pass by default */
		finish_reason(v, REASON_RECIPIENT_MISMATCH);
	else if (open == 0 || severity[v->out.result] == severity[VERIFY_FAIL])
		conclude(v);
}

const struct message_id *
verify_want(struct verify *v, size_t *which_r)
{
	const struct evidence *e = v->evidence;

	for (size_t i = 0; i < e->n_ids && !v->done; i++) {
		if ((v->wanted & UINT64_C(1) << i) == 0)
			continue;
		v->wanted &= ~(UINT64_C(1) << i);
		*which_r = i;
		return &e->ids[i].id;
	}
	return NULL;
}

void
verify_text(struct verify *v, size_t which, const char *text, size_t n)
{
	struct evidence_id *id = &v->evidence->ids[which];

	if (id->state == EVIDENCE_FAILED)
		return;
	if (evidence_text(v->evidence, which, text, n) != 0) {
		id->state = EVIDENCE_FAILED;
		id->reason = REASON_OVER_BUDGET;
	}
}

bool
verify_satisfied(const struct verify *v, size_t which)
{
	return v->evidence->ids[which].state != EVIDENCE_ASKED;
}

void
verify_looked_up(
    struct verify *v, size_t which, enum lookup_outcome outcome, bool ad)
{
	struct evidence_id *id = &v->evidence->ids[which];

	id->ad = ad;
	if (id->state == EVIDENCE_ASKED) {
		id->state = EVIDENCE_FAILED;
		id->reason = lookup_reasons[outcome];
		if (outcome <= LOOKUP_NO_RECORD)
			id->reason = id->seen != REASON_NONE ? id->seen
							     : REASON_NO_RECORD;
	}
	if (!v->done)
		advance(v);
}

const char *
verify_want_domain(const struct verify *v)
{
	return v->ask_domain && !v->done ? v->out.author.domain : NULL;
}

void
verify_domain(
    struct verify *v, enum lookup_outcome outcome, bool takes_part, bool ad)
{
	enum verify_reason reason = lookup_reasons[outcome];

	if (verify_reason_result(reason) == VERIFY_TEMPERROR &&
	    v->missing_matters) {
		finish_reason(v, reason);
		return;
	}
	v->out.participates = outcome == LOOKUP_FOUND && takes_part;
	v->out.dnssec = ad;
	finish(v, VERIFY_NONE, REASON_NONE);
}

bool
verify_done(const struct verify *v)
{
	return v->done;
}

void
verify_wish(struct verify *v, const struct wish *wish)
{
	v->out.wish = *wish;
}

void
verify_reputation(struct verify *v, const struct reputation *reputation)
{
	v->out.reputation = *reputation;
}

const struct verification *
verify_verdict(const struct verify *v)
{
	assert(v->done);
	return &v->out;
}

const struct evidence *
verify_evidence(const struct verify *v)
{
	return v->evidence;
}
