/*
 * Owns the rules of TSIG: what a MAC is over, and when a signed message may be
 * believed (RFC 8945). Must not know the clock, nor where messages go or come
 * from.
 *
 * Stricter than the RFC where nothing is lost by it: MACs come untruncated,
 * and the original ID is the message's, for no forwarder stands between us
 * and a primary. So every octet of an answer is vouched for.
 */
#include "tsig.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "tsig_key.h"
#include "tsig_rr.h"

enum {
	FUDGE = 300,
	UNSIGNED_MAX = 99, /* RFC 8945 5.3.1 */
	HEADER_LEN = 12,
	ARCOUNT_AT = 10,
};

const char *const tsig_result_names[TSIG__COUNT] = {
	[TSIG_OK] = "ok",
	[TSIG_UNSIGNED] = "unsigned",
	[TSIG_BADKEY] = "BADKEY",
	[TSIG_BADSIG] = "BADSIG",
	[TSIG_BADTIME] = "BADTIME",
	[TSIG_MALFORMED] = "malformed",
	[TSIG_MISSING] = "signature missing",
	[TSIG_NO_MEMORY] = "out of memory",
};

/* ---- what the MAC is over (RFC 8945 4.3, 5.3.1) ---------------------------
 */

static bool
mac_put(EVP_MAC_CTX *mac, const void *bytes, size_t n)
{
	return n == 0 || EVP_MAC_update(mac, bytes, n) == 1;
}

static bool
mac_put_u16(EVP_MAC_CTX *mac, size_t v)
{
	uint8_t bytes[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	return mac_put(mac, bytes, sizeof(bytes));
}

/* `prior`: the request's MAC or the one before in a stream; NULL: a request. */
static EVP_MAC_CTX *
mac_begin(const struct tsig_key *key, const struct tsig_mac *prior)
{
	EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(key->keyed);

	if (mac != NULL && prior != NULL &&
	    (!mac_put_u16(mac, prior->len) ||
		!mac_put(mac, prior->bytes, prior->len))) {
		EVP_MAC_CTX_free(mac);
		return NULL;
	}
	return mac;
}

/* The message as it was before its TSIG RR was added. */
static bool
mac_put_message(EVP_MAC_CTX *mac, const uint8_t *msg, const struct tsig_rr *t)
{
	unsigned ar = (unsigned)msg[ARCOUNT_AT] << 8 | msg[ARCOUNT_AT + 1];

	return mac_put(mac, msg, ARCOUNT_AT) && mac_put_u16(mac, ar - 1) &&
	    mac_put(mac, msg + HEADER_LEN, t->start - HEADER_LEN);
}

static bool
mac_put_variables(EVP_MAC_CTX *mac, const struct tsig_key *key,
    const uint8_t *timers, const uint8_t *tail, size_t tail_len)
{
	static const uint8_t class_any_ttl_0[] = { 0, 255, 0, 0, 0, 0 };

	return mac_put(mac, key->name.wire, key->name.len) &&
	    mac_put(mac, class_any_ttl_0, sizeof(class_any_ttl_0)) &&
	    mac_put(mac, key->algorithm_name.wire, key->algorithm_name.len) &&
	    mac_put(mac, timers, TSIG_TIMERS_LEN) &&
	    mac_put(mac, tail, tail_len);
}

static bool
mac_end(EVP_MAC_CTX *mac, const struct tsig_key *key, struct tsig_mac *out)
{
	bool fine =
	    EVP_MAC_final(mac, out->bytes, &out->len, sizeof(out->bytes)) == 1;

	return fine && out->len == key->algorithm->mac_len;
}

/* ---- signing --------------------------------------------------------------
 */

static bool
request_mac(const struct tsig_key *key, const uint8_t *msg, size_t len,
    const uint8_t *timers, struct tsig_mac *out)
{
	static const uint8_t tail[TSIG_TAIL_LEN] = { 0 };
	EVP_MAC_CTX *mac = mac_begin(key, NULL);
	bool fine = mac != NULL && mac_put(mac, msg, len) &&
	    mac_put_variables(mac, key, timers, tail, sizeof(tail)) &&
	    mac_end(mac, key, out);

	EVP_MAC_CTX_free(mac);
	return fine;
}

int
tsig_sign(const struct tsig_key *key, uint8_t *msg, size_t *len, size_t size,
    uint64_t now, struct tsig_mac *mac_r)
{
	uint8_t timers[TSIG_TIMERS_LEN];
	struct tsig_rr t = {
		.key = key->name,
		.algorithm = key->algorithm_name,
		.timers = timers,
		.mac = mac_r->bytes,
	};

	assert(*len >= HEADER_LEN && *len <= size);
	tsig_timers_put(timers, (int64_t)now, FUDGE);
	if (!request_mac(key, msg, *len, timers, mac_r))
		return -1;
	t.mac_len = mac_r->len;
	t.original_id = (unsigned)msg[0] << 8 | msg[1];
	return tsig_rr_put(&t, msg, len, size);
}

/* ---- verifying (RFC 8945 5.2, 5.3.2, 5.4) ---------------------------------
 */

/* Before any MAC is computed: can this be an answer signed with our key? */
static enum tsig_result
check_form(const struct tsig_key *key, const uint8_t *msg,
    const struct tsig_rr *t, struct tsig_detail *d)
{
	unsigned id = (unsigned)msg[0] << 8 | msg[1];

	if (t->mac_len == 0)
		d->error = t->error;
	/* Unsigned: a hint for the log, and nothing that one may believe. */
	if (t->mac_len == 0 && t->error == TSIG_ERROR_BADKEY)
		return TSIG_BADKEY;
	if (!dns_name_equal(&t->key, &key->name) ||
	    !dns_name_equal(&t->algorithm, &key->algorithm_name))
		return TSIG_BADKEY;
	if (t->mac_len != key->algorithm->mac_len)
		return TSIG_BADSIG;
	return t->original_id == id ? TSIG_OK : TSIG_MALFORMED;
}

static enum tsig_result
check_mac(EVP_MAC_CTX *mac, const struct tsig_key *key, const struct tsig_rr *t)
{
	struct tsig_mac own;

	if (!mac_end(mac, key, &own))
		return TSIG_NO_MEMORY;
	return CRYPTO_memcmp(own.bytes, t->mac, own.len) == 0 ? TSIG_OK
							      : TSIG_BADSIG;
}

/* What a message with the right MAC says about the request, and its age. */
static enum tsig_result
check_time(const struct tsig_rr *t, uint64_t now, struct tsig_detail *d)
{
	d->error = t->error;
	d->skew = t->signed_at - (int64_t)now;
	if (t->error == TSIG_ERROR_BADTIME) {
		if (t->other_len != TSIG_TIME_LEN)
			return TSIG_MALFORMED;
		d->skew = tsig_time_get(t->tail + TSIG_TAIL_LEN) - (int64_t)now;
		return TSIG_BADTIME;
	}
	if (t->error != TSIG_ERROR_NONE)
		return TSIG_BADSIG;
	return llabs(d->skew) <= t->fudge ? TSIG_OK : TSIG_BADTIME;
}

enum tsig_result
tsig_verify(const struct tsig_key *key, const uint8_t *msg, size_t len,
    const struct tsig_mac *request, uint64_t now, struct tsig_detail *d)
{
	EVP_MAC_CTX *mac;
	struct tsig_rr t;
	enum tsig_result result;

	*d = (struct tsig_detail){ 0 };
	if ((result = tsig_rr_find(msg, len, &t)) != TSIG_OK ||
	    (result = check_form(key, msg, &t, d)) != TSIG_OK)
		return result;
	mac = mac_begin(key, request);
	if (mac == NULL || !mac_put_message(mac, msg, &t) ||
	    !mac_put_variables(
		mac, key, t.timers, t.tail, TSIG_TAIL_LEN + t.other_len))
		result = TSIG_NO_MEMORY;
	else
		result = check_mac(mac, key, &t);
	EVP_MAC_CTX_free(mac);
	return result == TSIG_OK ? check_time(&t, now, d) : result;
}

/* ---- streams (RFC 8945 5.3.1) ---------------------------------------------
 */

struct tsig_stream {
	const struct tsig_key *key;
	struct tsig_mac prior;
	EVP_MAC_CTX *mac; /* over all since `prior`; NULL: not begun */
	unsigned unsigned_n;
	bool first;
	enum tsig_result failed; /* stays, once it is not TSIG_OK */
};

struct tsig_stream *
tsig_stream_new(const struct tsig_key *key, const struct tsig_mac *request)
{
	struct tsig_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->key = key;
	s->prior = *request;
	s->first = true;
	return s;
}

void
tsig_stream_free(struct tsig_stream *s)
{
	if (s == NULL)
		return;
	EVP_MAC_CTX_free(s->mac);
	free(s);
}

static enum tsig_result
stream_unsigned(struct tsig_stream *s, const uint8_t *msg, size_t len)
{
	if (s->first || ++s->unsigned_n > UNSIGNED_MAX)
		return TSIG_MISSING;
	return mac_put(s->mac, msg, len) ? TSIG_UNSIGNED : TSIG_NO_MEMORY;
}

/*
 * From the second on only the timers are under the MAC: then an error or other
 * data could have been put there by anyone.
 */
static enum tsig_result
stream_signed(
    struct tsig_stream *s, const uint8_t *msg, const struct tsig_rr *t)
{
	bool fine = mac_put_message(s->mac, msg, t);

	if (!s->first && (t->error != TSIG_ERROR_NONE || t->other_len != 0))
		return TSIG_MALFORMED;
	if (s->first)
		fine = fine &&
		    mac_put_variables(s->mac, s->key, t->timers, t->tail,
			TSIG_TAIL_LEN + t->other_len);
	else
		fine = fine && mac_put(s->mac, t->timers, TSIG_TIMERS_LEN);
	return fine ? check_mac(s->mac, s->key, t) : TSIG_NO_MEMORY;
}

static enum tsig_result
stream_take(struct tsig_stream *s, const uint8_t *msg, size_t len, uint64_t now,
    struct tsig_detail *d)
{
	struct tsig_rr t;
	enum tsig_result result = tsig_rr_find(msg, len, &t);

	if (s->mac == NULL && (s->mac = mac_begin(s->key, &s->prior)) == NULL)
		return TSIG_NO_MEMORY;
	if (result == TSIG_UNSIGNED)
		return stream_unsigned(s, msg, len);
	if (result != TSIG_OK ||
	    (result = check_form(s->key, msg, &t, d)) != TSIG_OK ||
	    (result = stream_signed(s, msg, &t)) != TSIG_OK ||
	    (result = check_time(&t, now, d)) != TSIG_OK)
		return result;
	s->first = false;
	s->unsigned_n = 0;
	s->prior.len = t.mac_len;
	memcpy(s->prior.bytes, t.mac, t.mac_len);
	EVP_MAC_CTX_free(s->mac);
	s->mac = NULL;
	return TSIG_OK;
}

enum tsig_result
tsig_stream_message(struct tsig_stream *s, const uint8_t *msg, size_t len,
    uint64_t now, struct tsig_detail *d)
{
	enum tsig_result result;

	*d = (struct tsig_detail){ 0 };
	if (s->failed != TSIG_OK)
		return s->failed;
	result = stream_take(s, msg, len, now, d);
	if (result != TSIG_OK && result != TSIG_UNSIGNED)
		s->failed = result;
	return result;
}
