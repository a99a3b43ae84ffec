/*
 * One of several primaries: a record that it takes must be shown by all the
 * others and by each listed server, or a message whose record it took waits.
 */
#include "admin/check_list.h"
#include "admin/check_publish.h"

/* True: it answers, and does not show what that primary took. */
static bool
say_unshared(struct probe *p, size_t i)
{
	const struct check_look_at *at = &p->look->at[i];
	char server[NET_ADDRESS_TEXT_MAX];

	if (at->ms[true] >= 0 || !at->answered)
		return false;
	check_say(p->run->found, FOUND_PRIMARY_UNSHARED, p->domain->name,
	    p->primary, check_server_text(&p->look->servers[i], server), NULL);
	return true;
}

static void
say_shared(struct probe *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->look->n; i++)
		n += say_unshared(p, i);
	if (n == 0)
		check_say(p->run->found, FOUND_PRIMARY_GOOD, p->domain->name,
		    p->primary, NULL);
}

/* It is removed also where there was no answer: it may be there. */
void
check_primary(struct probe *p)
{
	struct publish_answer added, removed;
	struct probe_req req;

	p->good = false;
	if (probe_record(&req, p->domain->name) == -1)
		return;
	net_address_text(p->at, req.primary);
	probe_step(p, &req, PROBE_ADD, CHECK_LOOK_MAX, &added);
	p->good = added.status == PUB_DONE;
	if (p->good)
		say_shared(p);
	else
		check_say(p->run->found, FOUND_PRIMARY_UPDATE, p->domain->name,
		    p->primary, added.reason, NULL);
	if (added.status == PUB_REFUSED)
		return;
	probe_step(p, &req, PROBE_REMOVE, 0, &removed);
	if (p->good && removed.status != PUB_DONE)
		check_say(p->run->found, FOUND_PROBE_LEFT, p->domain->name,
		    p->primary, removed.reason, NULL);
}
