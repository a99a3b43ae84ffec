/* Are the daemons up, and of our version? As dnsmail-status sees them. */
#include <string.h>

#include "admin/check_run.h"
#include "admin/status.h"
#include "common/version.h"

static const enum check_code codes[STATUS__COUNT] = {
	[STATUS_UP] = FOUND_DAEMON_UP,
	[STATUS_DEGRADED] = FOUND_DAEMON_WARNED,
	[STATUS_DOWN] = FOUND_DAEMON_DOWN,
	[STATUS_UNKNOWN] = FOUND_DAEMON_UNKNOWN,
};

static const char *
what(const struct status *s)
{
	if (s->state == STATUS_UP)
		return s->msg.version;
	return s->state == STATUS_DEGRADED ? s->msg.last_error : s->why;
}

static void
judge(struct check_run *run, struct status *s)
{
	bool answered = s->state == STATUS_UP || s->state == STATUS_DEGRADED;
	char remedy[256];

	check_say(run->found, codes[s->state], s->daemon, what(s),
	    status_remedy(remedy, sizeof(remedy), s), NULL);
	if (!answered)
		return;
	if (strcmp(s->msg.version, dnsmail_version) != 0)
		check_say(run->found, FOUND_DAEMON_VERSION, s->daemon,
		    s->msg.version, dnsmail_version, NULL);
	status_msg_free(&s->msg);
}

/* Within STATUS_ANSWER_MS, twice. nng is left as it stands: we _exit(). */
void
check_daemons(struct check_run *run)
{
	struct status status[] = { { .daemon = "signerd" },
		{ .daemon = "publishd" }, { .daemon = "verifyd" },
		{ .daemon = "reaperd" } };
	size_t n = sizeof(status) / sizeof(status[0]);

	if (check_late(run, "the daemons"))
		return;
	status_ask(status, n, config_global(run->config)->run_dir);
	for (size_t i = 0; i < n; i++)
		judge(run, &status[i]);
}
