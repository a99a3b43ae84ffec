/*
 * Owns the set of primaries and their zones: found by name, made when first
 * needed, forgotten when the configuration changes. Must not know who asked,
 * nor how one primary is spoken to.
 */
#include "publishd/dns_out.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "publishd/primary_out.h"

struct dns_out {
	batch_done_fn *done;
	size_t max_batch;
	struct primary_list primaries;
	void *index; /* tsearch(3): targets by zone and primaries */
	ev_prepare flush;
	struct primary_ground ground;
};

/* --- the index --- */

static int
compare(const void *a, const void *b)
{
	const struct target *s = a, *t = b;
	int zones = strcmp(s->zone, t->zone);

	return zones != 0
	    ? zones
	    : memcmp(s->primaries, t->primaries, sizeof(s->primaries));
}

/* Few: one for most sites, whatever the number of their domains. */
static struct primary *
primary_get(struct dns_out *out, const struct net_address *address)
{
	struct primary *p;

	TAILQ_FOREACH(p, &out->primaries, link)
	if (net_address_equal(&p->address, address))
		return p;
	if ((p = primary_new(&out->ground, address)) != NULL)
		TAILQ_INSERT_TAIL(&out->primaries, p, link);
	return p;
}

static struct target *
target_add(struct dns_out *out, const struct target *key, size_t n)
{
	struct target *t = target_new(key->primaries, n, key->zone, out->done);

	if (t == NULL)
		return NULL;
	if (tsearch(t, &out->index, compare) == NULL) {
		target_free(t);
		return NULL;
	}
	batch_limit(t->batch, out->max_batch);
	return t;
}

static struct target *
target_get(struct dns_out *out, const struct config_domain *domain)
{
	struct target key = { .zone = domain->zone };
	struct target **found;

	for (size_t i = 0; i < domain->primaries.n; i++) {
		key.primaries[i] = primary_get(out, &domain->primaries.v[i]);
		if (key.primaries[i] == NULL)
			return NULL;
	}
	found = tfind(&key, &out->index, compare);
	return found != NULL ? *found
			     : target_add(out, &key, domain->primaries.n);
}

static void
target_drop(struct dns_out *out, struct target *t)
{
	tdelete(t, &out->index, compare);
	target_free(t);
}

static void
primary_drop(struct dns_out *out, struct primary *p)
{
	TAILQ_REMOVE(&out->primaries, p, link);
	primary_free(p);
}

/* --- what the others call --- */

int
dns_out_submit(struct dns_out *out, const struct config_domain *domain,
    const struct publish_req *req, double deadline, void *arg)
{
	struct target *t = target_get(out, domain);

	if (t == NULL || batch_add(t->batch, req, deadline, arg) == -1)
		return -1;
	target_touch(t);
	return 0;
}

const char *
dns_out_taken(struct dns_out *out, const struct config_domain *domain)
{
	struct target *t = target_get(out, domain);

	return t != NULL ? t->primaries[t->choice.taken]->text : "";
}

/* A zone with requests under way goes on; the next reload may drop it. */
static void
configure_primary(struct dns_out *out, struct primary *p)
{
	struct target *t, *next;

	for (t = TAILQ_FIRST(&p->targets); t != NULL; t = next) {
		next = TAILQ_NEXT(t, link);
		if (batch_empty(t->batch))
			target_drop(out, t);
		else
			batch_limit(t->batch, out->max_batch);
	}
}

void
dns_out_configure(
    struct dns_out *out, const struct update_key *key, size_t max_batch)
{
	struct primary *p, *next;

	out->ground.key = key;
	out->max_batch = max_batch;
	TAILQ_FOREACH(p, &out->primaries, link)
	configure_primary(out, p);
	for (p = TAILQ_FIRST(&out->primaries); p != NULL; p = next) {
		next = TAILQ_NEXT(p, link);
		if (p->users == 0)
			primary_drop(out, p);
	}
}

/* --- the loop --- */

/* As the loop's last step before it sleeps, when all requests are in. */
static void
flush(struct ev_loop *loop, ev_prepare *w, int events)
{
	struct dns_out *out = w->data;
	struct target *t;

	(void)loop;
	(void)events;
	while ((t = TAILQ_FIRST(&out->ground.touched)) != NULL) {
		TAILQ_REMOVE(&out->ground.touched, t, touched_link);
		t->touched = false;
		target_run(t);
	}
}

struct dns_out *
dns_out_new(struct ev_loop *loop, batch_done_fn *done)
{
	/* To primaries of our own, which need no protection from us. */
	static const struct dns_limits limits = { .queries = 512 };
	struct dns_out *out = calloc(1, sizeof(*out));

	if (out == NULL)
		return NULL;
	out->ground.exchange = dns_exchange_new(loop, &limits);
	if (out->ground.exchange == NULL) {
		free(out);
		return NULL;
	}
	out->ground.loop = loop;
	out->done = done;
	TAILQ_INIT(&out->primaries);
	TAILQ_INIT(&out->ground.touched);
	ev_prepare_init(&out->flush, flush);
	out->flush.data = out;
	ev_prepare_start(loop, &out->flush);
	return out;
}

void
dns_out_free(struct dns_out *out)
{
	struct primary *p;
	struct target *t;

	if (out == NULL)
		return;
	TAILQ_FOREACH(p, &out->primaries, link)
	while ((t = TAILQ_FIRST(&p->targets)) != NULL)
		target_drop(out, t);
	while ((p = TAILQ_FIRST(&out->primaries)) != NULL)
		primary_drop(out, p);
	dns_exchange_free(out->ground.exchange);
	ev_prepare_stop(out->ground.loop, &out->flush);
	free(out);
}
