/*
 * The form of OpenSMTPD's lines. Knows nothing of what they bring about.
 */
#include "filter/smtpd_line.h"

#include <string.h>

enum { HEX_DIGITS_MAX = 16, MINOR_FOREIGN = 1000 };

const char *const smtpd_kind_names[SMTPD_KIND__COUNT] = {
	[SMTPD_CONFIG] = "config",
	[SMTPD_REPORT] = "report",
	[SMTPD_FILTER] = "filter",
};

bool
smtpd_text_is(struct smtpd_text t, const char *word)
{
	return strlen(word) == t.n && memcmp(t.p, word, t.n) == 0;
}

struct smtpd_text
smtpd_text_first(struct smtpd_text *t)
{
	struct smtpd_text word = *t;
	const char *bar = t->n > 0 ? memchr(t->p, '|', t->n) : NULL;

	if (bar != NULL) {
		word.n = (size_t)(bar - t->p);
		t->p = bar + 1;
		t->n -= word.n + 1;
	} else {
		t->p += t->n;
		t->n = 0;
	}
	return word;
}

struct smtpd_text
smtpd_text_last(struct smtpd_text *t)
{
	struct smtpd_text word = *t;
	const char *bar = t->n > 0 ? memrchr(t->p, '|', t->n) : NULL;

	if (bar != NULL) {
		word.p = bar + 1;
		word.n = (size_t)(t->p + t->n - word.p);
		t->n = (size_t)(bar - t->p);
	} else {
		t->n = 0;
	}
	return word;
}

static int
parse_hex(uint64_t *number_r, struct smtpd_text t)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;

	if (t.n == 0 || t.n > HEX_DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		char lower = (char)(t.p[i] | 0x20);
		const char *digit =
		    memchr(digits, t.p[i] >= 'A' ? lower : t.p[i], 16);

		if (digit == NULL)
			return -1;
		number = number << 4 | (uint64_t)(digit - digits);
	}
	*number_r = number;
	return 0;
}

/* "0.7"; of another major version nothing is known but that it is later. */
static int
parse_version(unsigned *minor_r, struct smtpd_text t)
{
	unsigned minor = 0;

	if (t.n < 3 || t.n > 5 || t.p[1] != '.')
		return -1;
	for (size_t i = 2; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return -1;
		minor = 10 * minor + (unsigned)(t.p[i] - '0');
	}
	*minor_r = t.p[0] == '0' ? minor : MINOR_FOREIGN;
	return 0;
}

/* VERSION|TIME|smtp-in|NAME|SESSION[|TOKEN][|REST] */
static int
parse_event(struct smtpd_event *e, struct smtpd_text t)
{
	if (parse_version(&e->minor, smtpd_text_first(&t)) != 0)
		return -1;
	smtpd_text_first(&t);
	if (!smtpd_text_is(smtpd_text_first(&t), "smtp-in"))
		return -1;
	e->name = smtpd_text_first(&t);
	if (parse_hex(&e->session, smtpd_text_first(&t)) != 0)
		return -1;
	if (e->kind == SMTPD_FILTER &&
	    parse_hex(&e->token, smtpd_text_first(&t)) != 0)
		return -1;
	e->rest = t;
	return 0;
}

int
smtpd_line_parse(struct smtpd_event *e, const char *line, size_t n)
{
	struct smtpd_text t = { line, n };
	struct smtpd_text kind = smtpd_text_first(&t);

	*e = (struct smtpd_event){ .kind = SMTPD_CONFIG };
	while (e->kind < SMTPD_KIND__COUNT &&
	    !smtpd_text_is(kind, smtpd_kind_names[e->kind]))
		e->kind++;
	if (e->kind == SMTPD_KIND__COUNT)
		return -1;
	if (e->kind != SMTPD_CONFIG)
		return parse_event(e, t);
	e->name = smtpd_text_first(&t);
	e->rest = t;
	return 0;
}
