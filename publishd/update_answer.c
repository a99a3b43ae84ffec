/*
 * Owns the meaning of response codes. Must not know the key, the records or
 * the connection.
 */
#include "publishd/update_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/dns_message.h"

enum {
	OPCODE_MASK = 0x7800,
	OPCODE_UPDATE = 0x2800, /* RFC 2136 1.3 */
	RCODE_MASK = 0x000f,
};

/*
 * RFC 2136 2.2 and 3. SERVFAIL and REFUSED are said both of one record (BIND
 * has a limit of records per name) and of everything; the batch finds out.
 */
static const struct meaning {
	enum update_outcome outcome;
	const char *words;
} meanings[RCODE_MASK + 1] = {
	[DNS_NOERROR] = { UPDATE_ACCEPTED, "" },
	[DNS_FORMERR] = { UPDATE_REFUSED, "it cannot read the update" },
	[DNS_SERVFAIL] = { UPDATE_REFUSED,
	    "it could not store it, or the name would have too many records" },
	[DNS_NXDOMAIN] = { UPDATE_REFUSED, "" },
	[DNS_NOTIMP] = { UPDATE_FAILED, "it takes no updates" },
	[DNS_REFUSED] = { UPDATE_REFUSED,
	    "it does not let this key change this" },
	[6] = { UPDATE_REFUSED, "YXDOMAIN" },
	[7] = { UPDATE_REFUSED, "YXRRSET" },
	[8] = { UPDATE_REFUSED, "NXRRSET" },
	[DNS_NOTAUTH] = { UPDATE_FAILED, "it is not the zone's primary" },
	[DNS_NOTZONE] = { UPDATE_REFUSED, "a name is outside of the zone" },
	[11] = { UPDATE_FAILED, "" },
	[12] = { UPDATE_FAILED, "" },
	[13] = { UPDATE_FAILED, "" },
	[14] = { UPDATE_FAILED, "" },
	[15] = { UPDATE_FAILED, "" },
};

int
update_answer_id(const uint8_t *msg, size_t len)
{
	struct dns_reader r;
	struct dns_header h;

	if (dns_reader_open(&r, msg, len, &h) == -1 || !(h.flags & DNS_QR) ||
	    (h.flags & OPCODE_MASK) != OPCODE_UPDATE)
		return -1;
	return h.id;
}

/*
 * The server says that our signature is the trouble (RFC 8945 5.2), or so it
 * seems: what is not signed well may come from anybody.
 */
static void
words_of_tsig_error(const char *rcode, enum tsig_result verified,
    const struct tsig_detail *detail, char *why, size_t size)
{
	static const char *const words[TSIG__COUNT] = {
		[TSIG_BADKEY] = "it does not have our key of that algorithm",
		[TSIG_BADSIG] = "its secret for our key is another",
	};
	int64_t skew = detail->skew < 0 ? -detail->skew : detail->skew;

	if (verified == TSIG_BADTIME)
		snprintf(why, size,
		    "%s/BADTIME, its clock differs by %" PRId64 " s", rcode,
		    skew);
	else if (words[verified] != NULL)
		snprintf(why, size, "%s/%s, %s", rcode,
		    tsig_result_names[verified], words[verified]);
	else /* PowerDNS says no more than this */
		snprintf(why, size, "%s, %s: key or clock may differ from ours",
		    rcode, tsig_result_names[verified]);
}

enum update_outcome
update_answer_read(const uint8_t *msg, size_t len, enum tsig_result verified,
    const struct tsig_detail *detail, char *why, size_t size)
{
	struct dns_reader r;
	struct dns_header h = { 0 };
	const struct meaning *meaning;
	const char *rcode;

	if (dns_reader_open(&r, msg, len, &h) == -1)
		abort();
	meaning = &meanings[h.flags & RCODE_MASK];
	rcode = dns_rcode_text(h.flags & RCODE_MASK);
	if (verified == TSIG_OK) {
		snprintf(why, size, "%s%s%s", rcode,
		    meaning->words[0] != '\0' ? ", " : "", meaning->words);
		return meaning->outcome;
	}
	if ((h.flags & RCODE_MASK) != DNS_NOERROR)
		words_of_tsig_error(rcode, verified, detail, why, size);
	else
		snprintf(why, size, "its answer is not to be believed: %s",
		    tsig_result_names[verified]);
	return UPDATE_FAILED;
}
