/*
 * The life of one message between its protocol and its daemon.
 */
#include "mail.h"

#include <assert.h>
#include <strings.h>

#include "mail_protocol.h"

/* ---- for connections ---- */

enum mail_next
mail_input(struct mail *m, struct buffer *in, double now, const char **why_r)
{
	enum mail_next next;

	m->now = now;
	m->inside = true;
	next = m->protocol->input(m, in, why_r);
	m->inside = false;
	if (next != MAIL_NEXT_BROKEN && m->broken) {
		*why_r = "out of memory";
		return MAIL_NEXT_BROKEN;
	}
	return next;
}

int
mail_store(const struct mail *m, struct buffer *state)
{
	return m->protocol->store != NULL ? m->protocol->store(m, state) : -1;
}

int
mail_resume(struct mail *m, double now, const uint8_t *state, size_t n)
{
	m->now = now;
	return m->protocol->resume != NULL ? m->protocol->resume(m, state, n)
					   : -1;
}

void
mail_free(struct mail *m)
{
	if (m == NULL)
		return;
	mail_forget(m);
	mail_kept_free(&m->kept);
	m->protocol->free(m);
}

void
mail_on_finish(struct mail *m, void (*on_finish)(void *), void *arg)
{
	m->on_finish = on_finish;
	m->on_finish_arg = arg;
}

bool
mail_busy(const struct mail *m)
{
	return m->begun;
}

/* ---- for protocols ---- */

void
mail_begin(struct mail *m)
{
	m->begun = true;
	m->began = m->now;
	mail_kept_begin(&m->kept, m->handler->fields);
}

void
mail_tell_headers(struct mail *m)
{
	if (m->told)
		return;
	m->told = true;
	m->handler->headers(m);
}

void
mail_tell_end(struct mail *m)
{
	mail_tell_headers(m);
	m->waiting = true;
	m->handler->eom(m);
}

void
mail_forget(struct mail *m)
{
	bool told = m->told;

	m->begun = m->told = m->waiting = false;
	m->protocol->over(m);
	if (told)
		m->handler->forget(m);
	m->data = NULL;
}

/* ---- for daemons ---- */

const struct mail_message *
mail_message(const struct mail *m)
{
	return &m->kept.message;
}

void *
mail_arg(const struct mail *m)
{
	return m->handler->arg;
}

void
mail_set_data(struct mail *m, void *data)
{
	m->data = data;
}

void *
mail_data(const struct mail *m)
{
	return m->data;
}

double
mail_began(const struct mail *m)
{
	return m->began;
}

bool
mail_has_body(const struct mail *m)
{
	return m->has_body;
}

const struct mail_field *
mail_find(const struct mail_message *m, const char *name, size_t *i)
{
	for (; *i < m->n_fields; ++*i)
		if (strcasecmp(m->fields[*i].name, name) == 0)
			return &m->fields[*i];
	return NULL;
}

void
mail_first_fields(const struct mail_message *m, const char *const *names,
    size_t n, const char **values, size_t *lengths)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;
		const struct mail_field *f = mail_find(m, names[k], &i);

		values[k] = f != NULL ? f->value : NULL;
		lengths[k] = f != NULL ? f->len : 0;
	}
}

int
mail_insert(struct mail *m, uint32_t index, const char *name, const char *value)
{
	assert(m->waiting);
	return m->protocol->insert(m, index, name, value);
}

int
mail_remove(struct mail *m, const char *name, unsigned nth)
{
	assert(m->waiting);
	return m->protocol->remove(m, name, nth);
}

int
mail_quarantine(struct mail *m, const char *reason)
{
	assert(m->waiting);
	return m->protocol->quarantine(m, reason);
}

void
mail_finish(struct mail *m, enum mail_verdict verdict, const char *text)
{
	assert(m->waiting);
	assert(
	    text == NULL || verdict == MAIL_TEMPFAIL || verdict == MAIL_REJECT);
	if (m->protocol->verdict(m, verdict, text) == -1)
		m->broken = true;
	mail_forget(m);
	if (!m->inside && m->on_finish != NULL)
		m->on_finish(m->on_finish_arg);
}
