/*
 * What publishd lets through to a zone: only message records at ID names of
 * the domain, and the UPDATE that is made of them holds exactly these and can
 * reach nothing else. Input: a request's octets.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns_message.h"
#include "common/message_id.h"
#include "common/probe_msg.h"
#include "common/record.h"
#include "publishd/request_check.h"
#include "publishd/update_build.h"
#include "tests/fuzz/fuzz.h"

static const struct config_domain domains[] = {
	{ .name = "sub.example.test", .zone = "example.test" },
	{ .name = "xn--bcher-kva.test", .zone = "xn--bcher-kva.test" },
	{ .name = "other.test", .zone = "example.test" },
};

enum { DOMAINS = sizeof(domains) / sizeof(domains[0]) };

/* One label of the grammar, and the domain. */
static void
check_owner(const struct dns_name *owner, const char *domain)
{
	static const char ldh[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	struct dns_name above;
	size_t skip = (size_t)owner->wire[0] + 1;

	assert(skip >= 2 && skip <= 64);
	for (size_t i = 1; i < skip; i++)
		assert(memchr(ldh, owner->wire[i], sizeof(ldh) - 1) != NULL);
	assert(dns_name_parse(&above, domain) == 0);
	assert(owner->len == above.len + skip);
	assert(memcmp(owner->wire + skip, above.wire, above.len) == 0);
}

static void
check_rr(const struct dns_rr *rr, const struct publish_req *req,
    const struct publish_record *r, const char *domain)
{
	char text[PUBLISH_TEXT_MAX + 1];
	struct record record;
	size_t n;

	check_owner(&rr->owner, domain);
	assert(rr->type == DNS_TXT);
	assert(rr->class == (req->op == PUB_ADD ? DNS_IN : DNS_CLASS_NONE));
	assert(rr->ttl == (req->op == PUB_ADD ? req->ttl : 0));
	assert(rr->ttl <= REQUEST_TTL_MAX);
	assert(dns_txt(rr, text, sizeof(text), &n) == 0);
	assert(n == r->text_len && memcmp(text, r->text, n) == 0);
	assert(record_get(&record, text, n));
}

static void
check_update(const uint8_t *msg, size_t len, const struct publish_req *req,
    const struct config_domain *domain)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name, zone;
	uint16_t type, class;
	struct dns_rr rr;

	assert(dns_reader_open(&r, msg, len, &h) == 0);
	assert(h.flags == 0x2800 && h.qd == 1 && h.an == 0 && h.ar == 0);
	assert(h.ns == req->n);
	assert(dns_reader_question(&r, &name, &type, &class) == 0);
	assert(dns_name_parse(&zone, domain->zone) == 0);
	assert(dns_name_equal(&name, &zone));
	assert(type == DNS_SOA && class == DNS_IN);
	for (size_t i = 0; i < req->n; i++) {
		assert(dns_reader_rr(&r, &rr) == 0);
		assert(dns_name_below(&rr.owner, &zone));
		check_rr(&rr, req, &req->records[i], domain->name);
	}
	assert(r.pos == len);
}

static void
check_taken(const struct publish_req *req, const struct config_domain *domain)
{
	static uint8_t msg[UPDATE_MAX];
	struct update_change *changes = calloc(req->n, sizeof(*changes));
	size_t octets = 0, len;

	assert(changes != NULL);
	for (size_t i = 0; i < req->n; i++) {
		const struct publish_record *r = &req->records[i];

		changes[i] =
		    (struct update_change){ req->op, req->ttl, r->owner,
			    r->text, r->text_len, r->lengths, r->n_lengths };
		octets += update_change_octets(&changes[i]);
	}
	len = update_build(msg, sizeof(msg), 1, domain->zone, changes, req->n);
	assert(len > 0 || octets > UPDATE_CHANGES_MAX);
	if (len > 0)
		check_update(msg, len, req, domain);
	free(changes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct publish_req req;
	struct wire w;
	size_t index;

	wire_init_read(&w, data, size);
	if (publish_req_get(&w, &req) == -1)
		return 0;
	assert(request_check(&req, NULL, &index) != NULL && index == 0);
	for (size_t i = 0; i < DOMAINS; i++) {
		const char *wrong = request_check(&req, &domains[i], &index);

		assert(index < req.n);
		if (wrong == NULL)
			check_taken(&req, &domains[i]);
	}
	for (size_t i = 0; i < req.n; i++)
		if (request_is_probe(req.records[i].text))
			assert(strstr(req.records[i].text, PROBE_ADDRESS));
	free(req.records);
	return 0;
}
