/*
 * Owns the order of the checks and the time for them. Must not know how any
 * is made, nor what makes it good or bad.
 */
#include "admin/check_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/check_run.h"
#include "common/monotonic.h"
#include "verifyd/config.h"
#include "verifyd/surroundings_in.h"

double
check_left(const struct check_run *run)
{
	double left = run->deadline - monotonic_now();

	return left > 0 ? left : 0;
}

bool
check_late(struct check_run *run, const char *what)
{
	if (check_left(run) > 0)
		return false;
	check_say(run->found, FOUND_TIME_OVER, what, NULL);
	return true;
}

/* check_sockets() forks, so it goes before nng is used. */
static void
check_all(struct check_run *run)
{
	size_t n;

	check_say(run->found, FOUND_CONFIG_VALID, run->options->config, NULL);
	config_domains(run->config, &n);
	if (n == 0)
		check_say(run->found, FOUND_CONFIG_NO_DOMAIN, NULL);
	check_files(run);
	check_sockets(run);
	check_daemons(run);
	check_tls(run);
	check_lists(run);
	check_servers(run);
	check_publish(run);
	check_zones(run);
	check_clock(run);
	check_ports(run);
}

static int
run_open(struct check_run *run, struct surroundings *around)
{
	static const struct dns_limits limits = { .queries = 512 };
	const struct verifyd_config *v =
	    config_section(run->config, &verifyd_section);

	run->deadline = monotonic_now() + run->options->timeout;
	run->loop = ev_default_loop(EVFLAG_AUTO);
	run->resolvers = v->resolvers.n > 0 ? v->resolvers : around->resolvers;
	if (run->loop != NULL)
		run->exchange = dns_exchange_new(run->loop, &limits);
	return run->exchange != NULL ? 0 : -1;
}

static void
check_config(const struct check_options *o, const struct config *config,
    struct check_findings *found)
{
	struct check_run run = {
		.options = o, .config = config, .found = found
	};
	struct surroundings around;

	if (surroundings_read(&around) == -1 || run_open(&run, &around) == -1)
		check_say(found, FOUND_TIME_OVER,
		    "everything (the system has no memory for it)", NULL);
	else
		check_all(&run);
	dns_exchange_free(run.exchange);
	surroundings_free(&around);
}

static void
complain(void *arg, const char *text)
{
	check_say(arg, FOUND_CONFIG_INVALID, text, NULL);
}

/* nng's threads are left as they stand: door.h. */
int
check_site_run(const struct check_options *o)
{
	struct check_findings found = { .ignored = &o->ignored };
	struct config *config = config_load(o->config, complain, &found);
	int code;

	if (config != NULL)
		check_config(o, config, &found);
	if (o->json)
		check_findings_json(&found);
	else
		check_findings_text(&found);
	code = (int)check_findings_level(&found);
	config_unref(config);
	check_findings_free(&found);
	fflush(stdout);
	_exit(code);
}
