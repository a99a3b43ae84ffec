/*
 * Message records (protocol.md 2.2). The texts are written out by hand; the
 * blinded forms were made with
 *   printf '%s' LABEL:ADDRESS | openssl dgst -sha256 -binary | basenc
 * --base64url
 */
#include "common/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define DATE "Tue, 24 Nov 2026 04:10:40 +0000"
enum { DATE_SECONDS = 1795493440 };
#define DIGEST "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8"
/* of "kq37a:claire@nonprofit.org" */
#define BLIND_CLAIRE "MYI8Xz4kvH5Qm0b4j8Sj9YEQo05cpBt7DDhXIbIBL-U"
#define TO_FROM      "To:claire@nonprofit.org*From:martha@domain.com"

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_from_spec(&a, text, strlen(text)), ADDRESS_OK);
	return a;
}

static void
record_is_written_as_the_protocol_says(void **state)
{
	struct record r = { .date = DATE_SECONDS };
	char text[RECORD_TEXT_MAX];

	(void)state;
	r.to = address("claire@nonprofit.org");
	r.from = address("martha@domain.com");
	assert_int_equal(record_put(text, &r), strlen(TO_FROM "*date=" DATE));
	assert_string_equal(text, TO_FROM "*date=" DATE);

	strcpy(r.bind, DIGEST);
	record_put(text, &r);
	assert_string_equal(text, TO_FROM "*date=" DATE "*bind=" DIGEST);

	r.blinded = true;
	strcpy(r.blind, DIGEST);
	r.bind[0] = '\0';
	record_put(text, &r);
	assert_string_equal(
	    text, "To:#" DIGEST "*From:martha@domain.com*date=" DATE);
}

static void
longest_record_fits_its_buffer_and_is_read_back(void **state)
{
	struct record r = { .date = DATE_SECONDS, .bind = DIGEST }, back;
	char text[RECORD_TEXT_MAX];
	size_t n;

	(void)state;
	memset(r.to.local, '*', sizeof(r.to.local) - 1);
	memset(r.to.domain, 'd', sizeof(r.to.domain) - 1);
	for (size_t i = 60; i < sizeof(r.to.domain) - 1; i += 61)
		r.to.domain[i] = '.';
	r.from = r.to;
	n = record_put(text, &r);
	assert_true(n < RECORD_TEXT_MAX);
	assert_true(record_get(&back, text, n));
	assert_true(address_equal(&back.to, &r.to));
	assert_true(address_equal(&back.from, &r.from));
	assert_string_equal(back.bind, DIGEST);
}

/* A "*" in an address never splits, wherever it stands. */
static void
reader_finds_addresses_date_and_binding(void **state)
{
	static const struct {
		const char *text, *to, *from, *bind;
	} rows[] = {
		{ TO_FROM "*date=" DATE, "claire@nonprofit.org",
		    "martha@domain.com", "" },
		{ TO_FROM "*date=" DATE "*bind=" DIGEST, "claire@nonprofit.org",
		    "martha@domain.com", DIGEST },
		{ TO_FROM "*date=" DATE "*x=*bind=" DIGEST "*y-z=1*2",
		    "claire@nonprofit.org", "martha@domain.com", DIGEST },
		{ TO_FROM "*date=" DATE "*note=a*b**c*d",
		    "claire@nonprofit.org", "martha@domain.com", "" },
		{ TO_FROM "*date=" DATE "*BIND=short", "claire@nonprofit.org",
		    "martha@domain.com", "" },
		{ "To:Claire@NonProfit.org*From:m@x.org*date=" DATE,
		    "Claire@nonprofit.org", "m@x.org", "" },
		{ "To:a*b@x.org*From:c*d=e@y.org*date=" DATE, "a*b@x.org",
		    "c*d=e@y.org", "" },
		{ "To:*From@x.org*From:*From@y.org*date=" DATE, "*From@x.org",
		    "*From@y.org", "" },
		{ "To:a@x.org*From:b*date=c@y.org*date=" DATE, "a@x.org",
		    "b*date=c@y.org", "" },
		{ "To:a@x.org*From:b*date=*date=*date=c@y.org*date=" DATE,
		    "a@x.org", "b*date=*date=*date=c@y.org", "" },
		{ "To:a*date=x@x.org*From:*bind=b@y.org*date=" DATE,
		    "a*date=x@x.org", "*bind=b@y.org", "" },
		{ "To:#a@x.org*From:b@y.org*date=" DATE, "#a@x.org", "b@y.org",
		    "" },
		{ "To:\xc3\xbc@x.org*From:b@b\xc3\xbc\x63her.example*"
		  "date=" DATE,
		    "\xc3\xbc@x.org", "b@xn--bcher-kva.example", "" },
		{ TO_FROM "*date=24 Nov 26 04:10:40 GMT",
		    "claire@nonprofit.org", "martha@domain.com", "" },
	};
	char text[ADDRESS_MAX];
	struct record r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!record_get(&r, rows[i].text, strlen(rows[i].text)))
			fail_msg("'%s' was not read", rows[i].text);
		assert_false(r.blinded);
		assert_string_equal(address_text(&r.to, text), rows[i].to);
		assert_string_equal(address_text(&r.from, text), rows[i].from);
		assert_string_equal(r.bind, rows[i].bind);
		assert_int_equal(r.date, DATE_SECONDS);
	}
}

static void
anything_else_is_no_record(void **state)
{
	static const char *const rows[] = { "", "To:", "v=spf1 -all",
		"To:a@x.org", "To:a@x.org*From:b@y.org",
		"To:a@x.org*From:b@y.org*date=",
		"to:a@x.org*From:b@y.org*date=" DATE,
		"To:a@x.org*from:b@y.org*date=" DATE,
		"To:a@x.org*From:b@y.org*Date=" DATE,
		" To:a@x.org*From:b@y.org*date=" DATE,
		"To: a@x.org*From:b@y.org*date=" DATE,
		"To:a@x.org*From: b@y.org*date=" DATE,
		"To:a@x.org*From:b@y.org *date=" DATE,
		"To:*From:b@y.org*date=" DATE, "To:a@x.org*From:*date=" DATE,
		"To:a@x.org,c@x.org*From:b@y.org*date=" DATE,
		"To:\"a\"@x.org*From:b@y.org*date=" DATE,
		"To:a@[1.2.3.4]*From:b@y.org*date=" DATE,
		"To:a@x.org*From:<b@y.org>*date=" DATE,
		"To:a@x.org*From:b@y.org*date=" DATE "*",
		"To:a@x.org*From:b@y.org*date=" DATE "*x",
		"To:a@x.org*From:b@y.org*date=" DATE "**x=1",
		"To:a@x.org*From:b@y.org*date=" DATE "*=1",
		"To:a@x.org*From:b@y.org*date=" DATE "*x y=1",
		"To:a@x.org*From:b@y.org*date=" DATE " garbage",
		"To:a@x.org*From:b@y.org*date=" DATE ";x=1",
		"To:a@x.org*From:b@y.org*date=31 Feb 2026 04:10:40 +0000",
		"To:a@x.org*From:b@y.org*bind=" DIGEST "*date=" DATE,
		"To:a@x.org*From:b@y.org*date=" DATE "*bind=",
		"To:a@x.org*From:b@y.org*date=" DATE "*bind=" DIGEST "x",
		"To:a@x.org*From:b@y.org*date=" DATE "*bind=" DIGEST "*x",
		"To:a@x.org*From:b@y.org*date=" DATE "*bind=+" DIGEST,
		"To:a@x.org*From:b@y.org*date=" DATE "*bind=" DIGEST
		"*bind=" DIGEST,
		"To:#*From:b@y.org*date=" DATE,
		"To:#" DIGEST "x*From:b@y.org*date=" DATE,
		"To:# " DIGEST "*From:b@y.org*date=" DATE,
		"To:a@x.org*From:#" DIGEST "*date=" DATE,
		"To:a@x.org*From:b@y.org*date=x*From:c@z.org*date=" DATE };
	struct record r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (record_get(&r, rows[i], strlen(rows[i])))
			fail_msg("'%s' was read as a record", rows[i]);
	assert_false(
	    record_get(&r, "To:a\0@x.org*From:b@y.org*date=" DATE, 30 + 31));
}

static void
truncated_record_is_refused_at_every_length(void **state)
{
	static const char text[] = TO_FROM "*date=" DATE "*bind=" DIGEST;
	size_t to_date = strlen(TO_FROM "*date=" DATE);
	struct record r;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n > 0 ? n : 1);
		bool ok;

		memcpy(copy, text, n);
		ok = record_get(&r, copy, n);
		free(copy);
		/* without its last field it is whole, too */
		if (ok != (n == to_date))
			fail_msg("%zu octets: saw %d", n, ok);
	}
	assert_true(record_get(&r, text, sizeof(text) - 1));
}

/* Linear, in CPU time: a new search at each "*" would take a minute. */
static void
long_hostile_texts_are_refused_in_one_go(void **state)
{
	static const char *const pieces[] = { "*date=", "*", "*date=1",
		"*a=", "*date=(", "*date=Tue, ", "*From:" };
	enum { SIZE = 256 * 1024 };
	char *text = malloc(SIZE);
	clock_t start = clock();
	struct record r;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = strlen(pieces[i]);

		memcpy(text, TO_FROM, sizeof(TO_FROM) - 1);
		for (size_t k = sizeof(TO_FROM) - 1; k < SIZE; k++)
			text[k] = pieces[i][k % len];
		assert_false(record_get(&r, text, SIZE));
	}
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	free(text);
}

/* protocol.md 2.2: SHA-256(label in lower case, ":", address normalised) */
static void
blinded_record_names_its_recipient_only(void **state)
{
	static const char text[] =
	    "To:#" BLIND_CLAIRE "*From:martha@domain.com*date=" DATE;
	struct address claire = address("Claire@NonProfit.ORG");
	struct address other = address("clair@nonprofit.org");
	char blind[RECORD_DIGEST_TEXT];
	struct record r;

	(void)state;
	record_blind(blind, "kq37a", &claire);
	assert_string_equal(blind, BLIND_CLAIRE);
	record_blind(blind, "KQ37a", &claire);
	assert_string_equal(blind, BLIND_CLAIRE);
	assert_true(record_get(&r, text, sizeof(text) - 1));
	assert_true(r.blinded);
	assert_true(record_names(&r, "kq37a", &claire));
	assert_false(record_names(&r, "kq37a", &other));
	assert_false(record_names(&r, "kq37b", &claire));
}

static void
open_record_names_its_recipient_only(void **state)
{
	static const char text[] = TO_FROM "*date=" DATE;
	struct address claire = address("CLAIRE@nonprofit.org");
	struct address other = address("claire@sub.nonprofit.org");
	struct record r;

	(void)state;
	assert_true(record_get(&r, text, sizeof(text) - 1));
	assert_true(record_names(&r, "any", &claire));
	assert_false(record_names(&r, "any", &other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_is_written_as_the_protocol_says),
		cmocka_unit_test(
		    longest_record_fits_its_buffer_and_is_read_back),
		cmocka_unit_test(reader_finds_addresses_date_and_binding),
		cmocka_unit_test(anything_else_is_no_record),
		cmocka_unit_test(truncated_record_is_refused_at_every_length),
		cmocka_unit_test(long_hostile_texts_are_refused_in_one_go),
		cmocka_unit_test(blinded_record_names_its_recipient_only),
		cmocka_unit_test(open_record_names_its_recipient_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
