/* Owns the order of servers. Must not know calls, nor what made one shunned. */
#include "ipc_choice.h"

static bool
is_better(const struct ipc_peer *p, const struct ipc_peer *than, double now)
{
	bool shunned = now < p->shun_until;

	if (than == NULL)
		return true;
	if (shunned != (now < than->shun_until))
		return !shunned;
	return p->n_busy < than->n_busy;
}

struct ipc_peer *
ipc_choose(struct ipc_peer *const *peers, size_t n, size_t turn,
    const struct ipc_peer *except, double now)
{
	struct ipc_peer *best = NULL;

	for (size_t i = 0; i < n; i++) {
		struct ipc_peer *p = peers[(turn + i) % n];

		if (p != except && p->ops->connected(p) &&
		    is_better(p, best, now))
			best = p;
	}
	return best;
}
