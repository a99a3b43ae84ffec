/*
 * Verdicts to answers to the MTA and log lines.
 */
#include "verifyd/reply_out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/auth_results.h"
#include "common/log.h"
#include "verifyd/counters.h"
#include "verifyd/verdict.h"

enum { QUEUE_ID_MAX = 128 };

static const struct verifyd_config *
options(const struct config *config)
{
	return config_section(config, &verifyd_section);
}

static const char *
queue_id(const struct mail *s, char buf[QUEUE_ID_MAX])
{
	const char *id = mail_message(s)->queue_id;

	return log_quote(buf, QUEUE_ID_MAX, id, strlen(id));
}

/*
 * Fields in our name that came from outside. From the last to the first, so
 * that the numbers of those still to go stay right.
 */
static int
remove_forged(struct mail *s, const char *authserv_id)
{
	const struct mail_message *m = mail_message(s);

	for (size_t i = m->n_fields; i-- > 0;) {
		const struct mail_field *f = &m->fields[i];

		if (strcasecmp(f->name, AUTH_RESULTS_FIELD) != 0 ||
		    !auth_results_is_ours(f->value, f->len, authserv_id))
			continue;
		if (mail_remove(s, AUTH_RESULTS_FIELD, f->nth) != 0)
			return -1;
		metric_add(&counters, COUNT_FORGED, 1);
	}
	return 0;
}

/* What the message gets on its way, if it goes on. -1: out of memory. */
static int
change(struct mail *s, const struct verdict *verdict,
    const struct verification *v, const char *authserv_id)
{
	char *field = verdict_field(v, authserv_id);
	int result = -1;

	if (field != NULL && remove_forged(s, authserv_id) == 0 &&
	    mail_insert(s, 0, AUTH_RESULTS_FIELD, field) == 0 &&
	    (verdict->action != ACTION_QUARANTINE ||
		mail_quarantine(s, verdict->quarantine) == 0))
		result = 0;
	free(field);
	return result;
}

/* The address of the author as the log may show it. */
static const char *
log_author(char buf[LOG_ADDRESS_MAX], const struct address *author)
{
	char text[ADDRESS_MAX];

	if (author->local[0] == '\0')
		return "-";
	return log_address(buf, address_text(author, text));
}

static void
log_verdict(const struct mail *s, const struct verdict *verdict,
    const struct verification *v, double seconds)
{
	char queue[QUEUE_ID_MAX], author[LOG_ADDRESS_MAX];
	char list[VERDICT_LIST_MAX];
	char *via = verdict_via(v);

	log_info("queue=%s action=%s%s%s result=%s%s%s content=%s hops=%u"
		 " via=%s from=%s%s%s%s%s ms=%.0f",
	    queue_id(s, queue), verify_action_names[verdict->action],
	    verdict->action != verdict->decided ? " observed=" : "",
	    verdict->action != verdict->decided
		? verify_action_names[verdict->decided]
		: "",
	    verify_result_names[v->result],
	    v->reason != REASON_NONE ? " reason=" : "",
	    v->reason != REASON_NONE ? verify_reason_names[v->reason] : "",
	    verify_content_names[v->content], v->hops,
	    via != NULL && via[0] != '\0' ? via : "-",
	    log_author(author, &v->author),
	    v->participates ? " participates=yes" : "",
	    verdict->wished ? " wish=" : "",
	    verdict->wished ? verify_action_names[verdict->decided] : "",
	    verdict_list(v, list), seconds * 1000);
	free(via);
}

void
reply_verified(struct mail *s, const struct config *config,
    const struct verification *v, double seconds)
{
	static const enum mail_verdict verdicts[ACTION__COUNT] = {
		[ACTION_ACCEPT] = MAIL_ACCEPT,
		[ACTION_QUARANTINE] = MAIL_ACCEPT,
		[ACTION_TEMPFAIL] = MAIL_TEMPFAIL,
		[ACTION_REJECT] = MAIL_REJECT,
		[ACTION_DISCARD] = MAIL_DISCARD,
	};
	struct verdict verdict;

	verdict_decide(&verdict, v, options(config));
	if (verdicts[verdict.action] == MAIL_ACCEPT &&
	    change(s, &verdict, v, config_global(config)->authserv_id) != 0) {
		reply_no_memory(s);
		return;
	}
	metric_add(&counters, COUNT_RESULT + v->result, 1);
	metric_add(&counters, COUNT_ACTION + verdict.action, 1);
	metric_add(&counters, COUNT_WISHES_FOLLOWED, verdict.wished);
	metric_add(&counters, COUNT_REPUTATION_FOLLOWED, verdict.listed);
	log_verdict(s, &verdict, v, seconds);
	mail_finish(s, verdicts[verdict.action], verdict.reply);
}

void
reply_exempt(struct mail *s)
{
	char queue[QUEUE_ID_MAX];

	metric_add(&counters, COUNT_EXEMPT, 1);
	log_info("queue=%s action=accept result=exempt", queue_id(s, queue));
	mail_finish(s, MAIL_ACCEPT, NULL);
}

/*
 * Only observing it goes on. It bears a result all the same: a message without
 * one would look as if it had not come from outside.
 */
static int
let_oversized_go(struct mail *s, const char *authserv_id)
{
	static const struct verdict verdict = { .action = ACTION_ACCEPT };
	static const struct verification v = { .result = VERIFY_TEMPERROR,
		.reason = REASON_OVER_BUDGET };

	return change(s, &verdict, &v, authserv_id);
}

void
reply_oversized(struct mail *s, const struct config *config)
{
	char queue[QUEUE_ID_MAX];

	metric_add(&counters, COUNT_OVERSIZED, 1);
	if (!options(config)->observe) {
		log_info("queue=%s action=tempfail reason=oversized",
		    queue_id(s, queue));
		mail_finish(s, MAIL_TEMPFAIL, verdict_later);
		return;
	}
	if (let_oversized_go(s, config_global(config)->authserv_id) != 0) {
		reply_no_memory(s);
		return;
	}
	log_info("queue=%s action=accept observed=tempfail result=temperror"
		 " reason=over-budget cause=oversized",
	    queue_id(s, queue));
	mail_finish(s, MAIL_ACCEPT, NULL);
}

void
reply_no_memory(struct mail *s)
{
	char queue[QUEUE_ID_MAX];

	log_warnx(
	    "queue=%s action=tempfail reason=no-memory", queue_id(s, queue));
	mail_finish(s, MAIL_TEMPFAIL, verdict_later);
}
