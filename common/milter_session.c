/*
 * One milter connection. milter_step has the table; here a packet is held
 * against it, answered, and the daemon's verdict is put into words.
 */
#include "milter_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "milter_step.h"

struct milter_session *
milter_session_new(const struct milter_handler *handler, struct buffer *out)
{
	struct milter_session *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->handler = handler;
		s->out = out;
	}
	return s;
}

void
milter_session_free(struct milter_session *s)
{
	if (s == NULL)
		return;
	milter_step_forget(s);
	milter_step_drop_connection(s);
	milter_kept_free(&s->kept);
	buffer_free(&s->changes);
	free(s);
}

void
milter_session_on_finish(
    struct milter_session *s, void (*on_finish)(void *), void *arg)
{
	s->on_finish = on_finish;
	s->on_finish_arg = arg;
}

bool
milter_session_busy(const struct milter_session *s)
{
	return s->begun;
}

bool
milter_session_broken(const struct milter_session *s)
{
	return s->broken;
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
	if (milter_put(s->out, reply, NULL, 0) == -1)
		s->broken = true;
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
	return s->broken ? "out of memory" : NULL;
}

enum milter_next
milter_session_input(struct milter_session *s,
    const struct milter_packet *packet, double now, const char **why_r)
{
	s->now = now;
	s->inside = true;
	*why_r = take_packet(s, packet);
	s->inside = false;
	if (*why_r != NULL)
		return MILTER_NEXT_BROKEN;
	if (s->state == MILTER_STATE_CLOSED)
		return MILTER_NEXT_CLOSE;
	return s->state == MILTER_STATE_WAIT ? MILTER_NEXT_WAIT
					     : MILTER_NEXT_READ;
}

/* ---- for the daemon ---- */

const struct milter_message *
milter_message(const struct milter_session *s)
{
	return &s->kept.message;
}

void *
milter_arg(const struct milter_session *s)
{
	return s->handler->arg;
}

void
milter_set_data(struct milter_session *s, void *data)
{
	s->data = data;
}

void *
milter_data(const struct milter_session *s)
{
	return s->data;
}

double
milter_began(const struct milter_session *s)
{
	return s->began;
}

const struct milter_field *
milter_find(const struct milter_message *m, const char *name, size_t *i)
{
	for (; *i < m->n_fields; ++*i)
		if (strcasecmp(m->fields[*i].name, name) == 0)
			return &m->fields[*i];
	return NULL;
}

void
milter_first_fields(const struct milter_message *m, const char *const *names,
    size_t n, const char **values, size_t *lengths)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;
		const struct milter_field *f = milter_find(m, names[k], &i);

		values[k] = f != NULL ? f->value : NULL;
		lengths[k] = f != NULL ? f->len : 0;
	}
}

bool
milter_has_body(const struct milter_session *s)
{
	return s->wants_body;
}

int
milter_insert(struct milter_session *s, uint32_t index, const char *name,
    const char *value)
{
	assert(s->state == MILTER_STATE_WAIT);
	return milter_put_insert(&s->changes, index, name, value);
}

/* A change to the empty value removes the field. */
int
milter_remove(struct milter_session *s, const char *name, unsigned nth)
{
	assert(s->state == MILTER_STATE_WAIT);
	return milter_put_change(&s->changes, nth, name, "");
}

int
milter_quarantine(struct milter_session *s, const char *reason)
{
	assert(s->state == MILTER_STATE_WAIT);
	return milter_put_text(&s->changes, MILTER_REPLY_QUARANTINE, reason);
}

static int
put_verdict(
    struct milter_session *s, enum milter_verdict verdict, const char *text)
{
	static const uint8_t codes[] = {
		[MILTER_ACCEPT] = MILTER_REPLY_ACCEPT,
		[MILTER_DISCARD] = MILTER_REPLY_DISCARD,
		[MILTER_TEMPFAIL] = MILTER_REPLY_TEMPFAIL,
		[MILTER_REJECT] = MILTER_REPLY_REJECT,
	};

	if (text != NULL)
		return milter_put_text(s->out, MILTER_REPLY_CODE, text);
	return milter_put(s->out, codes[verdict], NULL, 0);
}

void
milter_finish(
    struct milter_session *s, enum milter_verdict verdict, const char *text)
{
	assert(s->state == MILTER_STATE_WAIT);
	assert(text == NULL || verdict == MILTER_TEMPFAIL ||
	    verdict == MILTER_REJECT);
	if ((verdict == MILTER_ACCEPT &&
		buffer_append(s->out, s->changes.data, s->changes.len) == -1) ||
	    put_verdict(s, verdict, text) == -1)
		s->broken = true;
	s->state = MILTER_STATE_READY;
	milter_step_forget(s);
	if (!s->inside && s->on_finish != NULL)
		s->on_finish(s->on_finish_arg);
}
