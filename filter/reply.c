/*
 * From the daemon's words to smtpd's. OpenSMTPD can neither hold a message
 * nor take it and drop it: held is marked as junk, which its own delivery to
 * a maildir can put aside; dropped is refused.
 */
#include "filter/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "filter/answer.h"

static const char no_answer[] =
    "4.7.1 the DNS Mail service does not answer, try again later";

static const struct {
	const char *code;  /* NULL: the message is taken */
	const char *text;  /* when the daemon gave none */
	const char *field; /* one more to put on top, or NULL */
} rules[ANSWER__COUNT] = {
	[ANSWER_DUNNO] = { NULL, NULL, NULL },
	[ANSWER_PREPEND] = { NULL, NULL, NULL },
	[ANSWER_HOLD] = { NULL, NULL, "X-Spam: yes\n" },
	[ANSWER_DISCARD] = { "550", "5.7.1 message refused", NULL },
	[ANSWER_DEFER] = { "451", "4.7.1 try again later", NULL },
	[ANSWER_REJECT] = { "550", "5.7.1 message refused", NULL },
};

static void
refuse(struct reply *r, const char *code, const char *text)
{
	r->takes = false;
	r->fields = NULL;
	snprintf(r->text, sizeof(r->text), "reject|%s %s", code, text);
	/* One line of ASCII for the client. */
	for (char *p = r->text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

void
reply_put_off(struct reply *r, const char *why)
{
	char text[REPLY_MAX];

	snprintf(text, sizeof(text), "4.3.0 DNS Mail: %s", why);
	refuse(r, "451", text);
}

/* All fields as one text, each above the ones before; NULL: out of memory. */
static char *
join_fields(const struct answer *a, const char *more)
{
	size_t n = strlen(more) + 1;
	char *fields, *p;

	for (size_t i = 0; i < a->n_fields; i++)
		n += strlen(a->fields[i]) + 1;
	p = fields = malloc(n);
	if (fields == NULL)
		return NULL;
	for (size_t i = a->n_fields; i-- > 0;) {
		p = stpcpy(p, a->fields[i]);
		*p++ = '\n';
	}
	strcpy(p, more);
	return fields;
}

static void
take(struct reply *r, const struct answer *a)
{
	const char *more = rules[a->action].field;

	*r = (struct reply){ .takes = true, .text = "proceed" };
	if (a->n_fields == 0 && more == NULL)
		return;
	r->fields = join_fields(a, more != NULL ? more : "");
	if (r->fields == NULL)
		reply_put_off(r, "out of memory");
}

void
reply_from(struct reply *r, const struct answer *a)
{
	if (a == NULL)
		refuse(r, "451", no_answer);
	else if (rules[a->action].code == NULL)
		take(r, a);
	else
		refuse(r, rules[a->action].code,
		    a->text[0] != '\0' && a->action != ANSWER_DISCARD
			? a->text
			: rules[a->action].text);
}

void
reply_put(
    const struct reply *r, uint64_t session, uint64_t token, struct buffer *out)
{
	char line[REPLY_MAX + 64];
	int n = snprintf(line, sizeof(line),
	    "filter-result|%016" PRIx64 "|%016" PRIx64 "|%s\n", session, token,
	    r->text);

	buffer_append(out, line, (size_t)n);
}
