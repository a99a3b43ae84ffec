/* Pure; knows the names of a few metrics, but not what any of them means. */
#include "admin/watch_lines.h"

#include <stdio.h>
#include <string.h>

#include "admin/history.h"
#include "admin/status_text.h"

enum { FIRST_MAX = 8 }; /* with the NULL */

/* What a person wants to see where there is no room for all. */
static const struct first {
	const char *daemon;
	const char *names[FIRST_MAX];
} first[] = {
	{ "signerd",
	    { "messages_signed_author", "publish", "messages_tempfailed",
		"messages_under_way", "messages_signed_forwarder",
		"messages_skipped" } },
	{ "publishd",
	    { "records_added", "update", "records_pending", "request",
		"records_removed", "updates_failed" } },
	{ "verifyd",
	    { "messages_pass", "verify", "messages_fail", "messages_temperror",
		"messages_none", "messages_under_way" } },
	{ "reaperd",
	    { "records_live", "records_removed", "transfers_failed", "lookup",
		"serial_lag" } },
};

const char *const *
watch_lines_first(const char *daemon)
{
	static const char *const none[] = { NULL };

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (strcmp(first[i].daemon, daemon) == 0)
			return first[i].names;
	return none;
}

static void
remark(struct watch_lines *l, const char *what, const char *text)
{
	if (text[0] != '\0' && l->n_remarks < REMARKS_MAX)
		snprintf(l->remarks[l->n_remarks++], REMARK_BYTES, "%-11s %s",
		    what, text);
}

static void
remarks_make(struct watch_lines *l, const struct status *s)
{
	char text[REMARK_BYTES / 2], span[STATUS_TEXT_BYTES];

	if (s->reason != REASON_NONE) {
		remark(l, "why", s->why);
		remark(l, "what to do", status_remedy(text, sizeof(text), s));
		remark(l, "meanwhile", status_meanwhile(s));
	} else if (s->state == STATUS_DEGRADED) {
		snprintf(l->remarks[l->n_remarks++], REMARK_BYTES,
		    "warned %s ago: %s",
		    status_text_since(span, s->msg.now, s->msg.last_error_at),
		    s->msg.last_error);
	}
}

static bool
is_among(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void
rows_make(struct watch_lines *l, const struct watch_daemon *d)
{
	const char *const *names = watch_lines_first(d->status.daemon);
	const struct metrics *m = history_metrics(d->history);

	for (const char *const *f = names; *f != NULL; f++)
		for (size_t i = 0; i < m->n; i++)
			if (strcmp(*f, m->rows[i].name) == 0)
				l->rows[l->n_rows++] = i;
	for (size_t i = 0; i < m->n; i++)
		if (!is_among(names, m->rows[i].name))
			l->rows[l->n_rows++] = i;
}

void
watch_lines_make(struct watch_lines *l, const struct watch_daemon *d)
{
	l->n_remarks = l->n_rows = 0;
	if (!d->known)
		return;
	remarks_make(l, &d->status);
	if (d->status.reason == REASON_NONE)
		rows_make(l, d);
}
