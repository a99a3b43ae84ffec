/*
 * Decisions and outcomes to answers to the MTA and log lines.
 */
#include "signerd/reply_out.h"

#include <string.h>

#include "common/log.h"
#include "common/message_id.h"
#include "signerd/counters.h"

enum { QUEUE_ID_MAX = 128 };

/* Fixed: nothing of the message or of our servers is told to a client. */
static const char later[] = "451 4.7.1 Message cannot be signed now, try later";

static const char *
queue_id(const struct mail *s, char buf[QUEUE_ID_MAX])
{
	const char *id = mail_message(s)->queue_id;

	return log_quote(buf, QUEUE_ID_MAX, id, strlen(id));
}

/* The author, or "-" where none was understood. */
static const char *
log_author(char buf[LOG_ADDRESS_MAX], const struct reply *r)
{
	char text[ADDRESS_MAX];

	if (r->decision->author.local[0] == '\0')
		return "-";
	return log_address(buf, address_text(&r->decision->author, text));
}

/* The first recipient; there may be a thousand. */
static const char *
log_recipient(char buf[LOG_ADDRESS_MAX], const struct reply *r)
{
	const struct mail_message *m = mail_message(r->mail);
	char text[ADDRESS_MAX];
	struct address to;

	if (m->n_recipients == 0 ||
	    address_from_path(&to, m->recipients[0]) != ADDRESS_OK)
		return "-";
	return log_address(buf, address_text(&to, text));
}

static void
log_reply(const struct reply *r, const char *action, const char *reason)
{
	char queue[QUEUE_ID_MAX], from[LOG_ADDRESS_MAX], to[LOG_ADDRESS_MAX];

	log_info("queue=%s action=%s reason=%s from=%s to=%s recipients=%zu"
		 " ms=%.0f",
	    queue_id(r->mail, queue), action, reason, log_author(from, r),
	    log_recipient(to, r), mail_message(r->mail)->n_recipients,
	    r->seconds * 1000);
}

/* One line per message; a message of several IDs names the first. */
static void
log_signed(const struct reply *r)
{
	const struct plan_group *g = &r->plan->groups[0];
	char queue[QUEUE_ID_MAX], from[LOG_ADDRESS_MAX], to[LOG_ADDRESS_MAX];

	log_info("queue=%s action=signed id=%s ids=%zu as=%s from=%s to=%s"
		 " recipients=%zu domain=%s ms=%.0f",
	    queue_id(r->mail, queue), g->id.label, r->plan->n_groups,
	    sign_reason_names[r->decision->reason], log_author(from, r),
	    log_recipient(to, r), mail_message(r->mail)->n_recipients,
	    g->domain->name, r->seconds * 1000);
}

/* It stays with the MTA, or goes as it is: on-error. */
static void
not_signed(const struct reply *r, const char *reason)
{
	if (r->options->on_error == ON_ERROR_UNSIGNED) {
		metric_add(&counters, COUNT_UNSIGNED, 1);
		log_reply(r, "unsigned", reason);
		mail_finish(r->mail, MAIL_ACCEPT, NULL);
		return;
	}
	metric_add(&counters, COUNT_TEMPFAILED, 1);
	log_reply(r, "tempfail", reason);
	mail_finish(r->mail, MAIL_TEMPFAIL, later);
}

void
reply_decided(const struct reply *r)
{
	const char *reason = sign_reason_names[r->decision->reason];

	if (r->decision->action == SIGN_TEMPFAIL) {
		not_signed(r, reason);
		return;
	}
	metric_add(&counters, COUNT_SKIPPED, 1);
	log_reply(r, "skipped", reason);
	mail_finish(r->mail, MAIL_ACCEPT, NULL);
}

/* -1: out of memory. */
static int
insert_fields(const struct reply *r)
{
	for (size_t i = r->plan->n_groups; i-- > 0;)
		if (mail_insert(r->mail, 0, MESSAGE_ID_FIELD,
			r->plan->groups[i].name) != 0)
			return -1;
	return 0;
}

void
reply_published(const struct reply *r, enum publish_outcome outcome)
{
	if (outcome != PUBLISH_DONE) {
		not_signed(r, publish_outcome_names[outcome]);
		return;
	}
	metric_observe(&counters, COUNT_PUBLISH_LATENCY, r->seconds);
	if (insert_fields(r) != 0) {
		reply_no_memory(r->mail);
		return;
	}
	for (size_t i = 0; i < r->plan->n_groups; i++)
		metric_add(
		    &counters, COUNT_RECORDS, (int64_t)r->plan->groups[i].n);
	metric_add(&counters,
	    r->decision->reason == SIGN_AUTHOR ? COUNT_SIGNED_AUTHOR
					       : COUNT_SIGNED_FORWARDER,
	    1);
	log_signed(r);
	mail_finish(r->mail, MAIL_ACCEPT, NULL);
}

void
reply_no_memory(struct mail *s)
{
	char queue[QUEUE_ID_MAX];

	metric_add(&counters, COUNT_TEMPFAILED, 1);
	log_warnx(
	    "queue=%s action=tempfail reason=no-memory", queue_id(s, queue));
	mail_finish(s, MAIL_TEMPFAIL, later);
}
