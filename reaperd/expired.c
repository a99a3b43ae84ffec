/* Records over their time. Whatever is no message record does not exist here.
 */
#include "reaperd/expired.h"

#include <stdbool.h>
#include <string.h>

#include "common/record.h"

int64_t
expired_due(time_t date, double lifetime)
{
	return (int64_t)date + (int64_t)lifetime + 1;
}

/* Is each of the strings as long as it can be? */
static bool
split_as_usual(const uint8_t *lengths, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (lengths[i] != UINT8_MAX)
			return false;
	return n == 1 || lengths[n - 1] > 0;
}

/* The lengths of the strings, unless they go without saying. -1: too many. */
static int
get_lengths(struct zone_text *t, const struct dns_rr *txt)
{
	size_t n = 0;

	for (size_t at = 0; at < txt->rdlen; at += 1 + txt->rdata[at]) {
		if (n == PUBLISH_STRINGS_MAX)
			return -1;
		t->lengths[n++] = txt->rdata[at];
	}
	t->n_lengths = split_as_usual(t->lengths, n) ? 0 : n;
	return 0;
}

/* A text with a NUL in it cannot be asked of publishd. */
int
zone_text_get(struct zone_text *t, const struct dns_rr *txt)
{
	struct record record;

	if (dns_txt(txt, t->text, sizeof(t->text), &t->len) == -1 ||
	    memchr(t->text, '\0', t->len) != NULL ||
	    !record_get(&record, t->text, t->len))
		return -1;
	t->date = record.date;
	return get_lengths(t, txt);
}

/* No such name is an answer, too: nothing stands there any more. */
static int
answer_open(struct dns_reader *r, struct dns_header *h, const uint8_t *msg,
    size_t len, const struct dns_name *owner, unsigned *rcode_r)
{
	struct dns_name name;
	uint16_t type, class;

	*rcode_r = DNS_SERVFAIL;
	if (dns_reader_open(r, msg, len, h) == -1 || h->qd != 1 ||
	    (h->flags & (DNS_QR | DNS_TC)) != DNS_QR ||
	    dns_reader_question(r, &name, &type, &class) == -1 ||
	    type != DNS_TXT || class != DNS_IN || !dns_name_equal(&name, owner))
		return -1;
	*rcode_r = h->flags & 0xf;
	return *rcode_r == DNS_NOERROR || *rcode_r == DNS_NXDOMAIN ? 0 : -1;
}

enum expired_result
expired_read(const uint8_t *msg, size_t len, const struct dns_name *owner,
    double lifetime, time_t now, expired_fn *fn, void *arg, int64_t *next_r,
    unsigned *rcode_r)
{
	struct zone_text text;
	struct dns_reader r;
	struct dns_header h;
	struct dns_rr rr;
	int64_t due;

	*next_r = INT64_MAX;
	if (answer_open(&r, &h, msg, len, owner, rcode_r) == -1)
		return EXPIRED_NO_ANSWER;
	for (unsigned i = 0; i < h.an; i++) {
		if (dns_reader_rr(&r, &rr) == -1)
			return EXPIRED_NO_ANSWER;
		if (rr.type != DNS_TXT || rr.class != DNS_IN ||
		    !dns_name_equal(&rr.owner, owner) ||
		    zone_text_get(&text, &rr) == -1)
			continue;
		due = expired_due(text.date, lifetime);
		if (due > now)
			*next_r = due < *next_r ? due : *next_r;
		else if (fn(arg, &text) == -1)
			return EXPIRED_NO_MEMORY;
	}
	return EXPIRED_READ;
}
