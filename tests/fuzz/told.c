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

static void
distances(const struct told *t, struct rule rule, unsigned far[TOLD_IDS_MAX])
{
	for (size_t i = 0; i < t->n; i++)
		far[i] = strcmp(t->ids[i].id.domain, t->author.domain) == 0
		    ? 1
		    : FAR;
	for (unsigned hop = 1; hop < t->max_hops; hop++)
		for (size_t i = 0; i < t->n; i++)
			for (size_t k = 0; far[i] == hop && k < t->n; k++)
				if (far[k] > hop + 1 &&
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

/* Named at an ID that is so far away at most? */
static bool
named(const struct told *t, struct rule rule, unsigned most,
    const struct address *recipient)
{
	unsigned far[TOLD_IDS_MAX];

	distances(t, rule, far);
	for (size_t i = 0; i < t->n; i++)
		if (far[i] <= most && names(t, &t->ids[i], recipient))
			return true;
	return false;
}

bool
told_complete(const struct told *t, const struct address *recipient)
{
	return named(t, (struct rule){ 0 }, t->max_hops, recipient);
}

bool
told_pass(const struct told *t, const struct address *recipient)
{
	return named(t, (struct rule){ 0 }, 1, recipient) ||
	    named(t, (struct rule){ .intact = true }, t->max_hops, recipient) ||
	    named(t, (struct rule){ .trusted = true }, t->max_hops, recipient);
}
