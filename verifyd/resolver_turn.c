/* Whose turn it is among the resolvers. */
#include "verifyd/resolver_turn.h"

#include <math.h>

/* Seconds for one resolver while there is another one to try, at most: half of
   what is left. */
static const double one_patience = 2.5;
/* Seconds in which a resolver that is restarted is back. */
static const double restart_patience = 5;

void
resolver_turn_begin(struct resolver_turn *t, size_t first, double now,
    double timeout, double share)
{
	*t = (struct resolver_turn){
		.at = first,
		.deadline = now + timeout * share,
		.patience = now + fmin(restart_patience, timeout / 2),
	};
}

double
resolver_turn_seconds(struct resolver_turn *t, size_t n, double now)
{
	double left = t->deadline - now;

	t->at %= n;
	return t->tried + 1 < n ? fmin(left / 2, one_patience) : left;
}

bool
resolver_turn_failed(
    struct resolver_turn *t, size_t n, const struct dns_reply *reply)
{
	t->tried++;
	t->away += reply->away;
	t->at++;
	return t->tried < n;
}

bool
resolver_turn_again(struct resolver_turn *t, double now)
{
	if (t->away < t->tried || now + RESOLVER_PAUSE > t->patience)
		return false;
	t->tried = t->away = 0;
	return true;
}
