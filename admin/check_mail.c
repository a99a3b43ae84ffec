/*
 * Knows what a message does to a handler, and nothing of what the handler is.
 */
#include "admin/check_mail.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first member. */
static struct check_mail *
of(struct mail *m)
{
	return (struct check_mail *)m;
}

/* ---- what the handler says ---- */

static int
put(char **where, const char *text)
{
	free(*where);
	*where = text != NULL ? strdup(text) : NULL;
	return text == NULL || *where != NULL ? 0 : -1;
}

static int
insert(struct mail *m, uint32_t index, const char *name, const char *value)
{
	struct check_mail *c = of(m);

	(void)index;
	return put(&c->field_name, name) == 0 && put(&c->field, value) == 0
	    ? 0
	    : -1;
}

static int
remove_field(struct mail *m, const char *name, unsigned nth)
{
	struct check_mail *c = of(m);
	char *more;
	int n;

	if (c->removed == NULL)
		n = asprintf(&more, "%s %u", name, nth);
	else
		n = asprintf(&more, "%s,%u", c->removed, nth);
	if (n == -1)
		return -1;
	free(c->removed);
	c->removed = more;
	return 0;
}

static int
quarantine(struct mail *m, const char *reason)
{
	(void)reason;
	of(m)->held = true;
	return 0;
}

static int
verdict(struct mail *m, enum mail_verdict what, const char *text)
{
	struct check_mail *c = of(m);

	c->verdict = what;
	c->answered = put(&c->reply, text) == 0;
	c->told(c->arg);
	return c->answered ? 0 : -1;
}

static void
over(struct mail *m)
{
	(void)m;
}

static const struct mail_protocol protocol = {
	.name = "file",
	.insert = insert,
	.remove = remove_field,
	.quarantine = quarantine,
	.verdict = verdict,
	.over = over,
};

/* ---- the message ---- */

static int
keep_envelope(struct mail_kept *k, const struct check_envelope *e, size_t most)
{
	if (mail_kept_fact(k, MAIL_QUEUE_ID, "-") != 0)
		return -1;
	if (e->client != NULL &&
	    mail_kept_fact(k, MAIL_CLIENT_ADDR, e->client) != 0)
		return -1;
	if (e->login != NULL && mail_kept_fact(k, MAIL_LOGIN, e->login) != 0)
		return -1;
	for (size_t i = 0; i < e->n_recipients; i++)
		if (mail_kept_recipient(k, (const uint8_t *)e->recipients[i],
			strlen(e->recipients[i]), most) != 0)
			return -1;
	return 0;
}

int
check_mail_keep(struct mail_kept *k, const char *const *names,
    const struct saved_mail *saved, const struct check_envelope *envelope,
    size_t max_recipients)
{
	mail_kept_begin(k, names);
	if (keep_envelope(k, envelope, max_recipients) != 0)
		return -1;
	for (size_t i = 0; i < saved->n_fields; i++) {
		const struct saved_field *f = &saved->fields[i];

		if (mail_kept_field(
			k, f->name, f->name_len, f->value, f->len) != 0)
			return -1;
	}
	return 0;
}

int
check_mail_bring(struct check_mail *c, const struct mail_handler *handler,
    const struct saved_mail *saved, const struct check_envelope *envelope)
{
	struct mail *m = &c->mail;

	m->protocol = &protocol;
	m->handler = handler;
	m->has_body = handler->wants_body;
	mail_begin(m);
	if (check_mail_keep(&m->kept, handler->fields, saved, envelope,
		handler->max_recipients) != 0)
		return -1;
	mail_tell_headers(m);
	if (m->has_body && saved->body_len > 0)
		handler->body(m, (const uint8_t *)saved->body, saved->body_len);
	mail_tell_end(m);
	return 0;
}

void
check_mail_free(struct check_mail *c)
{
	if (c->mail.protocol != NULL)
		mail_forget(&c->mail);
	mail_kept_free(&c->mail.kept);
	free(c->reply);
	free(c->field_name);
	free(c->field);
	free(c->removed);
	memset(c, 0, sizeof(*c));
}
