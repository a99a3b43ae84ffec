/* Records over their time. Whatever is no message record does not exist here.
 */
#include "reaperd/expired.h"

#include <string.h>

#include "common/record.h"

int64_t
expired_due(time_t date, double lifetime)
{
	return (int64_t)date + (int64_t)lifetime + 1;
}

/* A text with a NUL in it cannot be asked of publishd. */
int
expired_text(const struct dns_rr *rr, char text[EXPIRED_TEXT_SIZE],
    size_t *len_r, time_t *date_r)
{
	struct record record;

	if (dns_txt(rr, text, EXPIRED_TEXT_SIZE, len_r) == -1 ||
	    memchr(text, '\0', *len_r) != NULL ||
	    !record_get(&record, text, *len_r))
		return -1;
	*date_r = record.date;
	return 0;
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
	char text[EXPIRED_TEXT_SIZE];
	struct dns_reader r;
	struct dns_header h;
	struct dns_rr rr;
	size_t text_len;
	time_t date;
	int64_t due;

	*next_r = INT64_MAX;
	if (answer_open(&r, &h, msg, len, owner, rcode_r) == -1)
		return EXPIRED_NO_ANSWER;
	for (unsigned i = 0; i < h.an; i++) {
		if (dns_reader_rr(&r, &rr) == -1)
			return EXPIRED_NO_ANSWER;
		if (rr.type != DNS_TXT || rr.class != DNS_IN ||
		    !dns_name_equal(&rr.owner, owner) ||
		    expired_text(&rr, text, &text_len, &date) == -1)
			continue;
		due = expired_due(date, lifetime);
		if (due > now)
			*next_r = due < *next_r ? due : *next_r;
		else if (fn(arg, text, text_len) == -1)
			return EXPIRED_NO_MEMORY;
	}
	return EXPIRED_READ;
}
