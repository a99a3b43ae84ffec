/*
 * Owns the form of ID names and of the DNS-Mail-ID field. Knows nothing of
 * records or of who may use which domain.
 */
#include "message_id.h"

#include <assert.h>
#include <string.h>

#include "domain.h"
#include "rfc5322.h"

/* RFC 4648 section 6, in lower case. */
static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

void
message_id_make(struct message_id *id, const uint8_t random[MESSAGE_ID_RANDOM],
    const char *domain)
{
	uint32_t bits = 0;
	unsigned have = 0;
	char *o = id->label;

	for (size_t i = 0; i < MESSAGE_ID_RANDOM; i++) {
		bits = bits << 8 | random[i];
		for (have += 8; have >= 5; have -= 5)
			*o++ = base32[bits >> (have - 5) & 31];
	}
	/* 128 = 25 * 5 + 3 */
	*o++ = base32[bits << (5 - have) & 31];
	*o = '\0';
	assert(strlen(domain) < sizeof(id->domain));
	strcpy(id->domain, domain);
}

bool
message_id_from_name(struct message_id *id, const char *name, size_t n)
{
	const char *dot = memchr(name, '.', n);
	size_t label = dot != NULL ? (size_t)(dot - name) : 0;

	if (label == 0 || label >= MESSAGE_ID_LABEL_MAX)
		return false;
	for (size_t i = 0; i < label; i++)
		if ((id->label[i] = domain_octet(name[i])) == '\0')
			return false;
	id->label[label] = '\0';
	/* Both together are a DNS name, too: at most 253 (RFC 1035 2.3.4). */
	return domain_normal(id->domain, dot + 1, n - label - 1) &&
	    label + 1 + strlen(id->domain) < DOMAIN_MAX;
}

/*
 * Section 3: white space and comments are dropped wherever they stand; a long
 * name may have been folded. Other octets are refused by the name's own rules.
 */
bool
message_id_parse(struct message_id *id, const char *value, size_t n)
{
	struct rfc5322 c = { .p = value, .end = value + n };
	char name[4 * MESSAGE_ID_NAME_MAX];
	size_t len = 0;

	while (!rfc5322_at_end(&c)) {
		const char *start = c.p;
		size_t piece;

		if (*c.p == '.')
			c.p++;
		else
			rfc5322_atom(&c);
		piece = (size_t)(c.p - start);
		if (piece == 0 || piece > sizeof(name) - len)
			return false;
		memcpy(name + len, start, piece);
		len += piece;
	}
	return message_id_from_name(id, name, len);
}

const char *
message_id_name(const struct message_id *id, char *buf)
{
	size_t label = strlen(id->label);

	memcpy(buf, id->label, label);
	buf[label] = '.';
	strcpy(buf + label + 1, id->domain);
	return buf;
}

bool
message_id_equal(const struct message_id *a, const struct message_id *b)
{
	return strcmp(a->label, b->label) == 0 &&
	    strcmp(a->domain, b->domain) == 0;
}
