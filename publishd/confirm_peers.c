/* Must not know which server may be left out, nor when. */
#include "publishd/confirm_state.h"

/* The first of those at its name, itself among them. */
static struct look *
peers(const struct look *l)
{
	struct confirm *c = l->confirm;
	size_t at = (size_t)(l - c->looks);

	return &c->looks[at - at % c->servers];
}

bool
peers_show(const struct look *l)
{
	const struct look *p = peers(l);

	for (size_t i = 0; i < l->confirm->servers; i++)
		if (p[i].seen)
			return true;
	return false;
}

bool
peers_look(const struct look *l)
{
	const struct look *p = peers(l);

	for (size_t i = 0; i < l->confirm->servers; i++)
		if (&p[i] != l && !p[i].left_out)
			return true;
	return false;
}

void
peers_ask(struct look *l)
{
	struct look *p = peers(l);

	for (size_t i = 0; i < l->confirm->servers; i++)
		if (&p[i] != l && p[i].left_out && p[i].query == NULL &&
		    !ev_is_active(&p[i].pause))
			ev_feed_event(l->confirm->loop, &p[i].pause, EV_TIMER);
}

size_t
peers_settle(struct look *l)
{
	struct look *p = peers(l);
	size_t n = 0;

	l->left_out = false;
	for (size_t i = 0; i < l->confirm->servers; i++) {
		if (!p[i].left_out)
			continue;
		p[i].left_out = false;
		ev_timer_stop(l->confirm->loop, &p[i].pause);
		dns_query_cancel(p[i].query);
		p[i].query = NULL;
		n++;
	}
	return n;
}
