/* A zone's domains and its index of names. */
#include "reaperd/zone.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message_id.h"
#include "common/publish_msg.h"

struct zone *
zone_new(const char *name, const struct net_addresses *primaries,
    const uint8_t key[EXPIRY_KEY])
{
	struct zone *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->n_primaries = primaries->n;
	memcpy(
	    z->primaries, primaries->v, primaries->n * sizeof(*primaries->v));
	memcpy(z->key, key, EXPIRY_KEY);
	z->text = strdup(name);
	z->index = expiry_new(key);
	if (z->text == NULL || z->index == NULL ||
	    dns_name_parse(&z->name, name) == -1) {
		zone_free(z);
		return NULL;
	}
	return z;
}

int
zone_add_domain(struct zone *z, const char *domain, double lifetime)
{
	struct zone_domain *v, *d;

	if (z->n_domains == ZONE_DOMAINS_MAX)
		return -1;
	v = reallocarray(z->domains, z->n_domains + 1, sizeof(*v));
	if (v == NULL)
		return -1;
	z->domains = v;
	d = &v[z->n_domains];
	*d = (struct zone_domain){ .lifetime = lifetime };
	if (dns_name_parse(&d->name, domain) == -1 ||
	    (d->text = strdup(domain)) == NULL)
		return -1;
	z->n_domains++;
	return 0;
}

void
zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	for (size_t i = 0; i < z->n_domains; i++)
		free(z->domains[i].text);
	free(z->domains);
	expiry_free(z->index);
	expiry_free(z->filling);
	free(z->text);
	free(z);
}

const struct net_address *
zone_primary(const struct zone *z)
{
	return &z->primaries[z->of];
}

/* ---- events ---- */

/* The domain whose name is `name` without its first label. */
static const struct zone_domain *
domain_above(const struct zone *z, const struct dns_name *name)
{
	size_t skip = (size_t)name->wire[0] + 1;

	for (size_t i = 0; i < z->n_domains; i++) {
		const struct dns_name *d = &z->domains[i].name;

		if (name->len == d->len + skip &&
		    memcmp(name->wire + skip, d->wire, d->len) == 0)
			return &z->domains[i];
	}
	return NULL;
}

/* protocol.md 2.1: one label of a-z 0-9 - _ (a reader lowers the case). */
static bool
id_name(const struct dns_name *name)
{
	char text[1024]; /* what dns_name_text() wants */
	struct message_id id;

	dns_name_text(name, text);
	return message_id_from_name(&id, text, strlen(text));
}

bool
zone_find(const struct zone *z, const struct dns_rr *rr, struct zone_found *f)
{
	const struct zone_domain *d = domain_above(z, &rr->owner);
	size_t len = rr->owner.wire[0];

	if (d == NULL || !id_name(&rr->owner) ||
	    zone_text_get(&f->text, rr) == -1)
		return false;
	f->name.domain = (uint16_t)(d - z->domains);
	memcpy(f->name.label, rr->owner.wire + 1, len);
	f->name.label[len] = '\0';
	f->due = expired_due(f->text.date, d->lifetime);
	return true;
}

static int
on_whole(void *arg)
{
	struct zone *z = arg;

	assert(z->filling == NULL);
	return (z->filling = expiry_new(z->key)) != NULL ? 0 : -1;
}

/* One that was taken before this transfer keeps the time it got then. */
static int64_t
due_of_expired(struct zone *z, const struct zone_found *f)
{
	const struct zone_catch *c = z->catch;
	int64_t before = expiry_due(z->index, &f->name);

	if (before > c->now)
		return before;
	return c->take(c->arg, z, &f->name, &f->text) ? c->again : f->due;
}

static int
on_add(void *arg, const struct dns_rr *rr)
{
	struct zone *z = arg;
	const struct zone_catch *c = z->catch;
	struct zone_found f;

	if (!zone_find(z, rr, &f))
		return 0;
	if (z->filling == NULL)
		return expiry_add(z->index, &f.name, f.due);
	if (c != NULL && f.due <= c->now)
		f.due = due_of_expired(z, &f);
	return expiry_add(z->filling, &f.name, f.due);
}

static int
on_remove(void *arg, const struct dns_rr *rr)
{
	struct zone *z = arg;
	struct zone_found f;

	if (zone_find(z, rr, &f))
		expiry_remove(z->index, &f.name);
	return 0;
}

const struct zone_stream_events zone_events = {
	.whole = on_whole,
	.add = on_add,
	.remove = on_remove,
};

void
zone_commit(struct zone *z, uint32_t serial)
{
	if (z->filling != NULL) {
		expiry_free(z->index);
		z->index = z->filling;
		z->filling = NULL;
	}
	z->catch = NULL;
	z->of = z->at;
	z->serial = serial;
	z->known = true;
}

void
zone_abandon(struct zone *z)
{
	expiry_free(z->filling);
	z->filling = NULL;
	z->catch = NULL;
	z->known = false;
}

void
zone_due(struct zone *z, const struct expiry_name *name, int64_t due)
{
	expiry_move(z->index, name, due);
	if (z->filling != NULL)
		expiry_move(z->filling, name, due);
}

/* ---- names ---- */

const char *
zone_owner(const struct zone *z, const struct expiry_name *name, char *buf)
{
	snprintf(buf, PUBLISH_NAME_MAX, "%s.%s", name->label,
	    z->domains[name->domain].text);
	return buf;
}

void
zone_owner_name(const struct zone *z, const struct expiry_name *name,
    struct dns_name *owner)
{
	const struct dns_name *d = &z->domains[name->domain].name;
	size_t len = strlen(name->label);

	owner->wire[0] = (uint8_t)len;
	memcpy(owner->wire + 1, name->label, len);
	memcpy(owner->wire + 1 + len, d->wire, d->len);
	owner->len = (uint8_t)(1 + len + d->len);
}

/* ---- all zones ---- */

static bool
same_primaries(const struct zone *z, const struct net_addresses *primaries)
{
	if (z->n_primaries != primaries->n)
		return false;
	for (size_t i = 0; i < primaries->n; i++)
		if (!net_address_equal(&z->primaries[i], &primaries->v[i]))
			return false;
	return true;
}

static struct zone *
zone_for(struct zones *zones, const struct config_domain *d,
    const uint8_t key[EXPIRY_KEY])
{
	struct zone *z;

	STAILQ_FOREACH(z, zones, link)
	if (strcmp(z->text, d->zone) == 0 && same_primaries(z, &d->primaries))
		return z;
	if ((z = zone_new(d->zone, &d->primaries, key)) != NULL)
		STAILQ_INSERT_TAIL(zones, z, link);
	return z;
}

int
zones_fill(struct zones *zones, const struct config_domain *domains, size_t n,
    const uint8_t key[EXPIRY_KEY])
{
	for (size_t i = 0; i < n; i++) {
		struct zone *z = zone_for(zones, &domains[i], key);

		if (z == NULL ||
		    zone_add_domain(z, domains[i].name, domains[i].lifetime) ==
			-1)
			return -1;
	}
	return 0;
}

void
zones_free(struct zones *zones)
{
	struct zone *z;

	while ((z = STAILQ_FIRST(zones)) != NULL) {
		STAILQ_REMOVE_HEAD(zones, link);
		zone_free(z);
	}
}
