/*
 * Answers that are signed, rightly and wrongly, alone and as a stream: one is
 * believed if it is well-formed and nothing is wrong with its signature, and
 * not one octet can be another. Input, for each message: what is wrong with
 * the signature, an octet to change and where, the message.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/tsig_rr.h"
#include "tests/fuzz/signature.h"

enum { HEADER = 12, MESSAGE_MAX = 65535 - SIGNATURE_ROOM };

struct message {
	struct signature signature;
	uint8_t change; /* 0: none */
	uint16_t where;
	uint8_t *octets;
	size_t len;
	bool sound; /* the server's part of it, without a signature */
	bool changed;
};

static struct tsig_key *key;
static struct tsig_mac request;

static void
message_read(struct message *m, struct fuzz_input *in)
{
	struct tsig_rr rr;
	uint8_t *part;

	signature_read(&m->signature, in);
	m->change = fuzz_u8(in);
	m->where = m->change != 0 ? fuzz_u16(in) : 0;
	part = fuzz_part(in, &m->len);
	if (m->len > MESSAGE_MAX)
		m->len = MESSAGE_MAX;
	m->octets = malloc(m->len + SIGNATURE_ROOM);
	assert(m->octets != NULL);
	memcpy(m->octets, part, m->len);
	free(part);
	m->sound = tsig_rr_find(m->octets, m->len, &rr) == TSIG_UNSIGNED &&
	    (m->octets[10] != 0xff || m->octets[11] != 0xff);
}

/* Names compare without case. */
static void
message_change(struct message *m, size_t signed_len)
{
	size_t at = m->len > 0 ? m->where % m->len : 0;

	m->changed = m->change != 0 && m->len > 0 &&
	    !(m->change == 0x20 && at >= signed_len && isalpha(m->octets[at]));
	if (m->changed)
		m->octets[at] ^= m->change;
}

/* As it left the server, then as it arrived. */
static void
message_send(struct message *m, struct signature_stream *stream)
{
	size_t signed_len = m->len;

	if (m->len >= HEADER)
		m->len =
		    signature_put(stream, &m->signature, m->octets, m->len);
	message_change(m, signed_len);
	m->octets = realloc(m->octets, m->len);
	assert(m->octets != NULL || m->len == 0);
}

static bool
is_good(const struct message *m)
{
	return m->sound && !m->changed && signature_is_good(&m->signature);
}

static void
check_one(const struct message *m)
{
	struct tsig_detail detail;
	enum tsig_result result = tsig_verify(
	    key, m->octets, m->len, &request, SIGNATURE_NOW, &detail);

	assert(result < TSIG__COUNT && tsig_result_names[result] != NULL);
	assert((result == TSIG_OK) == is_good(m));
	if (m->sound && !m->changed && m->signature.wrong == SIGNATURE_NONE)
		assert(result == TSIG_UNSIGNED);
	if (m->sound && !m->changed &&
	    m->signature.wrong == SIGNATURE_OTHER_SECRET)
		assert(result == TSIG_BADSIG);
}

/* What is known of a stream besides. */
struct course {
	bool failed, begun, good; /* all since the last signature */
	enum tsig_result result;
	unsigned unsigned_n;
};

static void
check_next(
    struct course *c, struct tsig_stream *stream, const struct message *m)
{
	struct tsig_detail detail;
	enum tsig_result result = tsig_stream_message(
	    stream, m->octets, m->len, SIGNATURE_NOW, &detail);
	bool is_unsigned = m->signature.wrong & SIGNATURE_NONE;

	assert(result < TSIG__COUNT);
	assert(!c->failed || result == c->result);
	if (c->failed)
		return;
	if (m->changed)
		c->good = false;
	if (result == TSIG_OK) {
		assert(c->good && is_good(m));
		assert(!c->begun || m->signature.other.n == 0);
		c->begun = c->good = true;
		c->unsigned_n = 0;
	} else if (result == TSIG_UNSIGNED) {
		c->unsigned_n++;
		assert(c->begun && c->unsigned_n <= 99);
	} else {
		c->failed = true;
		if (c->good && m->sound && is_unsigned)
			assert(!c->begun || c->unsigned_n == 99);
		else if (c->good && is_good(m))
			assert(c->begun && m->signature.other.n > 0);
	}
	c->result = result;
}

static void
begin(struct signature_stream *sent)
{
	static uint8_t query[1024] = "\0\1\0\0\0\0\0\0\0\0\0";
	size_t len = HEADER;

	if (key == NULL) {
		key = signature_key();
		assert(tsig_sign(key, query, &len, sizeof(query), SIGNATURE_NOW,
			   &request) == 0);
	}
	sent->prior = request;
	sent->later = false;
	sent->n = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct signature_stream sent;
	struct fuzz_input in = { data, size };
	struct course course = { .good = true };
	struct tsig_stream *stream;
	struct message m;

	begin(&sent);
	stream = tsig_stream_new(key, &request);
	assert(stream != NULL);
	for (bool first = true; in.n > 0; first = false) {
		message_read(&m, &in);
		message_send(&m, &sent);
		if (first)
			check_one(&m);
		check_next(&course, stream, &m);
		free(m.octets);
	}
	tsig_stream_free(stream);
	return 0;
}

/* Kept from one input to the next, as a daemon does. */
__attribute__((destructor)) static void
end(void)
{
	tsig_key_free(key);
}
