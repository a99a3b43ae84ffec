/* TSIG RRs, right and wrong. */
#include "tests/fuzz/signature.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 12, ARCOUNT = 10, FUDGE = 300, MAC = 32, SHORT_MAC = 16 };

static const uint8_t names[][8] = { "\1k\4test", "\1q\4test" };
static const uint8_t algorithms[][13] = { "\13hmac-sha256", "\13hmac-sha512" };

struct octets {
	uint8_t *p;
	size_t n;
};

static void
put(struct octets *o, const void *p, size_t n)
{
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
put_number(struct octets *o, uint64_t v, unsigned n)
{
	while (n-- > 0)
		o->p[o->n++] = (uint8_t)(v >> (8 * n));
}

struct tsig_key *
signature_key(void)
{
	static const char text[] = "key \"k.test\" { algorithm hmac-sha256; "
				   "secret \"c2VjcmV0\"; };";
	char why[200];
	struct tsig_key *key =
	    tsig_key_parse(text, sizeof(text) - 1, why, sizeof(why));

	assert(key != NULL);
	return key;
}

void
signature_read(struct signature *s, struct fuzz_input *in)
{
	*s = (struct signature){ .wrong = fuzz_u8(in), .time = SIGNATURE_NOW };
	if ((s->wrong & SIGNATURE_FIELDS) != 0) {
		s->time += (uint64_t)(int16_t)fuzz_u16(in);
		s->error = fuzz_u8(in);
	}
	if ((s->wrong & SIGNATURE_OTHER_DATA) != 0) {
		s->other.n = fuzz_u8(in) % 16;
		s->other.n = s->other.n < in->n ? s->other.n : in->n;
		s->other.p = in->p;
		in->p += s->other.n;
		in->n -= s->other.n;
	}
}

bool
signature_is_good(const struct signature *s)
{
	unsigned wrong =
	    s->wrong & ~(unsigned)(SIGNATURE_FIELDS | SIGNATURE_OTHER_DATA);

	return wrong == 0 && s->error == 0 &&
	    llabs((int64_t)s->time - SIGNATURE_NOW) <= FUDGE;
}

static void
put_timers(struct octets *o, const struct signature *s)
{
	put_number(o, s->time, 6);
	put_number(o, FUDGE, 2);
}

static void
put_tail(struct octets *o, const struct signature *s)
{
	put_number(o, s->error, 2);
	put_number(o, s->other.n, 2);
	put(o, s->other.p, s->other.n);
}

/* RFC 8945 4.3 and 5.3.1: what the MAC is over. */
static void
digest(struct signature_stream *stream, const struct signature *s,
    const uint8_t *msg, size_t len)
{
	static uint8_t room[sizeof(stream->unsigned_octets) + 128 * 1024];
	struct octets o = { .p = room };
	unsigned n = sizeof(stream->prior.bytes);

	put_number(&o, stream->prior.len, 2);
	put(&o, stream->prior.bytes, stream->prior.len);
	put(&o, stream->unsigned_octets, stream->n);
	put(&o, msg, len);
	if (!stream->later) {
		put(&o, names[0], sizeof(names[0]));
		put_number(&o, 255, 2);
		put_number(&o, 0, 4);
		put(&o, algorithms[0], sizeof(algorithms[0]));
	}
	put_timers(&o, s);
	if (!stream->later)
		put_tail(&o, s);
	HMAC(EVP_sha256(),
	    (s->wrong & SIGNATURE_OTHER_SECRET) != 0 ? "Secret" : "secret", 6,
	    room, o.n, stream->prior.bytes, &n);
	stream->prior.len = n;
	stream->later = true;
	stream->n = 0;
}

static void
put_rr(struct octets *o, const struct signature *s, const uint8_t *mac,
    unsigned id)
{
	size_t n = (s->wrong & SIGNATURE_SHORT_MAC) != 0 ? SHORT_MAC : MAC;

	put(o, names[(s->wrong & SIGNATURE_OTHER_KEY) != 0], sizeof(names[0]));
	put_number(o, 250, 2); /* TSIG, ANY, TTL 0 */
	put_number(o, 255, 2);
	put_number(o, 0, 4);
	put_number(o, sizeof(algorithms[0]) + 16 + n + s->other.n, 2);
	put(o, algorithms[(s->wrong & SIGNATURE_OTHER_ALGORITHM) != 0],
	    sizeof(algorithms[0]));
	put_timers(o, s);
	put_number(o, n, 2);
	put(o, mac, n);
	put_number(o, id ^ ((s->wrong & SIGNATURE_OTHER_ID) != 0), 2);
	put_tail(o, s);
}

size_t
signature_put(struct signature_stream *stream, const struct signature *s,
    uint8_t *msg, size_t len)
{
	struct octets o = { .p = msg, .n = len };

	assert(len >= HEADER);
	if ((s->wrong & SIGNATURE_NONE) != 0) {
		struct octets rest = { .p = stream->unsigned_octets,
			.n = stream->n };

		assert(stream->n + len <= sizeof(stream->unsigned_octets));
		put(&rest, msg, len);
		stream->n = rest.n;
		return len;
	}
	digest(stream, s, msg, len);
	put_rr(&o, s, stream->prior.bytes, (unsigned)msg[0] << 8 | msg[1]);
	if (++msg[ARCOUNT + 1] == 0)
		++msg[ARCOUNT];
	return o.n;
}
