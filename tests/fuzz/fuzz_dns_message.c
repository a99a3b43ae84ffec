/*
 * Any DNS message, read to where it is malformed: every name is whole and in
 * lower case, every rdata lies inside the message.
 */
#include <assert.h>
#include <string.h>

#include "common/dns_answer.h"
#include "common/dns_message.h"
#include "tests/fuzz/fuzz.h"

static void
check_name(const struct dns_name *name)
{
	static const struct dns_name root = { .len = 1 };
	char text[1024];
	size_t at = 0;

	assert(name->len >= 1);
	while (name->wire[at] != 0) {
		assert(name->wire[at] <= 63);
		for (size_t i = 1; i <= name->wire[at]; i++)
			assert(name->wire[at + i] < 'A' ||
			    name->wire[at + i] > 'Z');
		at += 1 + (size_t)name->wire[at];
		assert(at < name->len);
	}
	assert(at + 1 == name->len);
	assert(strlen(dns_name_text(name, text)) < sizeof(text));
	assert(dns_name_below(name, &root) && dns_name_below(name, name));
	if (strchr(text, '\\') == NULL) {
		struct dns_name again;

		assert(dns_name_parse(&again, text) == 0);
		assert(dns_name_equal(&again, name));
	}
}

static void
check_rr(const struct dns_reader *r, const struct dns_rr *rr)
{
	static char text[UINT16_MAX + 1];
	struct dns_name name;
	size_t n, pos = (size_t)(rr->rdata - r->msg);

	check_name(&rr->owner);
	assert(rr->start < r->pos && pos + rr->rdlen == r->pos);
	assert(r->pos <= r->len);
	if (dns_reader_name(r, &pos, &name) == 0) {
		check_name(&name);
		assert(pos <= r->len);
	}
	if (dns_txt(rr, text, sizeof(text), &n) == 0)
		assert(n < rr->rdlen && text[n] == '\0');
	if (dns_txt(rr, text, 16, &n) == 0)
		assert(n < 16);
}

static void
check_answer(const uint8_t *data, size_t size)
{
	struct dns_question q = { .type = DNS_TXT };
	struct dns_answer answer;

	dns_name_parse(&q.name, "dnsmail.example.test");
	dns_answer_read(&answer, data, size, 0x1234, &q);
	assert(answer.kind <= DNS_ANSWER_STRAY && answer.why != NULL);
	assert(answer.rcode < 4096);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;

	check_answer(data, size);
	if (dns_reader_open(&r, data, size, &h) == -1)
		return 0;
	for (unsigned i = 0; i < h.qd; i++) {
		if (dns_reader_question(&r, &name, &type, &class) == -1)
			return 0;
		check_name(&name);
	}
	while (dns_reader_rr(&r, &rr) == 0)
		check_rr(&r, &rr);
	return 0;
}
