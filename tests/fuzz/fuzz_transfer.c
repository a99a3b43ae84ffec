/*
 * The answer to a SOA, IXFR or AXFR question, signed or not, into a zone:
 * nothing counts before a signature has come, what fails is said in words, and
 * the same records one to a message make the same zone. Input: options, the
 * serial that we have, then messages, as fuzz_tsig has them if they are signed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "publishd/request_check.h"
#include "reaperd/removal.h"
#include "reaperd/transfer.h"
#include "tests/fuzz/signature.h"

enum {
	ID = 0x1234,
	LIFETIME = 3600,
	AGAIN = 2000000000,
	MESSAGE_MAX = 65535 - SIGNATURE_ROOM,
	HEADER = 12,
	RECORD_MAX = 1024 + 65535,
};

/* The options. */
enum { TYPE = 3, SIGNED = 4, KNOWN = 8, CATCH = 16 };

static struct tsig_key *key;

struct course {
	struct zone *zone;
	struct transfer transfer;
	struct zone_catch catch;
	enum transfer_result result;
	bool vouched; /* a good signature came */
	bool sound;   /* and none that is bad */
	size_t caught;
	struct signature_stream sent;
	char why[TRANSFER_WHY_MAX];
};

/* What has expired publishd removes, or it would be asked for ever. */
static void
check_removal(struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	struct removal *r = removal_new(zone, name->domain);
	const struct config_domain domain = {
		.name = zone->domains[name->domain].text, .zone = zone->text
	};
	struct publish_req req;
	uint8_t *octets;
	size_t len, index;
	struct wire w;

	assert(r != NULL && removal_add(r, name, text) == 0);
	octets = removal_request(r, &len);
	assert(octets != NULL);
	wire_init_read(&w, octets, len);
	assert(publish_req_get(&w, &req) == 0);
	assert(req.n == 1 && req.op == PUB_REMOVE);
	assert(request_check(&req, &domain, &index) == NULL);
	assert(req.records[0].text_len == text->len);
	free(req.records);
	free(octets);
	removal_free(r);
}

static bool
take(void *arg, struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	struct course *c = arg;
	char owner[PUBLISH_NAME_MAX];

	assert(strlen(zone_owner(zone, name, owner)) < sizeof(owner));
	assert(text->text[text->len] == '\0');
	check_removal(zone, name, text);
	return c->caught++ % 2 == 0;
}

static struct zone *
zone_make(void)
{
	static const uint8_t hash_key[EXPIRY_KEY];
	struct net_address primary = { 0 };
	struct zone *z = zone_new(
	    "e.test", &(struct net_addresses){ &primary, 1 }, hash_key);

	assert(z != NULL && zone_add_domain(z, "e.test", LIFETIME) == 0 &&
	    zone_add_domain(z, "sub.e.test", LIFETIME) == 0);
	return z;
}

static void
begin(struct course *c, unsigned options, uint32_t serial)
{
	static const uint16_t types[] = { DNS_AXFR, DNS_IXFR, DNS_SOA,
		DNS_AXFR };
	uint8_t request[TRANSFER_REQUEST_MAX];

	if (key == NULL)
		key = signature_key();
	c->zone = zone_make();
	c->zone->serial = serial;
	c->zone->known = (options & KNOWN) != 0;
	c->catch = (struct zone_catch){
		.take = take, .arg = c, .now = SIGNATURE_NOW, .again = AGAIN
	};
	c->zone->catch = (options & CATCH) != 0 ? &c->catch : NULL;
	c->transfer.zone = c->zone;
	c->transfer.key = (options & SIGNED) != 0 ? key : NULL;
	c->result = TRANSFER_MORE;
	c->vouched = c->transfer.key == NULL;
	c->sound = true;
	c->caught = 0;
	assert(transfer_begin(&c->transfer, types[options & TYPE], ID,
		   SIGNATURE_NOW, request) > HEADER);
	c->sent.prior = c->transfer.mac;
	c->sent.later = false;
	c->sent.n = 0;
}

/* As watch_in does. */
static void
end(struct course *c)
{
	if (c->transfer.type == DNS_SOA)
		assert(c->zone->filling == NULL);
	else if (c->result == TRANSFER_DONE)
		zone_commit(c->zone, c->transfer.serial);
	else
		zone_abandon(c->zone);
	transfer_end(&c->transfer);
}

static void
check_words(const char *why)
{
	size_t n = strnlen(why, TRANSFER_WHY_MAX);

	assert(n > 0 && n < TRANSFER_WHY_MAX);
	for (size_t i = 0; i < n; i++)
		assert(why[i] >= ' ' && why[i] <= '~');
}

static void
next(struct course *c, const uint8_t *msg, size_t len)
{
	c->why[0] = '\0';
	c->result =
	    transfer_message(&c->transfer, msg, len, SIGNATURE_NOW, c->why);
	if (c->result == TRANSFER_FAILED)
		check_words(c->why);
	if (!c->vouched)
		assert(c->zone->filling == NULL &&
		    expiry_names(c->zone->index) == 0 &&
		    (c->result == TRANSFER_MORE ||
			c->result == TRANSFER_FAILED));
	if (!c->sound)
		assert(
		    c->result != TRANSFER_DONE && c->result != TRANSFER_OLDER);
}

/* Signed as the input says. */
static void
next_signed(struct course *c, struct fuzz_input *in)
{
	struct signature s;
	uint8_t *part, *msg;
	size_t len;

	signature_read(&s, in);
	part = fuzz_part(in, &len);
	msg = malloc(len + SIGNATURE_ROOM);
	assert(msg != NULL);
	memcpy(msg, part, len);
	free(part);
	if (len >= HEADER && len <= MESSAGE_MAX) {
		len = signature_put(&c->sent, &s, msg, len);
		c->vouched |= signature_is_good(&s);
		c->sound &=
		    (s.wrong & SIGNATURE_NONE) != 0 || signature_is_good(&s);
	}
	next(c, msg, len);
	free(msg);
}

/* ---- the same with one record to a message -------------------------------
 */

static uint8_t *
put(uint8_t *p, const void *octets, size_t n)
{
	memcpy(p, octets, n);
	return p + n;
}

static uint8_t *
put_u16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* Names in a SOA record may be compressed; which they are does not count. */
static uint8_t *
put_rdata(uint8_t *p, const struct dns_rr *rr)
{
	enum { NUMBERS = 20 };

	if (rr->type != DNS_SOA)
		return put(put_u16(p, rr->rdlen), rr->rdata, rr->rdlen);
	p = put_u16(p, 2 + NUMBERS);
	p = put(p, "\0", 2);
	return put(p, rr->rdata + rr->rdlen - NUMBERS, NUMBERS);
}

static size_t
put_message(uint8_t *msg, const struct transfer *t, const struct dns_rr *rr,
    bool question)
{
	uint8_t *p = msg;

	p = put_u16(put_u16(p, ID), DNS_QR);
	p = put_u16(put_u16(p, question), 1);
	p = put(p, "\0\0\0", 4);
	if (question) {
		p = put(p, t->zone->name.wire, t->zone->name.len);
		p = put_u16(put_u16(p, t->type), DNS_IN);
	}
	p = put(p, rr->owner.wire, rr->owner.len);
	p = put_u16(put_u16(p, rr->type), rr->class);
	p = put(p, "\0\0\0", 4);
	return (size_t)(put_rdata(p, rr) - msg);
}

static void
each_record(struct course *c, const uint8_t *msg, size_t len)
{
	static uint8_t one[RECORD_MAX];
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	uint16_t type, class;
	struct dns_rr rr;

	assert(dns_reader_open(&r, msg, len, &h) == 0);
	for (unsigned i = 0; i < h.qd; i++)
		assert(dns_reader_question(&r, &name, &type, &class) == 0);
	for (unsigned i = 0; i < h.an; i++) {
		size_t n;

		assert(c->result == TRANSFER_MORE);
		assert(dns_reader_rr(&r, &rr) == 0);
		n = put_message(
		    one, &c->transfer, &rr, !c->transfer.stream.begun);
		if (n <= UINT16_MAX)
			next(c, one, n);
	}
}

/* Names and times in whatever order. */
static uint64_t
fingerprint(struct expiry *index)
{
	uint64_t sum = 0;
	struct expiry_name name;
	int64_t due;

	while ((due = expiry_next(index)) < AGAIN + 1) {
		uint64_t hash = (uint64_t)due * 31 + 1;

		assert(expiry_take(index, AGAIN, AGAIN + 1, &name));
		hash = hash * 31 + name.domain;
		for (const char *p = name.label; *p != '\0'; p++)
			hash = hash * 31 + (uint8_t)*p;
		sum += hash;
	}
	return sum;
}

static void
check_same(struct zone *a, struct zone *b)
{
	assert(a->serial == b->serial && b->known);
	assert(expiry_records(a->index) == expiry_records(b->index));
	assert(expiry_names(a->index) == expiry_names(b->index));
	assert(expiry_names(a->index) <= expiry_records(a->index));
	assert(fingerprint(a->index) == fingerprint(b->index));
}

/* The whole answer was good. */
static void
check_split(struct course *whole, unsigned options, uint32_t serial,
    struct fuzz_input in)
{
	static struct course split;

	begin(&split, options, serial);
	while (split.result == TRANSFER_MORE) {
		size_t n;
		uint8_t *msg = fuzz_part(&in, &n);

		each_record(&split, msg, n);
		free(msg);
	}
	assert(split.result == TRANSFER_DONE);
	assert(split.caught == whole->caught);
	end(&split);
	check_same(whole->zone, split.zone);
	zone_free(split.zone);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct course c;
	struct fuzz_input in = { data, size }, messages;
	unsigned options = fuzz_u8(&in);
	uint32_t serial = (uint32_t)fuzz_u16(&in) << 16;

	serial |= fuzz_u16(&in);
	begin(&c, options, serial);
	messages = in;
	while (in.n > 0 && c.result == TRANSFER_MORE) {
		if (c.transfer.key != NULL) {
			next_signed(&c, &in);
		} else {
			size_t n;
			uint8_t *msg = fuzz_part(&in, &n);

			next(&c, msg, n);
			free(msg);
		}
	}
	end(&c);
	if (c.result == TRANSFER_DONE && c.transfer.key == NULL &&
	    c.transfer.type != DNS_SOA)
		check_split(&c, options, serial, messages);
	zone_free(c.zone);
	return 0;
}

/* Kept from one input to the next, as a daemon does. */
__attribute__((destructor)) static void
forget(void)
{
	tsig_key_free(key);
}
