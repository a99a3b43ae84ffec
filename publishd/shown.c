/*
 * Owns the comparison of an answer with what must be in it. Must not know
 * whom was asked, nor what follows.
 */
#include "publishd/shown.h"

#include <assert.h>
#include <string.h>

/* Marks the records that rr is; returns how many are new. */
static size_t
mark(const struct dns_rr *rr, const struct publish_record *records, size_t n,
    bool *seen)
{
	char text[PUBLISH_TEXT_MAX + 1];
	size_t len, found = 0;

	if (dns_txt(rr, text, sizeof(text), &len) == -1)
		return 0; /* longer than ours, or no TXT at all */
	for (size_t i = 0; i < n; i++) {
		if (seen[i] || records[i].text_len != len ||
		    memcmp(records[i].text, text, len) != 0)
			continue;
		seen[i] = true;
		found++;
	}
	return found;
}

bool
shown_all(const uint8_t *msg, size_t len, const struct dns_name *owner,
    const struct publish_record *records, size_t n)
{
	bool seen[PUBLISH_RECORDS_MAX] = { false };
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	uint16_t type, class;
	size_t found = 0;

	assert(n <= PUBLISH_RECORDS_MAX);
	if (dns_reader_open(&r, msg, len, &h) == -1)
		return false;
	for (unsigned i = 0; i < h.qd; i++)
		if (dns_reader_question(&r, &name, &type, &class) == -1)
			return false;
	for (unsigned i = 0; i < h.an && found < n; i++) {
		struct dns_rr rr;

		if (dns_reader_rr(&r, &rr) == -1)
			return false;
		if (rr.type == DNS_TXT && rr.class == DNS_IN &&
		    dns_name_equal(&rr.owner, owner))
			found += mark(&rr, records, n, seen);
	}
	return found == n;
}
