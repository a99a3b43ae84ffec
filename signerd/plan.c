/*
 * Owns how recipients become records and IDs, and which of them are blinded.
 * Knows nothing of who may be signed for, nor of how it is published.
 */
#include "signerd/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/record.h"
#include "signerd/config.h"
#include "signerd/received_by.h"

struct target {
	struct address address;
	bool shown; /* in To: or Cc: */
};

/* ---- who is shown ---- */

static int
compare(const void *a, const void *b)
{
	const struct address *x = &(*(struct target *const *)a)->address;
	const struct address *y = &(*(struct target *const *)b)->address;
	int order = strcmp(x->domain, y->domain);

	return order != 0 ? order : strcasecmp(x->local, y->local);
}

struct sorted {
	struct target **v;
	size_t n;
};

/* For each mailbox of To: and Cc:; one who is no recipient is no matter. */
static bool
mark_shown(void *arg, const struct address *a)
{
	struct sorted *s = arg;
	struct target key = { .address = *a };
	struct target *pkey = &key, **hit;

	hit = bsearch(&pkey, s->v, s->n, sizeof(*s->v), compare);
	if (hit != NULL)
		(*hit)->shown = true;
	return true;
}

/* The same recipient twice: the search marked one of them. */
static void
spread_shown(struct sorted *s)
{
	for (size_t i = 0, next; i < s->n; i = next) {
		bool shown = false;

		for (next = i;
		     next < s->n && compare(&s->v[i], &s->v[next]) == 0; next++)
			shown |= s->v[next]->shown;
		for (size_t k = i; k < next; k++)
			s->v[k]->shown = shown;
	}
}

/* By a sorted list: both numbers are the sender's to choose. */
static int
find_shown(struct target *targets, const struct mail_message *m)
{
	struct sorted s = { .n = m->n_recipients };

	s.v = calloc(s.n, sizeof(*s.v));
	if (s.v == NULL)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		s.v[i] = &targets[i];
	qsort(s.v, s.n, sizeof(*s.v), compare);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct mail_field *f = &m->fields[i];

		if (strcasecmp(f->name, "To") == 0 ||
		    strcasecmp(f->name, "Cc") == 0)
			address_list(f->value, f->len, mark_shown, &s);
	}
	spread_shown(&s);
	free(s.v);
	return 0;
}

/* ---- groups ---- */

enum { NO_OBJECTION = SIGN_REASON__COUNT };

/* A plan in the making. */
struct draft {
	struct plan *plan;
	const struct sign_rules *rules;
	const struct mail_message *m;
	const uint8_t (*random)[MESSAGE_ID_RANDOM];
	const struct config_domain *by_message; /* a forwarder's fallback */
	struct record record;                   /* the same for all but `to` */
};

/* By the longest text there is, so that no record is written twice. */
static bool
has_room(const struct plan_group *g)
{
	return g->n < PLAN_RECORDS_MAX &&
	    g->text_len + RECORD_TEXT_MAX <= PLAN_TEXT_MAX;
}

/* The newest group of that domain if there is room, else another one. */
static int
group_for(struct draft *d, const struct config_domain *domain,
    struct plan_group **group_r)
{
	struct plan *plan = d->plan;
	struct plan_group *g;

	for (size_t i = plan->n_groups; i-- > 0;) {
		*group_r = &plan->groups[i];
		if ((*group_r)->domain == domain && has_room(*group_r))
			return NO_OBJECTION;
	}
	if (plan->n_groups == PLAN_GROUPS_MAX)
		return SIGN_TOO_MANY_RECIPIENTS;
	*group_r = g = &plan->groups[plan->n_groups];
	g->records =
	    calloc(d->m->n_recipients < PLAN_RECORDS_MAX ? d->m->n_recipients
							 : PLAN_RECORDS_MAX,
		sizeof(*g->records));
	if (g->records == NULL)
		return SIGN_OUT_OF_MEMORY;
	g->domain = domain;
	message_id_make(&g->id, d->random[plan->n_groups++], domain->name);
	message_id_name(&g->id, g->name);
	return NO_OBJECTION;
}

/* Protocol.md 2.2. One who has a copy alone is no secret from anybody. */
static bool
is_blinded(const struct draft *d, const struct target *t)
{
	int mode = d->rules->options->private;

	return mode == PRIVATE_ALL ||
	    (mode == PRIVATE_BLIND && d->m->n_recipients > 1 && !t->shown);
}

/* The label is in the digest, so a blinded record fits one ID only. */
static int
add_record(struct draft *d, struct plan_group *g, const struct target *t)
{
	struct publish_record *out = &g->records[g->n];
	char buf[RECORD_TEXT_MAX];
	struct record *r = &d->record;

	r->blinded = is_blinded(d, t);
	if (r->blinded) {
		record_blind(r->blind, g->id.label, &t->address);
		if (r->blind[0] == '\0')
			return SIGN_OUT_OF_MEMORY;
	}
	r->to = t->address;
	out->text_len = record_put(buf, r);
	out->text = strdup(buf);
	if (out->text == NULL)
		return SIGN_OUT_OF_MEMORY;
	out->owner = g->name;
	g->n++;
	g->text_len += out->text_len;
	return NO_OBJECTION;
}

/* Where the ID of this recipient's copy lies: the author's domain, or where
   this copy was received. */
static const struct config_domain *
domain_for(const struct draft *d, enum sign_reason as, size_t i)
{
	const struct config_domain *domain;

	if (as == SIGN_AUTHOR)
		return config_domain(d->rules->config, d->record.from.domain);
	domain = received_by_orcpt(d->rules, d->m->recipients[i]);
	return domain != NULL ? domain : d->by_message;
}

/* Nothing adds up to more than a verifier takes. */
static int
check_ids(const struct draft *d)
{
	size_t ids = d->plan->n_groups;

	for (size_t i = 0; i < d->m->n_fields; i++)
		ids += strcasecmp(d->m->fields[i].name, MESSAGE_ID_FIELD) == 0;
	return ids > PLAN_GROUPS_MAX ? (int)SIGN_TOO_MANY_IDS : NO_OBJECTION;
}

static int
fill(struct draft *d, enum sign_reason as, struct target *targets)
{
	struct plan_group *g;
	int r = NO_OBJECTION;

	for (size_t i = 0; i < d->m->n_recipients; i++)
		if (address_from_path(
			&targets[i].address, d->m->recipients[i]) != ADDRESS_OK)
			return SIGN_UNREPRESENTABLE;
	if (d->rules->options->private == PRIVATE_BLIND &&
	    d->m->n_recipients > 1 && find_shown(targets, d->m) == -1)
		return SIGN_OUT_OF_MEMORY;
	for (size_t i = 0; i < d->m->n_recipients && r == NO_OBJECTION; i++) {
		const struct config_domain *domain = domain_for(d, as, i);

		if (domain == NULL)
			return SIGN_NO_FORWARD_DOMAIN;
		if ((r = group_for(d, domain, &g)) == NO_OBJECTION)
			r = add_record(d, g, &targets[i]);
	}
	return r == NO_OBJECTION ? check_ids(d) : r;
}

struct plan *
plan_new(struct sign_decision *decision, const struct sign_rules *rules,
    const struct mail_message *m, const char *bind,
    const uint8_t random[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM], time_t now)
{
	struct target *targets = calloc(m->n_recipients, sizeof(*targets));
	struct draft d = { .rules = rules, .m = m, .random = random };
	int r = SIGN_OUT_OF_MEMORY;

	assert(decision->action == SIGN_SIGN);
	d.plan = calloc(1, sizeof(*d.plan));
	d.record.from = decision->author;
	d.record.date = now;
	if (bind != NULL)
		memcpy(d.record.bind, bind, strlen(bind) + 1);
	if (decision->reason == SIGN_FORWARDER)
		d.by_message = received_by_message(rules, m);
	if (targets != NULL && d.plan != NULL)
		r = fill(&d, decision->reason, targets);
	free(targets);
	if (r == NO_OBJECTION)
		return d.plan;
	plan_free(d.plan);
	sign_decision_set(decision, (enum sign_reason)r);
	return NULL;
}

void
plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->n_groups; i++) {
		struct plan_group *g = &plan->groups[i];

		for (size_t k = 0; k < g->n; k++)
			free((char *)g->records[k].text);
		free(g->records);
	}
	free(plan);
}
