/*
 * A row per event. The lines of a message are held until the daemon has
 * answered: what it adds goes before them. Then they all go back, and smtpd
 * asks whether it may take the message ("commit").
 */
#include "filter/session.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "filter/envelope.h"
#include "filter/reply.h"
#include "filter/release.h"
#include "filter/request.h"
#include "filter/smtpd_line.h"

enum state {
	STATE_ENVELOPE, /* no line of a message yet */
	STATE_LINES,
	STATE_ASKED,
	STATE_WRITES,
	STATE_WRITTEN, /* smtpd will ask whether it may take it */
};

struct session {
	const struct session_options *options;
	uint64_t id, token;
	enum state state;
	struct envelope envelope;
	struct message *message;
	struct release *release; /* NULL in STATE_WRITES: the end alone */
	struct reply reply;      /* to "commit" */
	const char *trouble;
};

/* Without that reply it is put off: nothing is lost. */
static void
fail(struct session *s, const char *trouble)
{
	s->trouble = trouble;
	reply_put_off(&s->reply, trouble);
}

static void
forget_message(struct session *s)
{
	release_free(s->release);
	message_free(s->message);
	s->release = NULL;
	s->message = NULL;
	s->state = STATE_ENVELOPE;
	s->trouble = "";
}

struct session *
session_new(const struct session_options *options, uint64_t id)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->options = options;
	s->id = id;
	s->trouble = "";
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	forget_message(s);
	envelope_free(&s->envelope);
	free(s);
}

const char *
session_trouble(const struct session *s)
{
	return s->trouble;
}

const char *
session_queue_id(const struct session *s)
{
	return s->envelope.queue_id;
}

/* ---- events ---- */

static void
on_over(struct session *s, const struct smtpd_event *e, struct buffer *out)
{
	(void)e;
	(void)out;
	forget_message(s);
}

/* The lines are complete: to the daemon, or back at once. */
static void
end_lines(struct session *s)
{
	enum message_trouble trouble = MESSAGE_NO_MEMORY;

	if (s->message != NULL) {
		message_end(s->message);
		trouble = message_trouble(s->message);
	}
	s->state = STATE_WRITES;
	if (trouble != MESSAGE_FITS)
		fail(s, message_trouble_names[trouble]);
	else if (s->envelope.failed)
		fail(s, "too many addresses in one transaction");
	else
		s->state = STATE_ASKED;
}

/* A line after the message's end is nothing that smtpd does. */
static void
on_line(struct session *s, const struct smtpd_event *e, struct buffer *out)
{
	(void)out;
	s->token = e->token;
	if (s->state == STATE_ENVELOPE) {
		s->message = message_new(&s->options->limits);
		s->state = STATE_LINES;
		s->trouble = ""; /* a commit asked too early left it */
	}
	if (s->state != STATE_LINES)
		return;
	if (smtpd_text_is(e->rest, "."))
		end_lines(s);
	else if (s->message != NULL && (e->cut || e->rest.n > MESSAGE_LINE_MAX))
		message_fail(s->message, MESSAGE_LINE_TOO_LONG);
	else if (s->message != NULL)
		message_line(s->message, e->rest.p, e->rest.n);
}

static const char too_early[] = "asked too early";

static void
on_commit(struct session *s, const struct smtpd_event *e, struct buffer *out)
{
	const bool early = s->state != STATE_WRITTEN;

	if (early)
		fail(s, too_early);
	reply_put(&s->reply, e->session, e->token, out);
	forget_message(s);
	if (early)
		s->trouble = too_early;
}

/* What is noted of it, then what is done; NULL: nothing. */
static const struct rule {
	enum smtpd_kind kind;
	const char *name;
	void (*note)(struct envelope *, const struct smtpd_event *);
	void (*run)(
	    struct session *, const struct smtpd_event *, struct buffer *out);
} rules[] = {
	{ SMTPD_REPORT, "link-connect", envelope_link_connect, NULL },
	{ SMTPD_REPORT, "link-auth", envelope_link_auth, NULL },
	{ SMTPD_REPORT, "link-disconnect", NULL, on_over },
	{ SMTPD_REPORT, "tx-reset", NULL, on_over },
	{ SMTPD_REPORT, "tx-begin", envelope_tx_begin, on_over },
	{ SMTPD_REPORT, "tx-mail", envelope_tx_mail, NULL },
	{ SMTPD_REPORT, "tx-rcpt", envelope_tx_rcpt, NULL },
	{ SMTPD_REPORT, "tx-commit", NULL, on_over },
	{ SMTPD_REPORT, "tx-rollback", NULL, on_over },
	{ SMTPD_FILTER, "data-line", NULL, on_line },
	{ SMTPD_FILTER, "commit", NULL, on_commit },
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

int
session_register(struct buffer *out)
{
	char line[128];

	for (size_t i = 0; i < RULES; i++) {
		int n = snprintf(line, sizeof(line), "register|%s|smtp-in|%s\n",
		    smtpd_kind_names[rules[i].kind], rules[i].name);

		if (buffer_append(out, line, (size_t)n) == -1)
			return -1;
	}
	return buffer_append(out, "register|ready\n", 15);
}

static enum session_want
want(const struct session *s)
{
	static const enum session_want wants[] = {
		[STATE_ENVELOPE] = SESSION_WANTS_EVENT,
		[STATE_LINES] = SESSION_WANTS_EVENT,
		[STATE_ASKED] = SESSION_WANTS_ANSWER,
		[STATE_WRITES] = SESSION_WANTS_ROOM,
		[STATE_WRITTEN] = SESSION_WANTS_EVENT,
	};

	return wants[s->state];
}

enum session_want
session_event(
    struct session *s, const struct smtpd_event *e, struct buffer *out)
{
	for (size_t i = 0; i < RULES; i++) {
		if (rules[i].kind != e->kind ||
		    !smtpd_text_is(e->name, rules[i].name))
			continue;
		if (rules[i].note != NULL)
			rules[i].note(&s->envelope, e);
		if (rules[i].run != NULL)
			rules[i].run(s, e, out);
	}
	return want(s);
}

void
session_refuse(const struct smtpd_event *e, struct buffer *out)
{
	struct reply reply;

	if (e->kind != SMTPD_FILTER)
		return;
	if (!smtpd_text_is(e->name, "data-line")) {
		reply_put_off(&reply, "out of memory");
		reply_put(&reply, e->session, e->token, out);
	} else if (smtpd_text_is(e->rest, ".")) {
		release_nothing(e->session, e->token, out);
	}
}

/* ---- the daemon ---- */

int
session_request(const struct session *s, struct buffer *request)
{
	static const char *const requests[SESSION_ROLE__COUNT] = {
		[SESSION_SIGNS] = "sign",
		[SESSION_VERIFIES] = "verify",
	};
	const char *what = requests[s->options->role];

	if (request_put(request, "request", what, strlen(what)) == -1 ||
	    envelope_request(&s->envelope, request) == -1)
		return -1;
	return request_put_message(request, s->message);
}

/* What was looked at has no results of ours but what was found now. */
static const char *
forged(const struct session *s)
{
	return s->options->role == SESSION_VERIFIES && s->reply.fields != NULL
	    ? s->options->authserv_id
	    : NULL;
}

enum session_want
session_answer(struct session *s, const struct answer *answer)
{
	struct release_plan plan = { s->id, s->token, s->message, NULL, NULL };

	s->state = STATE_WRITES;
	reply_from(&s->reply, answer);
	if (!s->reply.takes)
		return SESSION_WANTS_ROOM;
	plan.forged = forged(s);
	plan.fields = s->reply.fields;
	s->release = release_new(&plan);
	if (s->release == NULL) {
		free(s->reply.fields);
		fail(s, message_trouble_names[MESSAGE_NO_MEMORY]);
	}
	return SESSION_WANTS_ROOM;
}

static void
released(struct session *s, enum release_state state)
{
	if (state == RELEASE_BROKEN)
		fail(s, message_trouble_names[MESSAGE_NO_SPOOL]);
	s->state = STATE_WRITTEN;
	release_free(s->release);
	message_free(s->message);
	s->release = NULL;
	s->message = NULL;
}

enum session_want
session_write(struct session *s, struct buffer *out, size_t most)
{
	enum release_state state = RELEASE_DONE;

	if (s->state != STATE_WRITES)
		return want(s);
	if (s->release != NULL)
		state = release_some(s->release, out, most);
	else if (release_nothing(s->id, s->token, out) == -1)
		state = RELEASE_MORE;
	if (state != RELEASE_MORE)
		released(s, state);
	return want(s);
}
