/*
 * tsig: the MACs of the vectors were computed with openssl(1) from the octets
 * that RFC 8945 4.3 and 5.3.1 tell to put under them:
 *
 *   openssl dgst -sha256 -mac HMAC -macopt hexkey:736563726574
 *
 * The rest is signed by this file's own few lines over HMAC().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/tsig.h"

enum { NOW = 0x5f5e1000, HEADER = 12, QUESTION = 24, ROOM = 4096 };

static const uint8_t query[QUESTION] = "\0\1\0\0\0\1\0\0\0\0\0\0"
				       "\1a\4test\0\0\x10\0\1";
/* the name k.test, and what a TSIG RR has after it */
static const uint8_t key_name[] = { 1, 'k', 4, 't', 'e', 's', 't', 0 };
static const uint8_t timers[8] = { 0, 0, 0x5f, 0x5e, 0x10, 0, 1, 44 };

static const struct vector {
	const char *algorithm;
	const char *request, *answer; /* MACs */
} vectors[] = {
	{ "hmac-sha256",
	    "e6623bf460ba194ce387c9aa20879dc9f21a16cf8ee7337bf8a37503c0855d70",
	    "f17f3cf7b97ad5254e3695988433fcac"
	    "1b9882f84b94bdcf3cf66a9968170b70" },
	{ "hmac-sha384",
	    "653276969adaa16e28a9f0efd5c713f3866f8604f876a7cd"
	    "897ce98315b81f4d09cb6b88caeb9f4cd0cfbd5075b46b20",
	    "cb3bf58a0186dc424aeea90600e90783d98953865ee22f4e"
	    "067e5c53858f83ee3e25c8cc4a8ece058a893f1d6277508c" },
	{ "hmac-sha512",
	    "29f8f5b9cb7a47c8d37c1b85615affa81d1384fa6c6df4812a821e2bff873ef9"
	    "d142d631ec5d5e2073d21c6bb40d3bbe04995580f4e321bde89d5d76c35f21e2",
	    "ee908cff0d3b5912426a425a19c01b2d8a075c99813687a31a8194e49e44c6a2"
	    "2932e44269637965081b7800c070739c2e4b7b425f7bdd3de63a698f1e7b9b1"
	    "8" },
};
enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

#define STREAM_2 \
	"a607153e988a591e3261638c1eca9e20a0cfeeb4ae64218127daa735ee4c3e52"
#define BADTIME \
	"e0fe878af45e1a401b252251a35a47dc4ed82dcefb2e50ac9a5083faf2b4aed3"

static struct tsig_key *
key_of(const char *algorithm)
{
	char text[256], why[256];
	int n = snprintf(text, sizeof(text),
	    "key \"k.test\" { algorithm %s; secret \"c2VjcmV0\"; };",
	    algorithm);
	struct tsig_key *key =
	    tsig_key_parse(text, (size_t)n, why, sizeof(why));

	if (key == NULL)
		fail_msg("%s: %s", text, why);
	return key;
}

static size_t
unhex(uint8_t *out, const char *hex)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static void
mac_from(struct tsig_mac *mac, const char *hex)
{
	mac->len = unhex(mac->bytes, hex);
}

/* ---- a server's side: messages with a TSIG RR of any kind -----------------
 */

struct message {
	uint8_t octets[ROOM];
	size_t len;
	size_t tsig; /* where the TSIG RR begins */
};

static void
put(struct message *m, const void *octets, size_t n)
{
	assert_true(m->len + n <= ROOM);
	memcpy(m->octets + m->len, octets, n);
	m->len += n;
}

static void
put_u16(struct message *m, size_t v)
{
	uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(m, octets, 2);
}

/* The query's answer: the same with QR, AA and this rcode. */
static void
answer_begin(struct message *m, unsigned rcode)
{
	m->len = 0;
	put(m, query, sizeof(query));
	m->octets[2] = 0x84;
	m->octets[3] = (uint8_t)rcode;
}

static void
put_algorithm(struct message *m, const char *algorithm)
{
	uint8_t n = (uint8_t)strlen(algorithm);

	put(m, &n, 1);
	put(m, algorithm, (size_t)n + 1); /* its NUL is the root */
}

struct signature {
	const char *algorithm;
	const uint8_t *mac;
	size_t mac_len;
	unsigned error;
	const uint8_t *other;
	size_t other_len;
};

static void
put_tsig(struct message *m, const struct signature *s)
{
	m->tsig = m->len;
	put(m, key_name, sizeof(key_name));
	put(m, "\0\372\0\377\0\0\0\0", 8); /* TSIG, ANY, TTL 0 */
	put_u16(m, strlen(s->algorithm) + 2 + 16 + s->mac_len + s->other_len);
	put_algorithm(m, s->algorithm);
	put(m, timers, sizeof(timers));
	put_u16(m, s->mac_len);
	put(m, s->mac, s->mac_len);
	put(m, m->octets, 2);
	put_u16(m, s->error);
	put_u16(m, s->other_len);
	put(m, s->other, s->other_len);
	m->octets[11]++;
}

static void
put_tsig_hex(struct message *m, const char *algorithm, const char *hex)
{
	struct tsig_mac mac;

	mac_from(&mac, hex);
	put_tsig(m,
	    &(struct signature){ .algorithm = algorithm,
		.mac = mac.bytes,
		.mac_len = mac.len,
		.other = mac.bytes });
}

/* Puts under the MAC: u16 length and octets of one before. */
static void
put_prior(struct message *m, const struct tsig_mac *prior)
{
	put_u16(m, prior->len);
	put(m, prior->bytes, prior->len);
}

static void
hmac256(struct tsig_mac *mac, const struct message *m)
{
	unsigned n = 0;

	assert_non_null(
	    HMAC(EVP_sha256(), "secret", 6, m->octets, m->len, mac->bytes, &n));
	mac->len = n;
}

static void
check(const struct tsig_key *key, const struct message *m,
    const struct tsig_mac *request, uint64_t now, enum tsig_result want,
    const char *what)
{
	struct tsig_detail d;
	enum tsig_result saw =
	    tsig_verify(key, m->octets, m->len, request, now, &d);

	if (saw != want)
		fail_msg("%s: expected %s, saw %s", what,
		    tsig_result_names[want], tsig_result_names[saw]);
}

/* ---- signing and verifying one message ------------------------------------
 */

static void
request_is_signed_as_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct tsig_key *key = key_of(vectors[i].algorithm);
		struct message want = { .len = 0 };
		struct tsig_mac mac;
		uint8_t msg[ROOM];
		size_t len = sizeof(query);

		put(&want, query, sizeof(query));
		put_tsig_hex(&want, vectors[i].algorithm, vectors[i].request);
		memcpy(msg, query, sizeof(query));
		assert_int_equal(
		    tsig_sign(key, msg, &len, sizeof(msg), NOW, &mac), 0);
		assert_int_equal(len, want.len);
		assert_memory_equal(msg, want.octets, len);
		assert_int_equal(mac.len, strlen(vectors[i].request) / 2);
		assert_true(len - sizeof(query) <= TSIG_RR_MAX);
		tsig_key_free(key);
	}
}

static void
request_without_room_for_its_signature_is_refused(void **state)
{
	struct tsig_key *key = key_of("hmac-sha512");
	struct tsig_mac mac;
	uint8_t msg[ROOM];
	size_t len = sizeof(query), need;

	(void)state;
	memcpy(msg, query, sizeof(query));
	assert_int_equal(tsig_sign(key, msg, &len, ROOM, NOW, &mac), 0);
	need = len;
	for (size_t size = sizeof(query); size <= need; size++) {
		memcpy(msg, query, sizeof(query));
		memset(msg + size, 0xee, ROOM - size);
		len = sizeof(query);
		assert_int_equal(tsig_sign(key, msg, &len, size, NOW, &mac),
		    size == need ? 0 : -1);
		assert_int_equal(msg[size], 0xee);
	}
	tsig_key_free(key);
}

static void
answer_of_the_vectors_is_verified(void **state)
{
	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		struct tsig_key *key = key_of(vectors[i].algorithm);
		struct message m;
		struct tsig_mac request;

		mac_from(&request, vectors[i].request);
		answer_begin(&m, 0);
		put_tsig_hex(&m, vectors[i].algorithm, vectors[i].answer);
		check(key, &m, &request, NOW, TSIG_OK, vectors[i].algorithm);
		request.bytes[0] ^= 1;
		check(key, &m, &request, NOW, TSIG_BADSIG, "other request");
		tsig_key_free(key);
	}
}

static void
good_answer(struct message *m, struct tsig_mac *request)
{
	mac_from(request, vectors[0].request);
	answer_begin(m, 0);
	put_tsig_hex(m, vectors[0].algorithm, vectors[0].answer);
}

/* The case of letters in the TSIG RR's two names means nothing. */
static bool
only_case(const struct message *m, size_t at, unsigned bit)
{
	size_t algorithm = m->tsig + sizeof(key_name) + 10;
	uint8_t c = m->octets[at] | 0x20;
	bool in_name = (at >= m->tsig && at < m->tsig + sizeof(key_name)) ||
	    (at >= algorithm && at < algorithm + sizeof("hmac-sha256"));

	return in_name && bit == 0x20 && c >= 'a' && c <= 'z';
}

static void
no_octet_of_an_answer_can_be_changed(void **state)
{
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request;
	struct tsig_detail d;
	struct message m;

	(void)state;
	good_answer(&m, &request);
	for (size_t i = 0; i < m.len; i++) {
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			if (only_case(&m, i, bit))
				continue;
			m.octets[i] ^= (uint8_t)bit;
			if (tsig_verify(key, m.octets, m.len, &request, NOW,
				&d) == TSIG_OK)
				fail_msg("octet %zu, bit %#x", i, bit);
			m.octets[i] ^= (uint8_t)bit;
		}
	}
	check(key, &m, &request, NOW, TSIG_OK, "as it was");
	tsig_key_free(key);
}

static void
no_prefix_of_an_answer_is_verified(void **state)
{
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request;
	struct tsig_detail d;
	struct message m;

	(void)state;
	good_answer(&m, &request);
	for (size_t n = 0; n < m.len; n++) {
		uint8_t *copy = malloc(n > 0 ? n : 1);

		assert_non_null(copy);
		memcpy(copy, m.octets, n);
		assert_int_equal(tsig_verify(key, copy, n, &request, NOW, &d),
		    TSIG_MALFORMED);
		free(copy);
	}
	tsig_key_free(key);
}

static void
answer_counts_within_its_fudge_only(void **state)
{
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request;
	struct tsig_detail d;
	struct message m;

	(void)state;
	good_answer(&m, &request);
	check(key, &m, &request, NOW + 300, TSIG_OK, "300 s later");
	check(key, &m, &request, NOW - 300, TSIG_OK, "300 s earlier");
	check(key, &m, &request, NOW - 301, TSIG_BADTIME, "301 s earlier");
	assert_int_equal(
	    tsig_verify(key, m.octets, m.len, &request, NOW + 301, &d),
	    TSIG_BADTIME);
	assert_int_equal(d.skew, -301);
	assert_int_equal(d.error, 0);
	tsig_key_free(key);
}

static void
badtime_answer_tells_how_the_clocks_differ(void **state)
{
	static const uint8_t server[6] = { 0, 0, 0x5f, 0x5e, 0x12, 0x63 };
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request, mac;
	struct tsig_detail d;
	struct message m;

	(void)state;
	mac_from(&request, vectors[0].request);
	mac_from(&mac, BADTIME);
	answer_begin(&m, DNS_NOTAUTH);
	put_tsig(&m,
	    &(struct signature){ "hmac-sha256", mac.bytes, mac.len, 18, server,
		sizeof(server) });
	assert_int_equal(
	    tsig_verify(key, m.octets, m.len, &request, NOW, &d), TSIG_BADTIME);
	assert_int_equal(d.error, 18);
	assert_int_equal(d.skew, 611);
	m.octets[m.len - 1] ^= 1;
	assert_int_equal(
	    tsig_verify(key, m.octets, m.len, &request, NOW, &d), TSIG_BADSIG);
	tsig_key_free(key);
}

static void
unsigned_error_answers_are_told_apart_and_not_believed(void **state)
{
	static const struct {
		unsigned error;
		enum tsig_result want;
	} cases[] = { { 17, TSIG_BADKEY }, { 16, TSIG_BADSIG },
		{ 18, TSIG_BADSIG }, { 0, TSIG_BADSIG } };
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request;
	struct tsig_detail d;
	struct message m;

	(void)state;
	mac_from(&request, vectors[0].request);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer_begin(&m, DNS_NOTAUTH);
		put_tsig(&m,
		    &(struct signature){ .algorithm = "hmac-sha256",
			.mac = query,
			.error = cases[i].error,
			.other = query });
		assert_int_equal(
		    tsig_verify(key, m.octets, m.len, &request, NOW, &d),
		    cases[i].want);
		assert_int_equal(d.error, cases[i].error);
	}
	tsig_key_free(key);
}

static void
other_keys_algorithms_and_mac_sizes_are_refused(void **state)
{
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request, mac;
	struct message m;
	struct signature s = { .algorithm = "hmac-sha256", .other = query };

	(void)state;
	good_answer(&m, &request);
	m.octets[m.tsig + 1] = 'j';
	check(key, &m, &request, NOW, TSIG_BADKEY, "another key");

	answer_begin(&m, 0);
	put_tsig_hex(&m, "hmac-sha384", vectors[1].answer);
	check(key, &m, &request, NOW, TSIG_BADKEY, "another algorithm");

	/* Cut ones, and the right one with octets after it. */
	memset(&mac, 0, sizeof(mac));
	mac_from(&mac, vectors[0].answer);
	s.mac = mac.bytes;
	for (s.mac_len = 1; s.mac_len <= TSIG_MAC_MAX; s.mac_len++) {
		answer_begin(&m, 0);
		put_tsig(&m, &s);
		check(key, &m, &request, NOW,
		    s.mac_len == 32 ? TSIG_OK : TSIG_BADSIG, "MAC size");
	}
	tsig_key_free(key);
}

static void
message_without_tsig_is_unsigned_and_misplaced_tsig_malformed(void **state)
{
	static const uint8_t a_record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0,
		4, 127, 0, 0, 1 };
	struct tsig_key *key = key_of("hmac-sha256");
	struct tsig_mac request;
	struct message m;

	(void)state;
	good_answer(&m, &request);
	put(&m, a_record, sizeof(a_record));
	m.octets[11]++;
	check(key, &m, &request, NOW, TSIG_MALFORMED, "TSIG not the last");
	good_answer(&m, &request);
	put(&m, "", 1);
	check(key, &m, &request, NOW, TSIG_MALFORMED, "an octet more");
	good_answer(&m, &request);
	m.octets[11] = 0;
	m.octets[7] = 1;
	check(key, &m, &request, NOW, TSIG_MALFORMED, "TSIG as answer");
	answer_begin(&m, 0);
	check(key, &m, &request, NOW, TSIG_UNSIGNED, "no TSIG");
	tsig_key_free(key);
}

/* ---- streams --------------------------------------------------------------
 */

/* A server that sends a stream: what its next MAC is over. */
struct sender {
	struct message under; /* prior MAC and what was sent since */
	bool first;
};

static void
sender_begin(struct sender *s, const struct tsig_mac *request)
{
	*s = (struct sender){ .first = true };
	put_prior(&s->under, request);
}

static void
send_unsigned(struct sender *s, struct message *m)
{
	answer_begin(m, 0);
	put(&s->under, m->octets, m->len);
}

static void
send_signed(struct sender *s, struct message *m)
{
	struct signature sig = { .algorithm = "hmac-sha256", .other = query };
	struct tsig_mac mac;

	send_unsigned(s, m);
	if (s->first) {
		put(&s->under, key_name, sizeof(key_name));
		put(&s->under, "\0\377\0\0\0\0", 6);
		put_algorithm(&s->under, "hmac-sha256");
	}
	put(&s->under, timers, sizeof(timers));
	if (s->first)
		put(&s->under, "\0\0\0\0", 4);
	hmac256(&mac, &s->under);
	sig.mac = mac.bytes;
	sig.mac_len = mac.len;
	put_tsig(m, &sig);
	s->under.len = 0;
	s->first = false;
	put_prior(&s->under, &mac);
}

static enum tsig_result
take(struct tsig_stream *stream, const struct message *m)
{
	struct tsig_detail d;

	return tsig_stream_message(stream, m->octets, m->len, NOW, &d);
}

struct streaming {
	struct tsig_key *key;
	struct tsig_stream *stream;
	struct sender sender;
	struct message m;
};

static void
streaming_begin(struct streaming *s)
{
	struct tsig_mac request;

	mac_from(&request, vectors[0].request);
	s->key = key_of("hmac-sha256");
	s->stream = tsig_stream_new(s->key, &request);
	assert_non_null(s->stream);
	sender_begin(&s->sender, &request);
}

static void
streaming_end(struct streaming *s)
{
	tsig_stream_free(s->stream);
	tsig_key_free(s->key);
}

static void
stream_of_the_vectors_is_verified(void **state)
{
	struct streaming s;

	(void)state;
	streaming_begin(&s);
	answer_begin(&s.m, 0);
	put_tsig_hex(&s.m, "hmac-sha256", vectors[0].answer);
	assert_int_equal(take(s.stream, &s.m), TSIG_OK);
	answer_begin(&s.m, 0);
	assert_int_equal(take(s.stream, &s.m), TSIG_UNSIGNED);
	put_tsig_hex(&s.m, "hmac-sha256", STREAM_2);
	assert_int_equal(take(s.stream, &s.m), TSIG_OK);
	streaming_end(&s);
}

static void
first_message_of_a_stream_must_be_signed(void **state)
{
	struct streaming s;

	(void)state;
	streaming_begin(&s);
	send_unsigned(&s.sender, &s.m);
	assert_int_equal(take(s.stream, &s.m), TSIG_MISSING);
	send_signed(&s.sender, &s.m);
	assert_int_equal(take(s.stream, &s.m), TSIG_MISSING); /* it stays */
	streaming_end(&s);
}

static void
stream_with_99_unsigned_messages_is_verified_and_100_not(void **state)
{
	struct streaming s;

	(void)state;
	streaming_begin(&s);
	send_signed(&s.sender, &s.m);
	assert_int_equal(take(s.stream, &s.m), TSIG_OK);
	for (int round = 0; round < 2; round++) { /* counted anew each time */
		for (int i = 0; i < 99; i++) {
			send_unsigned(&s.sender, &s.m);
			assert_int_equal(take(s.stream, &s.m), TSIG_UNSIGNED);
		}
		send_signed(&s.sender, &s.m);
		assert_int_equal(take(s.stream, &s.m), TSIG_OK);
	}
	for (int i = 0; i < 99; i++) {
		send_unsigned(&s.sender, &s.m);
		assert_int_equal(take(s.stream, &s.m), TSIG_UNSIGNED);
	}
	send_unsigned(&s.sender, &s.m);
	assert_int_equal(take(s.stream, &s.m), TSIG_MISSING);
	streaming_end(&s);
}

/* `lost`, 0..3: which of four messages does not arrive. */
static enum tsig_result
stream_without(int lost)
{
	enum tsig_result result = TSIG_OK;
	struct streaming s;

	streaming_begin(&s);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			send_unsigned(&s.sender, &s.m);
		else
			send_signed(&s.sender, &s.m);
		if (i != lost)
			result = take(s.stream, &s.m);
	}
	streaming_end(&s);
	return result;
}

static void
no_message_can_be_left_out_of_a_stream(void **state)
{
	(void)state;
	assert_int_equal(stream_without(-1), TSIG_OK);
	assert_int_equal(stream_without(0), TSIG_BADSIG);
	assert_int_equal(stream_without(1), TSIG_BADSIG);
	assert_int_equal(stream_without(2), TSIG_BADSIG);
}

/* The second signed message with one bit changed: another stream each. */
static void
no_octet_of_a_later_message_can_be_changed(void **state)
{
	struct streaming s;
	size_t len = 1;

	(void)state;
	for (size_t at = 0; at < len * 8; at++) {
		unsigned bit = 1U << at % 8;

		streaming_begin(&s);
		send_signed(&s.sender, &s.m);
		assert_int_equal(take(s.stream, &s.m), TSIG_OK);
		send_signed(&s.sender, &s.m);
		len = s.m.len;
		if (!only_case(&s.m, at / 8, bit)) {
			s.m.octets[at / 8] ^= (uint8_t)bit;
			if (take(s.stream, &s.m) == TSIG_OK)
				fail_msg("octet %zu, bit %#x", at / 8, bit);
		}
		streaming_end(&s);
	}
}

/* From the second message on, neither is under the MAC. */
static void
error_and_other_data_of_a_later_message_are_refused(void **state)
{
	static const struct {
		unsigned error;
		size_t other_len;
		enum tsig_result want;
	} cases[] = { { 0, 0, TSIG_OK }, { 0, 6, TSIG_MALFORMED },
		{ 18, 6, TSIG_MALFORMED }, { 16, 0, TSIG_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct signature sig = { .algorithm = "hmac-sha256",
			.error = cases[i].error,
			.other = query,
			.other_len = cases[i].other_len };
		struct streaming s;
		struct tsig_mac mac;

		streaming_begin(&s);
		send_signed(&s.sender, &s.m);
		assert_int_equal(take(s.stream, &s.m), TSIG_OK);
		send_signed(&s.sender, &s.m);
		mac.len = 32; /* it stands before original ID and tail */
		memcpy(mac.bytes, s.m.octets + s.m.len - 6 - mac.len, mac.len);
		answer_begin(&s.m, 0);
		sig.mac = mac.bytes;
		sig.mac_len = mac.len;
		put_tsig(&s.m, &sig);
		assert_int_equal(take(s.stream, &s.m), cases[i].want);
		streaming_end(&s);
	}
}

/* ---- key files ------------------------------------------------------------
 */

static const struct {
	const char *text, *why; /* NULL: a good one */
} files[] = {
	{ "key \"k.test\" {\n\talgorithm hmac-sha256;\n\tsecret "
	  "\"c2Vj\";\n};\n",
	    NULL },
	{ "key k.test{secret c2Vj;algorithm \"HMAC-SHA512\";};", NULL },
	{ "# a\n// b\n/* c\n * d */ key/**/k.test # e\n{ algorithm "
	  "hmac-sha384; secret \"c2Vj\"; };\n# end",
	    NULL },
	{ "", "line 1: key \"NAME\" wanted" },
	{ "/* key", "line 1: a comment is not closed" },
	{ "kay k { };", "line 1: key \"NAME\" wanted" },
	{ "key { };", "line 1: the key's name is wanted here" },
	{ "key \"k k\" { };", "line 1: the key's name is no domain name" },
	{ "key \"k", "line 1: a quoted word is not closed" },
	{ "key k\nalgorithm", "line 2: \"{\" wanted" },
	{ "key k {\n\nalgorithm hmac-md5; };",
	    "line 3: the algorithm must be hmac-sha256, hmac-sha384 or "
	    "hmac-sha512" },
	{ "key k { algorithm ; };", "line 1: a value is wanted here" },
	{ "key k { algorithm hmac-sha256 }", "line 1: \";\" wanted" },
	{ "key k { port 3; };", "line 1: \"algorithm\" or \"secret\" wanted" },
	{ "key k { algorithm hmac-sha256; algorithm hmac-sha256;",
	    "line 1: a second algorithm" },
	{ "key k { secret c2Vj; secret c2Vj;", "line 1: a second secret" },
	{ "key k { secret c2Vj; };",
	    "line 1: a key has an algorithm and a secret" },
	{ "key k { algorithm hmac-sha256; };",
	    "line 1: a key has an algorithm and a secret" },
	{ "key k { algorithm hmac-sha256; secret c2Vj; }",
	    "line 1: \";\" wanted" },
	{ "key k { algorithm hmac-sha256; secret c2Vj; }; key",
	    "line 1: one key and nothing else is wanted" },
};

static void
key_files_are_read_or_refused_with_a_reason(void **state)
{
	char why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct tsig_key *key = tsig_key_parse(
		    files[i].text, strlen(files[i].text), why, sizeof(why));

		if ((key != NULL) != (files[i].why == NULL))
			fail_msg("%s: %s", files[i].text,
			    key != NULL ? "accepted" : why);
		if (key == NULL)
			assert_string_equal(why, files[i].why);
		else
			assert_string_equal(tsig_key_name(key), "k.test");
		tsig_key_free(key);
	}
}

static void
every_prefix_of_a_key_file_is_refused(void **state)
{
	char why[256];
	size_t len = strlen(files[1].text);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		char *copy = malloc(n > 0 ? n : 1);

		assert_non_null(copy);
		memcpy(copy, files[1].text, n);
		assert_null(tsig_key_parse(copy, n, why, sizeof(why)));
		free(copy);
	}
}

static void
secrets_are_strict_base64(void **state)
{
	static const char *const bad[] = { "c2V", "c2Vj=", "c2V=j2Vj", "=c2V",
		"c===", "c2Vj====", "c2V!", "c2-_", "c2V\xc3",
		"YW==Yg==", "Yh==", "YWJ=", "" };
	char text[128], why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int n = snprintf(text, sizeof(text),
		    "key k { algorithm hmac-sha256; secret \"%s\"; };", bad[i]);

		if (tsig_key_parse(text, (size_t)n, why, sizeof(why)) != NULL)
			fail_msg("accepted the secret \"%s\"", bad[i]);
		assert_string_equal(
		    why, "line 1: the secret is not base64, or too long");
	}
}

/* 684 characters are 513 octets, one too many; 680 are 510. */
static int
parse_secret_of(size_t characters)
{
	char text[2048], secret[1025], why[256];
	struct tsig_key *key;
	int n;

	memset(secret, 'A', sizeof(secret));
	secret[characters] = '\0';
	n = snprintf(text, sizeof(text),
	    "key k { algorithm hmac-sha256; secret \"%s\"; };", secret);
	key = tsig_key_parse(text, (size_t)n, why, sizeof(why));
	tsig_key_free(key);
	return key != NULL ? 0 : -1;
}

static void
secret_over_512_octets_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse_secret_of(680), 0);
	assert_int_equal(parse_secret_of(684), -1);
	assert_int_equal(parse_secret_of(1024), -1);
}

/* ---- the file itself ------------------------------------------------------
 */

/* Reads a file with the text of files[0] and that mode, and removes it. */
static bool
read_with_mode(mode_t mode, size_t size, char *why, size_t why_size)
{
	char path[] = "/tmp/test_tsig.XXXXXX";
	int fd = mkstemp(path);
	struct tsig_key *key;
	bool read;

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, files[0].text, strlen(files[0].text)),
	    strlen(files[0].text));
	if (size > 0)
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	key = tsig_key_read(path, why, why_size);
	unlink(path);
	read = key != NULL;
	tsig_key_free(key);
	return read;
}

static void
key_file_that_others_may_use_is_refused(void **state)
{
	char why[256];

	(void)state;
	assert_true(read_with_mode(0600, 0, why, sizeof(why)));
	for (mode_t bit = 1; bit <= 0040; bit <<= 1) {
		assert_false(read_with_mode(0600 | bit, 0, why, sizeof(why)));
		assert_non_null(strstr(why, "group or others may use it"));
	}
}

static void
key_file_over_16_KiB_is_refused(void **state)
{
	char why[256];

	(void)state;
	assert_false(read_with_mode(0600, 16385, why, sizeof(why)));
	assert_non_null(strstr(why, "too large for a key file"));
}

static void
what_is_no_regular_file_is_refused_without_waiting(void **state)
{
	char directory[] = "/tmp/test_tsig.XXXXXX", fifo[64], why[256];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(fifo, sizeof(fifo), "%s/fifo", directory);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(tsig_key_read(fifo, why, sizeof(why)));
	assert_non_null(strstr(why, "not a regular file"));
	assert_null(tsig_key_read(directory, why, sizeof(why)));
	assert_non_null(strstr(why, "not a regular file"));
	unlink(fifo);
	assert_null(tsig_key_read(fifo, why, sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
	rmdir(directory);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_signed_as_the_vectors),
		cmocka_unit_test(
		    request_without_room_for_its_signature_is_refused),
		cmocka_unit_test(answer_of_the_vectors_is_verified),
		cmocka_unit_test(no_octet_of_an_answer_can_be_changed),
		cmocka_unit_test(no_prefix_of_an_answer_is_verified),
		cmocka_unit_test(answer_counts_within_its_fudge_only),
		cmocka_unit_test(badtime_answer_tells_how_the_clocks_differ),
		cmocka_unit_test(
		    unsigned_error_answers_are_told_apart_and_not_believed),
		cmocka_unit_test(
		    other_keys_algorithms_and_mac_sizes_are_refused),
		cmocka_unit_test(
		    message_without_tsig_is_unsigned_and_misplaced_tsig_malformed),
		cmocka_unit_test(stream_of_the_vectors_is_verified),
		cmocka_unit_test(first_message_of_a_stream_must_be_signed),
		cmocka_unit_test(
		    stream_with_99_unsigned_messages_is_verified_and_100_not),
		cmocka_unit_test(no_message_can_be_left_out_of_a_stream),
		cmocka_unit_test(no_octet_of_a_later_message_can_be_changed),
		cmocka_unit_test(
		    error_and_other_data_of_a_later_message_are_refused),
		cmocka_unit_test(key_files_are_read_or_refused_with_a_reason),
		cmocka_unit_test(every_prefix_of_a_key_file_is_refused),
		cmocka_unit_test(secrets_are_strict_base64),
		cmocka_unit_test(secret_over_512_octets_is_refused),
		cmocka_unit_test(key_file_that_others_may_use_is_refused),
		cmocka_unit_test(key_file_over_16_KiB_is_refused),
		cmocka_unit_test(
		    what_is_no_regular_file_is_refused_without_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
