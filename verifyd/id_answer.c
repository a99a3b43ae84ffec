/*
 * The TXT texts in an answer. Pure.
 */
#include "verifyd/id_answer.h"

void
id_answer_texts(const uint8_t *msg, size_t len, const struct dns_name *name,
    id_answer_fn *each, void *arg)
{
	char text[UINT16_MAX + 1]; /* as long as an rdata can be */
	struct dns_reader r;
	struct dns_header header;
	struct dns_name asked;
	struct dns_rr rr;
	uint16_t type, class;
	size_t n;

	if (dns_reader_open(&r, msg, len, &header) != 0)
		return;
	for (unsigned i = 0; i < header.qd; i++)
		if (dns_reader_question(&r, &asked, &type, &class) != 0)
			return;
	for (unsigned i = 0; i < header.an; i++) {
		if (dns_reader_rr(&r, &rr) != 0)
			return;
		if (rr.type == DNS_TXT && rr.class == DNS_IN &&
		    dns_name_equal(&rr.owner, name) &&
		    dns_txt(&rr, text, sizeof(text), &n) == 0)
			each(arg, text, n);
	}
}
