/*
 * Does publishing work, and does the update key do more than it should? Only
 * publishd has that key, so it is asked to.
 */
#include "admin/check_publish.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/check_list.h"
#include "admin/check_whom.h"
#include "publishd/config.h"

/* publishd answers within its own timeout. */
static int
patience(const struct check_run *run)
{
	const struct publishd_config *pc =
	    config_section(run->config, &publishd_section);

	return (int)(fmin(check_left(run), pc->timeout + 2) * 1000) + 1;
}

int
probe_ask(struct probe *p, const struct probe_req *req)
{
	uint8_t octets[PROBE_REQ_MAX];
	struct wire w;

	wire_init(&w, octets, sizeof(octets));
	probe_req_put(&w, req);
	return wire_done(&w)
	    ? door_ask(p->door, octets, w.pos, patience(p->run))
	    : -1;
}

static void
primary_set(struct probe *p, size_t i)
{
	p->at = &p->domain->primaries.v[i];
	check_server_text(p->at, p->primary);
}

/* As publishd does it; then each primary for itself, where there are more. */
static void
check_primaries(struct probe *p)
{
	size_t n = p->domain->primaries.n;

	primary_set(p, 0);
	check_probe(p);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && check_late(p->run, "the other primaries"))
			return;
		primary_set(p, i);
		if (n > 1)
			check_primary(p);
		if (n == 1 || p->good)
			check_reach(p);
	}
}

static void
check_domain(
    struct check_run *run, struct door *door, const struct config_domain *d)
{
	struct check_look look;
	struct probe p = {
		.run = run, .door = door, .domain = d, .look = &look
	};
	struct net_address *all = NULL;
	size_t n = d->servers.n;

	if (d->primaries.n > 1)
		all = check_servers_of(d, &n);
	if (check_look_init(&look, run, all != NULL ? all : d->servers.v, n) ==
	    0)
		check_primaries(&p);
	check_look_free(&look);
	free(all);
}

/* The second is there where publishd does not see users: its unit. */
static enum door_state
find_door(const struct check_run *run, struct door *door)
{
	static const char *const doors[] = { "probe.ipc", "admins/probe.ipc" };
	enum door_state state = DOOR_ABSENT;
	char path[256];

	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]) &&
	     (state == DOOR_FORBIDDEN || i == 0);
	     i++) {
		snprintf(path, sizeof(path), "%s/publishd/%s",
		    config_global(run->config)->run_dir, doors[i]);
		state = door_open(door, path, PROBE_ANSWER_MAX, patience(run));
		if (i > 0 && state == DOOR_ABSENT)
			state = DOOR_FORBIDDEN;
	}
	return state;
}

static const struct {
	const char *why, *remedy;
} closed[] = {
	[DOOR_ABSENT] = { "publishd does not run here",
	    "systemctl start publishd" },
	[DOOR_SILENT] = { "publishd does not answer",
	    "systemctl restart publishd" },
	[DOOR_FORBIDDEN] = { "this user may not ask publishd",
	    "run dnsmail-check as root, or as a user whom admins of publishd "
	    "names" },
};

void
check_publish(struct check_run *run)
{
	size_t n;
	const struct config_domain *d = config_domains(run->config, &n);
	struct door door;
	enum door_state state;

	if (n == 0 || check_late(run, "publishing"))
		return;
	state = find_door(run, &door);
	for (size_t i = 0; i < n; i++)
		if (state != DOOR_OPEN)
			check_say(run->found, FOUND_PROBE_UNKNOWN, d[i].name,
			    "", closed[state].why, closed[state].remedy, NULL);
		else if (!check_late(run, "publishing"))
			check_domain(run, &door, &d[i]);
}
