/*
 * Comparing is what a verifier does: address_equal() of protocol.md 2.3, and
 * for a blinded recipient the digest of 2.2 with the ID's own label.
 */
#include "reaperd/recall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/message_id.h"
#include "common/record.h"

struct recall {
	int64_t since, until;
	size_t n_ids, n_from, n_to, n_domains;
	struct message_id ids[RECALL_VALUES_MAX];
	struct address from[RECALL_VALUES_MAX], to[RECALL_VALUES_MAX];
	char domains[RECALL_VALUES_MAX][DOMAIN_MAX];
};

/* ---- from words: each takes one value ---- */

static bool
take_id(struct recall *r, const char *text)
{
	return message_id_from_name(&r->ids[r->n_ids++], text, strlen(text));
}

static bool
take_from(struct recall *r, const char *text)
{
	return address_from_spec(&r->from[r->n_from++], text, strlen(text)) ==
	    ADDRESS_OK;
}

static bool
take_to(struct recall *r, const char *text)
{
	return address_from_spec(&r->to[r->n_to++], text, strlen(text)) ==
	    ADDRESS_OK;
}

static bool
take_domain(struct recall *r, const char *text)
{
	return domain_normal(r->domains[r->n_domains++], text, strlen(text));
}

static const struct taker {
	bool (*take)(struct recall *, const char *text);
	const char *wrong;
} takers[] = {
	[RECALL_ID] = { take_id, "is no ID name" },
	[RECALL_FROM] = { take_from, "is no address of a record" },
	[RECALL_TO] = { take_to, "is no address of a record" },
	[RECALL_DOMAIN] = { take_domain, "is no domain name" },
};
_Static_assert(sizeof(takers) / sizeof(takers[0]) == RECALL_KEY__COUNT,
    "recall_key without a taker");

static bool
take_all(struct recall *r, const struct recall_req *req, char *why)
{
	for (size_t key = 0; key < RECALL_KEY__COUNT; key++)
		for (size_t i = 0; i < req->keys[key].n; i++) {
			const char *text = req->keys[key].v[i];

			if (takers[key].take(r, text))
				continue;
			snprintf(why, RECALL_REASON_MAX, "%s: \"%.200s\" %s",
			    recall_key_names[key], text, takers[key].wrong);
			return false;
		}
	return true;
}

/* Nobody withdraws everything by forgetting an option. */
static bool
says_nothing(const struct recall *r)
{
	return r->n_ids + r->n_from + r->n_to + r->n_domains == 0 &&
	    r->since == INT64_MIN && r->until == INT64_MAX;
}

struct recall *
recall_new(const struct recall_req *req, char *why)
{
	struct recall *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		snprintf(why, RECALL_REASON_MAX, "out of memory");
		return NULL;
	}
	r->since = req->since;
	r->until = req->until;
	if (take_all(r, req, why)) {
		if (!says_nothing(r))
			return r;
		snprintf(why, RECALL_REASON_MAX, "nothing says what to take");
	}
	free(r);
	return NULL;
}

void
recall_free(struct recall *r)
{
	free(r);
}

/* ---- domains ---- */

static bool
among_domains(const struct recall *r, const char *domain)
{
	for (size_t i = 0; i < r->n_domains; i++)
		if (strcmp(r->domains[i], domain) == 0)
			return true;
	return r->n_domains == 0;
}

bool
recall_domain(const struct recall *r, const char *domain)
{
	if (!among_domains(r, domain))
		return false;
	for (size_t i = 0; i < r->n_ids; i++)
		if (strcmp(r->ids[i].domain, domain) == 0)
			return true;
	return r->n_ids == 0;
}

bool
recall_zone(const struct recall *r, const struct zone *zone)
{
	for (size_t i = 0; i < zone->n_domains; i++)
		if (recall_domain(r, zone->domains[i].text))
			return true;
	return false;
}

static bool
ours(const struct zones *zones, const char *domain)
{
	const struct zone *z;

	STAILQ_FOREACH(z, zones, link)
	for (size_t i = 0; i < z->n_domains; i++)
		if (strcmp(z->domains[i].text, domain) == 0)
			return true;
	return false;
}

const char *
recall_foreign(const struct recall *r, const struct zones *zones)
{
	for (size_t i = 0; i < r->n_domains; i++)
		if (!ours(zones, r->domains[i]))
			return r->domains[i];
	for (size_t i = 0; i < r->n_ids; i++)
		if (!ours(zones, r->ids[i].domain))
			return r->ids[i].domain;
	return NULL;
}

/* ---- records ---- */

static bool
among_ids(const struct recall *r, const char *label, const char *domain)
{
	for (size_t i = 0; i < r->n_ids; i++)
		if (strcmp(r->ids[i].label, label) == 0 &&
		    strcmp(r->ids[i].domain, domain) == 0)
			return true;
	return r->n_ids == 0;
}

static bool
among_from(const struct recall *r, const struct record *record)
{
	for (size_t i = 0; i < r->n_from; i++)
		if (address_equal(&r->from[i], &record->from))
			return true;
	return r->n_from == 0;
}

static bool
among_to(const struct recall *r, const struct record *record, const char *label)
{
	for (size_t i = 0; i < r->n_to; i++)
		if (record_names(record, label, &r->to[i]))
			return true;
	return r->n_to == 0;
}

/* The text is taken apart only where something of it matters. */
bool
recall_matches(const struct recall *r, const struct zone *zone,
    const struct expiry_name *name, const struct zone_text *text)
{
	const char *domain = zone->domains[name->domain].text;
	struct record record;

	if (text->date < r->since || text->date > r->until ||
	    !among_domains(r, domain) || !among_ids(r, name->label, domain))
		return false;
	if (r->n_from + r->n_to == 0)
		return true;
	return record_get(&record, text->text, text->len) &&
	    among_from(r, &record) && among_to(r, &record, name->label);
}

void
recall_sample(struct recall_sample *s, const struct zone *zone,
    const struct expiry_name *name, const struct zone_text *text)
{
	char owner[PUBLISH_NAME_MAX], address[ADDRESS_MAX];
	struct record record;

	*s = (struct recall_sample){ .date = text->date };
	snprintf(s->id, sizeof(s->id), "%s", zone_owner(zone, name, owner));
	if (!record_get(&record, text->text, text->len))
		return;
	snprintf(s->from, sizeof(s->from), "%s",
	    address_text(&record.from, address));
	snprintf(s->to, sizeof(s->to), "%s",
	    record.blinded ? "#" : address_text(&record.to, address));
}
