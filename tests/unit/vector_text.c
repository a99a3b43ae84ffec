/* Vectors of IDs, domains, addresses, dates and records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/date_time.h"
#include "common/message_id.h"
#include "common/record.h"
#include "tests/unit/vector.h"

/* ---- IDs, domains, addresses ---- */

bool
vector_make_id(const struct vector *v)
{
	uint8_t random[MESSAGE_ID_RANDOM];
	struct message_id id;

	for (size_t i = 0; i < sizeof(random); i++) {
		unsigned octet;

		if (sscanf(v->f[0].p + 2 * i, "%2x", &octet) != 1)
			return false;
		random[i] = (uint8_t)octet;
	}
	message_id_make(&id, random, "domain.com");
	return same(&v->f[1], id.label);
}

bool
vector_id(const struct vector *v)
{
	struct message_id id;

	return message_id_parse(&id, v->f[0].p, v->f[0].n) &&
	    same(&v->f[1], id.label) && same(&v->f[2], id.domain);
}

bool
vector_id_refused(const struct vector *v)
{
	struct message_id id;

	return !message_id_parse(&id, v->f[0].p, v->f[0].n);
}

bool
vector_domain(const struct vector *v)
{
	char normal[DOMAIN_MAX];

	return domain_normal(normal, v->f[0].p, v->f[0].n) &&
	    same(&v->f[1], normal);
}

bool
vector_domain_refused(const struct vector *v)
{
	char normal[DOMAIN_MAX];

	return !domain_normal(normal, v->f[0].p, v->f[0].n);
}

static bool
spec(struct address *a, const struct field *f)
{
	return address_from_spec(a, f->p, f->n) == ADDRESS_OK;
}

/* In both directions, and the normal forms are the same if they are. */
static bool
are_equal(const struct vector *v, bool expected)
{
	struct address a, b;
	char x[ADDRESS_MAX], y[ADDRESS_MAX];

	return spec(&a, &v->f[0]) && spec(&b, &v->f[1]) &&
	    address_equal(&a, &b) == expected &&
	    address_equal(&b, &a) == expected &&
	    (strcmp(address_normal(&a, x), address_normal(&b, y)) == 0) ==
	    expected;
}

bool
vector_equal(const struct vector *v)
{
	return are_equal(v, true);
}

bool
vector_unequal(const struct vector *v)
{
	return are_equal(v, false);
}

bool
vector_author(const struct vector *v)
{
	struct address a;
	char text[ADDRESS_MAX];

	return address_from_header(&a, v->f[0].p, v->f[0].n) == ADDRESS_OK &&
	    same(&v->f[1], address_text(&a, text));
}

bool
vector_author_refused(const struct vector *v)
{
	struct address a;

	return address_from_header(&a, v->f[0].p, v->f[0].n) != ADDRESS_OK;
}

/* ---- dates and records ---- */

static bool
is_seconds(const struct field *f, time_t t)
{
	return strtoll(f->p, NULL, 10) == (long long)t;
}

bool
vector_date(const struct vector *v)
{
	time_t t;

	return date_time_parse(v->f[0].p, v->f[0].n, &t) &&
	    is_seconds(&v->f[1], t);
}

bool
vector_date_refused(const struct vector *v)
{
	time_t t;

	return !date_time_parse(v->f[0].p, v->f[0].n, &t);
}

static const char *
shown_to(const struct record *r, char buf[ADDRESS_MAX])
{
	if (!r->blinded)
		return address_text(&r->to, buf);
	snprintf(buf, ADDRESS_MAX, "#%s", r->blind);
	return buf;
}

bool
vector_record(const struct vector *v)
{
	struct record r;
	char text[ADDRESS_MAX];

	return record_get(&r, v->f[0].p, v->f[0].n) &&
	    same(&v->f[1], shown_to(&r, text)) &&
	    same(&v->f[2], address_text(&r.from, text)) &&
	    is_seconds(&v->f[3], r.date) &&
	    (v->n < 5 ? r.bind[0] == '\0' : same(&v->f[4], r.bind));
}

bool
vector_written(const struct vector *v)
{
	struct record r = { 0 };
	const struct field *to = &v->f[1];
	char text[RECORD_TEXT_MAX];

	r.blinded = memchr(to->p, '@', to->n) == NULL;
	if (r.blinded)
		snprintf(r.blind, sizeof(r.blind), "%s", to->p + 1);
	else if (!spec(&r.to, to))
		return false;
	if (!spec(&r.from, &v->f[2]))
		return false;
	r.date = (time_t)strtoll(v->f[3].p, NULL, 10);
	if (v->n == 5)
		snprintf(r.bind, sizeof(r.bind), "%s", v->f[4].p);
	return record_put(text, &r) == v->f[0].n && same(&v->f[0], text) &&
	    vector_record(v);
}

bool
vector_record_refused(const struct vector *v)
{
	struct record r;

	return !record_get(&r, v->f[0].p, v->f[0].n);
}

bool
vector_blind(const struct vector *v)
{
	struct address a;
	char digest[RECORD_DIGEST_TEXT];

	if (!spec(&a, &v->f[1]))
		return false;
	record_blind(digest, v->f[0].p, &a);
	return same(&v->f[2], digest);
}
