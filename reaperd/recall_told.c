/* Owns the words. Must not know what is withdrawn, or how. */
#include "reaperd/recall_told.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "common/log.h"
#include "reaperd/recall_words.h"

const char *
recall_asker_words(char *buf, const struct recall_asker *by)
{
	const struct passwd *pw;

	if (by->hidden) {
		snprintf(
		    buf, RECALL_ASKER_MAX, "by=hidden pid=%ld", (long)by->pid);
		return buf;
	}
	pw = getpwuid(by->uid);
	snprintf(buf, RECALL_ASKER_MAX, "uid=%lu user=%s",
	    (unsigned long)by->uid, pw != NULL ? pw->pw_name : "-");
	return buf;
}

static const char *
action(bool withdraw)
{
	return withdraw ? "recall" : "recall-dry-run";
}

void
recall_tell_begun(const struct recall_asker *by, const struct recall_req *req)
{
	char words[RECALL_WORDS_MAX], name[RECALL_ASKER_MAX];

	log_info("action=%s %s ask=%016" PRIx64 " %s",
	    action(req->op == RECALL_WITHDRAW), recall_asker_words(name, by),
	    req->job, recall_words(words, req));
}

void
recall_tell_over(const struct recall_end *end)
{
	char line[400], name[RECALL_ASKER_MAX];

	snprintf(line, sizeof(line),
	    "action=%s-over %s ask=%016" PRIx64 " looked-at=%llu matched=%llu "
	    "withdrawn=%llu ms=%.0f",
	    action(end->withdraw), recall_asker_words(name, &end->by),
	    end->number, end->looked_at, end->matched, end->withdrawn, end->ms);
	if (end->why == NULL)
		log_info("%s", line);
	else if (end->stopped || !end->withdraw)
		log_info("%s: %s", line, end->why);
	else
		log_warnx("%s: not all is withdrawn: %s", line, end->why);
}
