/* Vectors of content, servers, wishes and Authentication-Results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "common/auth_results.h"
#include "common/canon.h"
#include "tests/unit/vector.h"
#include "verifyd/reach.h"
#include "verifyd/server_list.h"
#include "verifyd/wish.h"

enum { STRING_MAX = 255 };

/* ---- content ---- */

/* The body comes whole, and octet by octet. */
static bool
binds(const char *const values[CANON_FIELDS],
    const size_t lengths[CANON_FIELDS], const struct field *content,
    const struct field *expected)
{
	struct canon *c = canon_new();
	const uint8_t *octets = (const uint8_t *)content->p;
	char whole[44], pieces[44];

	assert_non_null(c);
	canon_header(c, values, lengths);
	canon_body(c, octets, content->n);
	canon_end(c, whole);
	canon_header(c, values, lengths);
	for (size_t i = 0; i < content->n; i++)
		canon_body(c, octets + i, 1);
	canon_end(c, pieces);
	canon_free(c);
	return same(expected, whole) && same(expected, pieces);
}

/* The third field is the digest of the second alone. */
static bool
is_digest_of(const struct field *canonical, const struct field *expected)
{
	unsigned char digest[32], base64[45];

	return EVP_Digest(canonical->p, canonical->n, digest, NULL,
		   EVP_sha256(), NULL) == 1 &&
	    EVP_EncodeBlock(base64, digest, sizeof(digest)) == 44 &&
	    same(expected, (const char *)base64);
}

bool
vector_body(const struct vector *v)
{
	static const char *const values[CANON_FIELDS] = { NULL };
	static const size_t lengths[CANON_FIELDS] = { 0 };

	return is_digest_of(&v->f[1], &v->f[2]) &&
	    binds(values, lengths, &v->f[0], &v->f[3]);
}

/* Into its place, if it has one and is the first there. */
static void
take(const char *values[CANON_FIELDS], size_t lengths[CANON_FIELDS],
    const char *name, size_t name_len, const struct field *value)
{
	for (size_t i = 0; i < CANON_FIELDS; i++)
		if (strlen(canon_field_names[i]) == name_len &&
		    strncasecmp(canon_field_names[i], name, name_len) == 0 &&
		    values[i] == NULL) {
			values[i] = value->p;
			lengths[i] = value->n;
		}
}

bool
vector_one_field(const struct vector *v)
{
	const char *values[CANON_FIELDS] = { NULL };
	size_t lengths[CANON_FIELDS] = { 0 };
	const struct field none = { .p = v->f[0].p, .n = 0 };

	take(values, lengths, v->f[0].p, v->f[0].n, &v->f[1]);
	return binds(values, lengths, &none, &v->f[3]);
}

/* To the CRLF that no white space follows. */
static char *
field_end(char *p)
{
	while ((p = strstr(p, "\r\n")) != NULL && (p[2] == ' ' || p[2] == '\t'))
		p += 2;
	assert_non_null(p);
	return p;
}

bool
vector_message(const struct vector *v)
{
	const char *values[CANON_FIELDS] = { NULL };
	size_t lengths[CANON_FIELDS] = { 0 };
	char *p = v->f[0].p;
	struct field rest;

	while (strncmp(p, "\r\n", 2) != 0) {
		char *colon = strchr(p, ':'), *end = field_end(p);
		size_t name = strcspn(p, ": \t");
		struct field value;

		assert_true(colon != NULL && colon < end);
		value.p = colon + 1;
		value.n = (size_t)(end - value.p);
		take(values, lengths, p, name, &value);
		p = end + 2;
	}
	rest.p = p + 2;
	rest.n = (size_t)(v->f[0].p + v->f[0].n - rest.p);
	return binds(values, lengths, &rest, &v->f[2]);
}

/* ---- servers ---- */

static void
shown_list(const struct server_list *list, char *buf, size_t size)
{
	char one[NET_ADDRESS_TEXT_MAX];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s",
		    i > 0 ? " " : "", net_address_text(&list->v[i], one));
}

bool
vector_servers(const struct vector *v)
{
	struct server_list list = { 0 };
	uint8_t rdata[FIELDS_MAX * (1 + STRING_MAX)];
	char text[SERVER_LIST_MAX * NET_ADDRESS_TEXT_MAX];
	size_t n = 0;

	for (size_t i = 1; i < v->n; i++) {
		const struct field *string = &v->f[i];

		if (same(string, "/")) {
			server_list_add(&list, rdata, n);
			n = 0;
			continue;
		}
		assert_true(string->n <= STRING_MAX);
		rdata[n++] = (uint8_t)string->n;
		memcpy(rdata + n, string->p, string->n);
		n += string->n;
	}
	server_list_add(&list, rdata, n);
	shown_list(&list, text, sizeof(text));
	return list.takes_part && same(&v->f[0], text);
}

static bool
may_ask(const struct vector *v, bool expected)
{
	static const struct networks nothing;
	static const struct net_addresses own;
	uint16_t port = 53;
	const struct ports ports = { &port, 1 };
	const struct reach reach = { &nothing, &ports, &own };
	struct net_address a;

	return net_address_parse(&a, v->f[0].p, v->f[0].n) == 0 &&
	    (reach_check(&reach, &a) == REACH_OK) == expected;
}

bool
vector_ask(const struct vector *v)
{
	return may_ask(v, true);
}

bool
vector_ask_never(const struct vector *v)
{
	return may_ask(v, false);
}

/* ---- Authentication-Results ---- */

bool
vector_results(const struct vector *v)
{
	enum auth_dnsmail said = auth_results_dnsmail(v->f[0].p, v->f[0].n);

	return auth_results_is_ours(v->f[0].p, v->f[0].n, v->f[1].p) &&
	    same(&v->f[2], auth_dnsmail_names[said]);
}

bool
vector_results_foreign(const struct vector *v)
{
	return !auth_results_is_ours(v->f[0].p, v->f[0].n, v->f[1].p);
}

/* ---- wishes ---- */

static bool
says(const struct field *f, enum wish_word word)
{
	static const char *const names[WISH__COUNT] = {
		[WISH_NONE] = "none",
		[WISH_QUARANTINE] = "quarantine",
		[WISH_REJECT] = "reject",
	};

	return same(f, names[word]);
}

bool
vector_wish(const struct vector *v)
{
	struct wish wish = { 0 };

	for (size_t i = 2; i < v->n; i++)
		wish_add(&wish, v->f[i].p, v->f[i].n);
	return says(&v->f[0], wish.missing) && says(&v->f[1], wish.fail);
}
