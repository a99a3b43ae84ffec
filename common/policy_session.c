/*
 * One connection of the line protocol: lines in, messages handed to the
 * daemon, its answer as actions out.
 */
#include "policy_session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "policy_attribute.h"

/* The first member of the session. */
static struct policy_session *
session(struct mail *m)
{
	return (struct policy_session *)m;
}

static struct mail *
policy_open(const struct mail_handler *handler, struct buffer *out)
{
	struct policy_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->mail.protocol = &policy_protocol;
	s->mail.handler = handler;
	s->mail.out = out;
	return &s->mail;
}

static void
policy_free(struct mail *m)
{
	struct policy_session *s = session(m);

	buffer_free(&s->path);
	buffer_free(&s->answer);
	buffer_free(&s->hold);
	free(s);
}

/* ---- requests ---- */

static int
put_defer(struct policy_session *s, const char *why)
{
	struct buffer *out = s->mail.out;

	return policy_put(out, "action=DEFER 4.3.0 ") == -1 ||
		policy_put(out, why) == -1 || policy_put(out, "\n\n") == -1
	    ? -1
	    : 0;
}

static enum mail_next
refuse(struct policy_session *s, const char *why, const char **why_r)
{
	*why_r = why;
	if (put_defer(s, why) == -1)
		s->mail.broken = true;
	mail_forget(&s->mail);
	return MAIL_NEXT_CLOSE;
}

/* A request that is well formed as lines, but not one for us, ends no
   connection: the next may be. */
static enum mail_next
take_end(struct policy_session *s)
{
	const char *why = s->refused;

	if (why == NULL && !s->ours)
		why = "the request is not for this daemon";
	if (why != NULL) {
		if (put_defer(s, why) == -1)
			s->mail.broken = true;
		mail_forget(&s->mail);
		return MAIL_NEXT_AGAIN;
	}
	if (policy_keep_recipient(s) == -1)
		s->mail.broken = true;
	else
		mail_tell_end(&s->mail);
	return MAIL_NEXT_AGAIN;
}

/* The line stands NUL-terminated, without its end. */
static enum mail_next
take_line(struct policy_session *s, char *line, size_t len, const char **why_r)
{
	if (len > POLICY_LINE_MAX)
		return refuse(s, "a line is longer than 64 KiB", why_r);
	if (memchr(line, '\0', len) != NULL)
		return refuse(s, "a line has a NUL", why_r);
	if (!s->mail.begun)
		mail_begin(&s->mail);
	if (len == 0)
		return take_end(s);
	if (s->refused == NULL && policy_attribute(s, line, len) == -1)
		s->mail.broken = true;
	return MAIL_NEXT_AGAIN;
}

static enum mail_next
policy_input(struct mail *m, struct buffer *in, const char **why_r)
{
	struct policy_session *s = session(m);
	char *line = (char *)in->data, *end;
	enum mail_next next;
	size_t used;

	if (m->waiting || in->len == 0)
		return MAIL_NEXT_READ;
	end = memchr(line, '\n', MIN(in->len, POLICY_LINE_MAX + 2));
	if (end == NULL && in->len < POLICY_LINE_MAX + 2)
		return MAIL_NEXT_READ;
	if (end == NULL)
		return refuse(s, "a line is longer than 64 KiB", why_r);
	used = (size_t)(end - line) + 1;
	if (s->octets > POLICY_REQUEST_MAX - used)
		return refuse(s, "a request is larger than 1 MiB", why_r);
	s->octets += used;
	if (end > line && end[-1] == '\r')
		end--;
	*end = '\0';
	next = take_line(s, line, (size_t)(end - line), why_r);
	buffer_consume(in, used);
	return next;
}

/* ---- what the daemon says ---- */

/* The value goes on one line: folding loses its line ends. */
static int
policy_insert(
    struct mail *m, uint32_t index, const char *name, const char *value)
{
	struct buffer *b = &session(m)->answer;

	(void)index;
	if (policy_put(b, "action=PREPEND ") == -1 ||
	    policy_put(b, name) == -1 || policy_put(b, ": ") == -1)
		return -1;
	while (*value != '\0') {
		size_t n = strcspn(value, "\r\n");

		if (buffer_append(b, value, n) == -1)
			return -1;
		value += n;
		value += strspn(value, "\r\n");
	}
	return policy_put(b, "\n");
}

static int
policy_remove(struct mail *m, const char *name, unsigned nth)
{
	(void)m;
	(void)name;
	(void)nth;
	return 0;
}

static int
policy_quarantine(struct mail *m, const char *reason)
{
	struct buffer *b = &session(m)->hold;

	return policy_put(b, "action=HOLD ") == -1 ||
		policy_put(b, reason) == -1 || policy_put(b, "\n") == -1
	    ? -1
	    : 0;
}

static int
put_action(struct buffer *out, const char *word, const char *text)
{
	if (policy_put(out, "action=") == -1 || policy_put(out, word) == -1)
		return -1;
	if (text != NULL &&
	    (policy_put(out, " ") == -1 || policy_put(out, text) == -1))
		return -1;
	return policy_put(out, "\n\n");
}

static int
append(struct buffer *out, const struct buffer *lines)
{
	return buffer_append(out, lines->data, lines->len);
}

static int
policy_verdict(struct mail *m, enum mail_verdict verdict, const char *text)
{
	static const char *const words[MAIL_VERDICT__COUNT] = {
		[MAIL_ACCEPT] = "DUNNO",
		[MAIL_DISCARD] = "DISCARD",
		[MAIL_TEMPFAIL] = "DEFER",
		[MAIL_REJECT] = "REJECT",
	};
	struct policy_session *s = session(m);

	/* What is held bears its result, too: it may be let go one day. */
	if (verdict == MAIL_ACCEPT && s->answer.len + s->hold.len > 0)
		return append(m->out, &s->answer) == -1 ||
			append(m->out, &s->hold) == -1 ||
			policy_put(m->out, "\n") == -1
		    ? -1
		    : 0;
	/* The action stands for the reply's three digits. */
	return put_action(m->out, words[verdict],
	    text != NULL && strlen(text) > 4 ? text + 4 : NULL);
}

static void
policy_over(struct mail *m)
{
	struct policy_session *s = session(m);

	s->octets = 0;
	s->ours = false;
	s->refused = NULL;
	buffer_clear(&s->path);
	buffer_clear(&s->answer);
	buffer_clear(&s->hold);
}

const struct mail_protocol policy_protocol = {
	.name = "policy",
	.half_close = true,
	.open = policy_open,
	.free = policy_free,
	.input = policy_input,
	.insert = policy_insert,
	.remove = policy_remove,
	.quarantine = policy_quarantine,
	.verdict = policy_verdict,
	.over = policy_over,
};
