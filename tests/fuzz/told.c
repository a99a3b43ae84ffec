/* Distances from the author to each ID, in rounds. */
#include "tests/fuzz/told.h"

#include <string.h>
#include <time.h>

enum { FAR = 1000 };

/* Which hops may be gone. */
struct rule {
	bool intact;  /* the first one only by a record of this content */
	bool trusted; /* to trusted forwarders only */
};

bool
told_text(struct told *t, size_t which, const char *text, size_t n)
{
	struct told_id *id = &t->ids[which];
	struct record r;

	if (!record_get(&r, text, n) || !address_equal(&r.from, &t->author))
		return true;
	if (id->n == TOLD_RECORDS_MAX)
		return false;
	id->records[id->n++] = r;
	return true;
}

static bool
in_force(const struct told *t, const struct record *r)
{
	return difftime(r->date, t->now) <= TOLD_FUTURE &&
	    difftime(t->now, r->date) <= t->max_age;
}

static bool
leads(const struct told *t, const struct told_id *from,
    const struct told_id *to, bool intact)
{
	for (size_t i = 0; i < from->n && from != to; i++) {
		const struct record *r = &from->records[i];

		if (!r->blinded && in_force(t, r) &&
		    strcmp(r->to.domain, to->id.domain) == 0 &&
		    (!intact ||
			(r->bind[0] != '\0' &&
			    strcmp(r->bind, t->content) == 0)))
			return true;
	}
	return false;
}

static bool
begins(const struct told *t, size_t i)
{
	return strcmp(t->ids[i].id.domain, t->author.domain) == 0;
}

/* Hops to each ID as a forwarder's, the author's own first hop counted. */
static void
distances(const struct told *t, struct rule rule, unsigned far[TOLD_IDS_MAX])
{
	for (size_t i = 0; i < t->n; i++)
		far[i] = FAR;
	for (unsigned hop = 1; hop < t->max_hops; hop++)
		for (size_t i = 0; i < t->n; i++)
			for (size_t k = 0; k < t->n; k++)
				if ((hop == 1 ? begins(t, i) : far[i] == hop) &&
				    far[k] > hop + 1 &&
				    (t->ids[k].trusted || !rule.trusted) &&
				    leads(t, &t->ids[i], &t->ids[k],
					rule.intact && hop == 1))
					far[k] = hop + 1;
}

static bool
names(const struct told *t, const struct told_id *id,
    const struct address *recipient)
{
	for (size_t i = 0; i < id->n; i++)
		if (in_force(t, &id->records[i]) &&
		    record_names(&id->records[i], id->id.label, recipient))
			return true;
	return false;
}

/* By a forwarder. */
static bool
forwarded(const struct told *t, struct rule rule, const struct address *a)
{
	unsigned far[TOLD_IDS_MAX];

	distances(t, rule, far);
	for (size_t i = 0; i < t->n; i++)
		if (far[i] <= t->max_hops && names(t, &t->ids[i], a))
			return true;
	return false;
}

static bool
direct(const struct told *t, const struct address *a)
{
	for (size_t i = 0; i < t->n; i++)
		if (begins(t, i) && names(t, &t->ids[i], a))
			return true;
	return false;
}

bool
told_complete(const struct told *t, const struct address *recipient)
{
	return direct(t, recipient) ||
	    forwarded(t, (struct rule){ .intact = false }, recipient);
}

bool
told_pass(const struct told *t, const struct address *recipient)
{
	return direct(t, recipient) ||
	    forwarded(t, (struct rule){ .intact = true }, recipient) ||
	    forwarded(t, (struct rule){ .trusted = true }, recipient);
}
