/*
 * What is said of a daemon: its state, the reason in words, what that means
 * and what to do. Pure: what was seen is an argument.
 */
#include <stdio.h>
#include <string.h>

#include "admin/status.h"

enum { DEGRADED_SECONDS = 300 }; /* a warning is that young */

/* As monitoring plug-ins end. */
enum { EXIT_WELL, EXIT_DEGRADED, EXIT_DOWN, EXIT_UNKNOWN };

const char *const status_state_names[STATUS__COUNT] = {
	[STATUS_UP] = "up",
	[STATUS_DEGRADED] = "degraded",
	[STATUS_DOWN] = "down",
	[STATUS_UNKNOWN] = "unknown",
};

/* % is the daemon's name. */
static const struct reason_row {
	enum status_state state;
	const char *why;
	const char *remedy;
} reasons[] = {
	[REASON_NONE] = { STATUS_UP, "", "" },
	[REASON_ABSENT] = { STATUS_DOWN,
	    "does not run: it has no status socket",
	    "systemctl start %; why it ended: journalctl -u %" },
	[REASON_DIED] = { STATUS_DOWN,
	    "does not run: it was killed or crashed, its socket is still there",
	    "systemctl start %; why it ended: journalctl -u %" },
	[REASON_SILENT] = { STATUS_DOWN, "does not answer within 2 s",
	    "it is stopped or stuck: systemctl restart %" },
	[REASON_FORBIDDEN] = { STATUS_UNKNOWN, "Permission denied",
	    "ask as root, or as a member of the group that the option"
	    " group names" },
	[REASON_STRANGE] = { STATUS_UNKNOWN, "its answer cannot be understood",
	    "it is of another version: systemctl restart %" },
	[REASON_SYSTEM] = { STATUS_UNKNOWN, "it cannot be asked",
	    "see to what the system refuses here" },
};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == REASON__COUNT,
    "status_reason without words");

static const struct {
	const char *daemon, *text;
} meanwhile[] = {
	{ "signerd", "outgoing mail waits in the MTA's queue (451)" },
	{ "publishd",
	    "outgoing mail waits in the MTA's queue (451); nothing is "
	    "removed" },
	{ "verifyd", "incoming mail is put off by the MTA, or not verified" },
	{ "reaperd", "expired records stay; no mail waits for it" },
};

void
status_fail(struct status *s, enum status_reason reason, const char *detail)
{
	s->reason = reason;
	s->state = reasons[reason].state;
	snprintf(s->why, sizeof(s->why), "%s",
	    detail != NULL ? detail : reasons[reason].why);
}

/* Degraded by the daemon's own clock: the two need not agree. */
void
status_read(struct status *s, const uint8_t *data, size_t n)
{
	struct wire w;

	wire_init_read(&w, data, n);
	if (status_msg_get(&w, &s->msg) == -1) {
		status_fail(s, REASON_STRANGE, NULL);
		return;
	}
	s->reason = REASON_NONE;
	s->why[0] = '\0';
	s->since = 0;
	s->state = s->msg.last_error[0] != '\0' &&
		s->msg.last_error_at + DEGRADED_SECONDS > s->msg.now
	    ? STATUS_DEGRADED
	    : STATUS_UP;
}

enum status_state
status_worst(const struct status *s, size_t n)
{
	static const enum status_state worst_first[] = { STATUS_DOWN,
		STATUS_UNKNOWN, STATUS_DEGRADED };

	for (size_t w = 0; w < sizeof(worst_first) / sizeof(worst_first[0]);
	     w++)
		for (size_t i = 0; i < n; i++)
			if (s[i].state == worst_first[w])
				return worst_first[w];
	return STATUS_UP;
}

int
status_exit_code(const struct status *s, size_t n)
{
	static const int codes[STATUS__COUNT] = {
		[STATUS_UP] = EXIT_WELL,
		[STATUS_DEGRADED] = EXIT_DEGRADED,
		[STATUS_DOWN] = EXIT_DOWN,
		[STATUS_UNKNOWN] = EXIT_UNKNOWN,
	};

	return codes[status_worst(s, n)];
}

const char *
status_remedy(char *buf, size_t size, const struct status *s)
{
	size_t at = 0;

	buf[0] = '\0';
	for (const char *in = reasons[s->reason].remedy;
	     *in != '\0' && at + 1 < size; in++) {
		int n = *in == '%'
		    ? snprintf(buf + at, size - at, "%s", s->daemon)
		    : snprintf(buf + at, size - at, "%c", *in);

		at += (size_t)n;
	}
	return buf;
}

const char *
status_meanwhile(const struct status *s)
{
	for (size_t i = 0; s->state == STATUS_DOWN &&
	     i < sizeof(meanwhile) / sizeof(meanwhile[0]);
	     i++)
		if (strcmp(meanwhile[i].daemon, s->daemon) == 0)
			return meanwhile[i].text;
	return "";
}
