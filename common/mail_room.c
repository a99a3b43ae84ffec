/*
 * Owns the order in which places are given up, and the sum of the memory. Must
 * not know what a connection is.
 */
#include "mail_room.h"

/* Who holds less, or has said something since, is not closed for memory. */
enum { HOARD = 8 * 1024 };
static const double hoard_seconds = 5;

void
mail_room_init(struct mail_room *r)
{
	*r = (struct mail_room){ 0 };
	for (size_t i = 0; i < MAIL_STANDING__COUNT; i++)
		TAILQ_INIT(&r->places[i]);
}

static void
put(struct mail_room *r, struct mail_place *p, enum mail_standing standing)
{
	p->standing = standing;
	TAILQ_INSERT_TAIL(&r->places[standing], p, link);
	r->n[standing]++;
}

static void
take_out(struct mail_room *r, struct mail_place *p)
{
	TAILQ_REMOVE(&r->places[p->standing], p, link);
	r->n[p->standing]--;
}

void
mail_room_enter(struct mail_room *r, struct mail_place *p, double now)
{
	p->since = now;
	p->octets = 0;
	put(r, p, MAIL_SILENT);
}

void
mail_room_leave(struct mail_room *r, struct mail_place *p)
{
	take_out(r, p);
	r->octets -= p->octets;
}

void
mail_room_said(struct mail_room *r, struct mail_place *p, bool busy, double now)
{
	take_out(r, p);
	p->since = now;
	put(r, p, busy ? MAIL_BUSY : MAIL_QUIET);
}

void
mail_room_holds(struct mail_room *r, struct mail_place *p, size_t octets)
{
	r->octets += octets - p->octets;
	p->octets = octets;
}

bool
mail_room_is_short(const struct mail_room *r)
{
	return r->max_octets > 0 && r->octets >= r->max_octets;
}

static struct mail_place *
first_of(const struct mail_room *r, enum mail_standing standing)
{
	struct mail_place *p;

	TAILQ_FOREACH(p, &r->places[standing], link)
	if (!p->waiting)
		break;
	return p;
}

/* Over their quarters, then whoever is left. */
struct mail_place *
mail_room_first_out(const struct mail_room *r)
{
	size_t quarter =
	    (r->n[MAIL_SILENT] + r->n[MAIL_QUIET] + r->n[MAIL_BUSY]) / 4;
	struct mail_place *p = NULL;

	if (r->n[MAIL_SILENT] > quarter)
		p = first_of(r, MAIL_SILENT);
	if (p == NULL && r->n[MAIL_QUIET] > quarter)
		p = first_of(r, MAIL_QUIET);
	if (p == NULL)
		p = first_of(r, MAIL_BUSY);
	if (p == NULL)
		p = first_of(r, MAIL_QUIET);
	return p != NULL ? p : first_of(r, MAIL_SILENT);
}

struct mail_place *
mail_room_first_hoarder(
    const struct mail_room *r, const struct mail_place *except, double now)
{
	struct mail_place *p;

	for (size_t i = 0; i < MAIL_STANDING__COUNT; i++)
		TAILQ_FOREACH(p, &r->places[i], link)
		{
			if (now - p->since < hoard_seconds)
				break; /* the others are younger */
			if (p != except && !p->waiting && p->octets >= HOARD)
				return p;
		}
	return NULL;
}
