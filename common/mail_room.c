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

void
mail_room_enter(struct mail_room *r, struct mail_place *p, double now)
{
	p->standing = MAIL_SILENT;
	p->since = now;
	p->octets = 0;
	TAILQ_INSERT_TAIL(&r->places[p->standing], p, link);
}

void
mail_room_leave(struct mail_room *r, struct mail_place *p)
{
	TAILQ_REMOVE(&r->places[p->standing], p, link);
	r->octets -= p->octets;
}

void
mail_room_said(struct mail_room *r, struct mail_place *p, bool busy, double now)
{
	TAILQ_REMOVE(&r->places[p->standing], p, link);
	p->standing = busy ? MAIL_BUSY : MAIL_QUIET;
	p->since = now;
	TAILQ_INSERT_TAIL(&r->places[p->standing], p, link);
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

struct mail_place *
mail_room_first_out(const struct mail_room *r)
{
	struct mail_place *p;

	for (size_t i = 0; i < MAIL_STANDING__COUNT; i++)
		TAILQ_FOREACH(p, &r->places[i], link)
	if (!p->waiting)
		return p;
	return NULL;
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
