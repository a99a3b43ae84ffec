/*
 * Records to bits. Pure.
 */
#include "verifyd/evidence.h"

#include <stdlib.h>
#include <string.h>

enum { FUTURE_TOLERANCE = 3600 }; /* seconds, protocol.md section 4 */

struct evidence *
evidence_new(size_t n_ids, size_t n_recipients)
{
	struct evidence *e = calloc(1, sizeof(*e));
	uint8_t *names;

	if (e == NULL)
		return NULL;
	e->n_ids = n_ids;
	e->n_recipients = n_recipients;
	e->ids = calloc(n_ids + 1, sizeof(*e->ids));
	e->recipients = calloc(n_recipients + 1, sizeof(*e->recipients));
	names = calloc(n_ids + 1, n_recipients + 1);
	if (e->ids == NULL || e->recipients == NULL || names == NULL) {
		free(names);
		evidence_free(e);
		return NULL;
	}
	e->ids[0].names = names;
	for (size_t i = 1; i < n_ids; i++)
		e->ids[i].names = names + i * n_recipients;
	return e;
}

void
evidence_free(struct evidence *e)
{
	if (e == NULL)
		return;
	if (e->ids != NULL) {
		for (size_t i = 0; i < e->n_ids; i++)
			free(e->ids[i].blinds);
		free(e->ids[0].names);
	}
	free(e->ids);
	free(e->recipients);
	free(e);
}

uint64_t
evidence_ids_of(const struct evidence *e, const char *domain)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < e->n_ids; i++)
		if (strcmp(e->ids[i].id.domain, domain) == 0)
			mask |= UINT64_C(1) << i;
	return mask;
}

/* A content that the MTA did not show counts as one that nobody bound. */
static enum verify_content
content_of(const struct evidence *e, const struct record *r)
{
	if (r->bind[0] == '\0' || e->content[0] == '\0')
		return CONTENT_UNBOUND;
	return strcmp(r->bind, e->content) == 0 ? CONTENT_INTACT
						: CONTENT_CHANGED;
}

/* The bit to set where this record names something. */
static unsigned
bit_of(const struct evidence *e, const struct record *r)
{
	if (difftime(r->date, e->now) > FUTURE_TOLERANCE)
		return NAMED_FUTURE;
	if (difftime(e->now, r->date) > e->max_age)
		return NAMED_EXPIRED;
	return 1U << content_of(e, r);
}

/* What each recipient would be at this ID: hashed once, not per record. */
static int
blind_recipients(const struct evidence *e, struct evidence_id *id)
{
	if (id->blinds != NULL)
		return 0;
	id->blinds = calloc(e->n_recipients + 1, sizeof(*id->blinds));
	if (id->blinds == NULL)
		return -1;
	for (size_t i = 0; i < e->n_recipients; i++)
		if (e->recipients[i].local[0] != '\0')
			record_blind(
			    id->blinds[i], id->id.label, &e->recipients[i]);
	return 0;
}

static bool
names(const struct evidence *e, const struct evidence_id *id,
    const struct record *r, size_t recipient)
{
	if (e->recipients[recipient].local[0] == '\0')
		return false;
	if (r->blinded)
		return strcmp(id->blinds[recipient], r->blind) == 0;
	return address_equal(&r->to, &e->recipients[recipient]);
}

static void
take_link(const struct evidence *e, struct evidence_id *id,
    const struct record *r, unsigned bit)
{
	uint64_t next =
	    evidence_ids_of(e, r->to.domain) & ~(UINT64_C(1) << (id - e->ids));

	if (next == 0)
		return;
	if (bit >= NAMED_EXPIRED)
		id->stale |= bit;
	else
		id->links[content_of(e, r)] |= next;
}

static void
see(struct evidence_id *id, enum verify_reason reason)
{
	if (reason > id->seen)
		id->seen = reason;
}

int
evidence_text(struct evidence *e, size_t which, const char *text, size_t n)
{
	struct evidence_id *id = &e->ids[which];
	struct record r;
	unsigned bit;

	see(id, REASON_BAD_RECORD);
	if (!record_get(&r, text, n))
		return 0;
	see(id, REASON_SENDER_MISMATCH);
	if (!address_equal(&r.from, &e->author))
		return 0;
	if (r.blinded && blind_recipients(e, id) != 0)
		return -1;
	id->state = EVIDENCE_FOUND;
	bit = bit_of(e, &r);
	for (size_t i = 0; i < e->n_recipients; i++)
		if (names(e, id, &r, i))
			id->names[i] |= (uint8_t)bit;
	if (!r.blinded)
		take_link(e, id, &r, bit);
	return 0;
}
