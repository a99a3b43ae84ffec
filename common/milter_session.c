/*
 * One milter connection. milter_step has the table; here a packet is held
 * against it, answered, and the daemon's verdict is put into words.
 */
#include "milter_session.h"

#include <stdlib.h>

#include "milter_step.h"
#include "milter_store.h"

/* The first member of the session. */
static struct milter_session *
session(struct mail *m)
{
	return (struct milter_session *)m;
}

static struct mail *
milter_open(const struct mail_handler *handler, struct buffer *out)
{
	struct milter_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->mail.protocol = &milter_protocol;
	s->mail.handler = handler;
	s->mail.out = out;
	return &s->mail;
}

static void
milter_free(struct mail *m)
{
	struct milter_session *s = session(m);

	milter_step_drop_connection(s);
	buffer_free(&s->changes);
	free(s);
}

/* ---- packets in ---- */

/*
 * What the MTA waits for after a step. A body that nobody wants is sent when
 * the MTA could not be asked to leave it out: SKIP spares the rest of it.
 */
static void
reply_step(struct milter_session *s, const struct milter_step *step)
{
	uint8_t reply = MILTER_REPLY_CONTINUE;

	if (step->spare == 0 || (s->steps & step->spare))
		return;
	if (step->spare == MILTER_P_NR_BODY && (s->steps & MILTER_P_SKIP))
		reply = MILTER_REPLY_SKIP;
	if (milter_put(s->mail.out, reply, NULL, 0) == -1)
		s->mail.broken = true;
}

static const char *
take_packet(struct milter_session *s, const struct milter_packet *packet)
{
	const struct milter_step *step = milter_step_find(packet->command);
	const char *why;

	if (step == NULL)
		return "an unknown command";
	if (!(step->from & 1u << s->state))
		return "a command out of order";
	if (step->next != MILTER_STATE_SAME)
		s->state = step->next;
	if ((why = step->run(s, packet)) != NULL)
		return why;
	reply_step(s, step);
	return s->mail.broken ? "out of memory" : NULL;
}

static enum mail_next
milter_input(struct mail *m, struct buffer *in, const char **why_r)
{
	struct milter_session *s = session(m);
	struct milter_packet packet;
	size_t used;
	int got = milter_packet_get(&packet, in->data, in->len, &used);

	if (got == 0)
		return MAIL_NEXT_READ;
	*why_r = got == -1 ? "a packet of length 0 or over the limit"
			   : take_packet(s, &packet);
	if (*why_r != NULL)
		return MAIL_NEXT_BROKEN;
	buffer_consume(in, used);
	return s->state == MILTER_STATE_CLOSED ? MAIL_NEXT_CLOSE
					       : MAIL_NEXT_AGAIN;
}

/* ---- what the daemon says ---- */

static int
milter_progress(struct buffer *out)
{
	return milter_put(out, MILTER_REPLY_PROGRESS, NULL, 0);
}

static int
milter_insert(
    struct mail *m, uint32_t index, const char *name, const char *value)
{
	return milter_put_insert(&session(m)->changes, index, name, value);
}

/* A change to the empty value removes the field. */
static int
milter_remove(struct mail *m, const char *name, unsigned nth)
{
	return milter_put_change(&session(m)->changes, nth, name, "");
}

static int
milter_quarantine(struct mail *m, const char *reason)
{
	return milter_put_text(
	    &session(m)->changes, MILTER_REPLY_QUARANTINE, reason);
}

static int
milter_verdict(struct mail *m, enum mail_verdict verdict, const char *text)
{
	static const uint8_t codes[MAIL_VERDICT__COUNT] = {
		[MAIL_ACCEPT] = MILTER_REPLY_ACCEPT,
		[MAIL_DISCARD] = MILTER_REPLY_DISCARD,
		[MAIL_TEMPFAIL] = MILTER_REPLY_TEMPFAIL,
		[MAIL_REJECT] = MILTER_REPLY_REJECT,
	};
	struct milter_session *s = session(m);

	s->state = MILTER_STATE_READY;
	if (verdict == MAIL_ACCEPT &&
	    buffer_append(m->out, s->changes.data, s->changes.len) == -1)
		return -1;
	if (text != NULL)
		return milter_put_text(m->out, MILTER_REPLY_CODE, text);
	return milter_put(m->out, codes[verdict], NULL, 0);
}

static void
milter_over(struct mail *m)
{
	buffer_clear(&session(m)->changes);
}

const struct mail_protocol milter_protocol = {
	.name = "milter",
	.open = milter_open,
	.free = milter_free,
	.input = milter_input,
	.store = milter_store,
	.resume = milter_resume,
	.progress = milter_progress,
	.insert = milter_insert,
	.remove = milter_remove,
	.quarantine = milter_quarantine,
	.verdict = milter_verdict,
	.over = milter_over,
};
