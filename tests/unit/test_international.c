/*
 * Internationalised addresses (RFC 6531, 6532) and domain names: IDNA2008 with
 * the mapping of UTS 46, non-transitional. Expected A-labels are from the
 * tables of UTS 46 or made by another implementation of RFC 3492.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/address.h"

/* ---- domains ---- */

static void
u_labels_become_a_labels(void **state)
{
	static const struct {
		const char *domain, *normal; /* NULL: none */
	} rows[] = {
		/* mapped (UTS 46, the examples of its table 2 among them) */
		{ "\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com",
		    "xn--nxasmm1c.com" },
		{ "\xce\x92\xce\x8c\xce\x9b\xce\x9f\xce\xa3.com",
		    "xn--nxasmq6b.com" }, /* a capital is no final sigma */
		{ "Blo\xc3\x9f.de", "xn--blo-7ka.de" },
		{ "\xc3\x96\x42\x42.at", "xn--bb-eka.at" },
		{ "O\xcc\x88\x62\x62.at", "xn--bb-eka.at" }, /* two pieces */
		{ "\xe0\xb7\x81\xe0\xb7\x8a\xe2\x80\x8d\xe0\xb6\xbb\xe0\xb7"
		  "\x93.com",
		    "xn--10cl1a0b660p.com" }, /* a joiner that counts */
		{ "\xd9\x86\xd8\xa7\xd9\x85\xd9\x87\xe2\x80\x8c\xd8\xa7\xdb"
		  "\x8c.com",
		    "xn--mgba3gch31f060k.com" },
		{ "b\xc3\xbc\xc2\xad\x63her.de", "xn--bcher-kva.de" },
		{ "b\xc3\xbc\xe2\x80\x8b\x63her.de", "xn--bcher-kva.de" },
		{ "b\xc3\xbc\xe2\x80\x8d\x63her.de", NULL }, /* a joiner */
		{ "\xef\xbd\x98\xef\xbd\x8e--bcher-kva.de",
		    "xn--bcher-kva.de" },
		{ "\xe2\x84\xaa.example", "k.example" },    /* Kelvin's sign */
		{ "\xd0\xb0pple.com", "xn--pple-43d.com" }, /* Cyrillic a */
		/* each of the dots */
		{ "b\xc3\xbc\x63her\xef\xbc\x8e\x64\x65", "xn--bcher-kva.de" },
		{ "b\xc3\xbc\x63her\xef\xbd\xa1\x64\x65", "xn--bcher-kva.de" },
		{ "b\xc3\xbc\x63her\xe3\x80\x82\x64\x65\xe3\x80\x82",
		    "xn--bcher-kva.de" },
		{ "\xe3\x80\x82\xc3\xbc", NULL },
		{ "\xc3\xbc\xe3\x80\x82\xef\xbc\x8e\x64\x65", NULL },
		/* right to left (RFC 5893) */
		{ "\xd7\x90\xd7\x91.example", "xn--4dbc.example" },
		{ "\xd7\x90"
		  "1.example",
		    "xn--1-zhc.example" },
		{ "\xd7\x90"
		  "a.example",
		    NULL },
		{ "1\xd7\x90.example", NULL },
		/* no labels of IDNA2008 (RFC 5891 4.2.3, RFC 5892) */
		{ "\xcc\x81"
		  "a.com",
		    NULL }, /* begins with an accent */
		{ "-\xc3\xbc.com", NULL }, { "\xc3\xbc-.com", NULL },
		{ "ab--\xc3\xbc.com", NULL }, { "xn--\xc3\xbc.com", NULL },
		{ "\xe2\x98\x95.us", NULL }, /* a symbol */
		{ "\xf0\x9f\x93\xa7.example", NULL },
		{ "\xc3\xbc\xee\x80\x80.de", NULL }, /* for private use */
		{ "\xc3\xbc\xcd\xb8.de", NULL },     /* not assigned */
		{ "xn--9999999.\xc3\xbc", NULL },    /* no punycode */
		{ "\xc3\xbc b.de", NULL },
		{ "\xc3\xbc\xc2\xa0"
		  "b.de",
		    NULL },
		{ "\xef\xbc\xa0\xc3\xbc.de", NULL }, /* becomes "@" */
		{ "\xef\xbc\x8a.de", NULL },         /* becomes "*" */
	};
	char out[DOMAIN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok =
		    domain_normal(out, rows[i].domain, strlen(rows[i].domain));

		if (ok != (rows[i].normal != NULL) ||
		    (ok && strcmp(out, rows[i].normal) != 0))
			fail_msg("'%s': expected %s, saw %s", rows[i].domain,
			    rows[i].normal != NULL ? rows[i].normal : "none",
			    ok ? out : "none");
	}
}

/* 57 times U+00FC is a label of 63 octets as an A-label, 58 times one of 64. */
static void
domain_bounds_are_those_of_its_a_labels(void **state)
{
	char domain[1000] = "", out[DOMAIN_MAX];

	(void)state;
	for (size_t i = 0; i < 57; i++)
		strcat(domain, "\xc3\xbc");
	assert_true(domain_normal(out, domain, strlen(domain)));
	assert_int_equal(strlen(out), 63);
	assert_false(strncmp(out, "xn--tda", 7));
	strcat(domain, "\xc3\xbc");
	assert_false(domain_normal(out, domain, strlen(domain)));
	/* 3 * 64 and one of 61: 253 octets; 345 of U-labels */
	domain[0] = '\0';
	for (size_t i = 0; i < 3 * 57; i++)
		strcat(domain, i % 57 == 56 ? "\xc3\xbc." : "\xc3\xbc");
	memset(domain + strlen(domain), 'a', 61);
	assert_true(domain_normal(out, domain, strlen(domain)));
	assert_int_equal(strlen(out), 253);
	strcat(domain, "a");
	assert_false(domain_normal(out, domain, strlen(domain)));
}

/* ---- addresses ---- */

struct row {
	const char *value;
	enum address_result result;
	const char *address; /* with ADDRESS_OK */
};

static void
check(const struct row *row, enum address_result r, const struct address *a)
{
	char text[ADDRESS_MAX];

	if (r != row->result)
		fail_msg("'%s': expected %s, saw %s", row->value,
		    address_result_names[row->result], address_result_names[r]);
	if (r == ADDRESS_OK && strcmp(address_text(a, text), row->address) != 0)
		fail_msg("'%s': expected %s, saw %s", row->value, row->address,
		    text);
}

static void
from_is_read_in_any_script(void **state)
{
	static const struct row rows[] = {
		/* internationalised (RFC 6532): U-labels become A-labels, the
		   rest stays as it is, and nothing but an "@" is one */
		{ "M\xc3\xa4rta <m\xc3\xa4rta@b\xc3\xbc\x63her.example>",
		    ADDRESS_OK, "m\xc3\xa4rta@xn--bcher-kva.example" },
		{ "\"M\xc3\xa4rta, \xe2\x82\xac\" <m@B\xc3\x9c\x43HER.Example>",
		    ADDRESS_OK, "m@xn--bcher-kva.example" },
		{ "m@xn--bcher-kva.example (b\xc3\xbc\x63her)", ADDRESS_OK,
		    "m@xn--bcher-kva.example" },
		{ "m@b\xc3\xbc\x63her (c) . example", ADDRESS_OK,
		    "m@xn--bcher-kva.example" },
		{ "m@x\xef\xbc\x8eorg", ADDRESS_OK, "m@x.org" },
		{ "m\xef\xbc\x8e\x62@x.org", ADDRESS_OK,
		    "m\xef\xbc\x8e\x62@x.org" },
		{ "m\xef\xbc\xa0x.org", ADDRESS_MALFORMED, NULL },
		{ "boss\xef\xbc\xa0\x62\x61nk.com <m@x.org>", ADDRESS_OK,
		    "m@x.org" },
		{ "boss@bank.com \xef\xbc\x9cm@x.org\xef\xbc\x9e",
		    ADDRESS_MALFORMED, NULL },
		{ "m@x.org\xef\xbc\x8c boss@bank.com", ADDRESS_MALFORMED,
		    NULL },
		{ "m@\xd7\x90"
		  "a.example",
		    ADDRESS_MALFORMED, NULL },
		{ "m@\xe2\x98\x95.us", ADDRESS_MALFORMED, NULL },
		{ "m@\xc3\xbc\xe2\x84\x80.org", ADDRESS_MALFORMED, NULL },
		{ "\"m\xc3\xa4rta\"@x.org", ADDRESS_UNREPRESENTABLE, NULL },
		{ "m\xc3\xa4rta@[192.0.2.1]", ADDRESS_UNREPRESENTABLE, NULL },
		{ "M\xe4rta <m@x.org>", ADDRESS_MALFORMED, NULL },
		{ "\"M\xe4rta\" <m@x.org>", ADDRESS_MALFORMED, NULL },
		{ "m@x.org (M\xe4rta)", ADDRESS_MALFORMED, NULL },
		{ "M <m@b\xfc\x63her.example>", ADDRESS_MALFORMED, NULL },
		{ "M\xc0\xbc <m@x.org>", ADDRESS_MALFORMED,
		    NULL }, /* too long */
		{ "M\xed\xa0\x80 <m@x.org>", ADDRESS_MALFORMED,
		    NULL }, /* a half */
		{ "M\xf4\x90\x80\x80 <m@x.org>", ADDRESS_MALFORMED, NULL },
		{ "M\xc2\x85 <m@x.org>", ADDRESS_MALFORMED,
		    NULL }, /* a control */
		/* An encoded word is a name or nothing: in an address it is
		   read as the atom that it is (RFC 2047 5). */
		{ "=?utf-8?q?M=C3=A4rta?= =?utf-8?q?_X?= <m@x.org>", ADDRESS_OK,
		    "m@x.org" },
		{ "=?utf-8?q?M=C3=A4rta?=<m@x.org>", ADDRESS_OK, "m@x.org" },
		{ "=?iso-8859-1?q?M=E4rta?=\r\n <m@x.org>", ADDRESS_OK,
		    "m@x.org" },
		{ "\"=?utf-8?q?boss=40bank.com?=\" <m@x.org>", ADDRESS_OK,
		    "m@x.org" },
		{ "m@x.org (=?utf-8?q?boss=40bank.com?=)", ADDRESS_OK,
		    "m@x.org" },
		{ "=?utf-8?q?m?=@x.org", ADDRESS_OK, "=?utf-8?q?m?=@x.org" },
		{ "<=?utf-8?q?boss=40bank.com?=>", ADDRESS_MALFORMED, NULL },
		{ "m@=?utf-8?q?x.org?=", ADDRESS_MALFORMED, NULL },
		{ "=?utf-8?q?a?=@bank.com <m@x.org>", ADDRESS_MALFORMED, NULL },
		{ "=?utf-8?q?boss=40bank.com,?= m@x.org", ADDRESS_MALFORMED,
		    NULL },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i],
		    address_from_header(
			&a, rows[i].value, strlen(rows[i].value)),
		    &a);
}

/* Of RFC 6531: the parameter does not matter, the octets do. */
static void
paths_are_read_in_any_script(void **state)
{
	static const struct row rows[] = {
		{ "<m\xc3\xa4rta@b\xc3\xbc\x63her.example> SMTPUTF8",
		    ADDRESS_OK, "m\xc3\xa4rta@xn--bcher-kva.example" },
		{ "<m\xc3\xa4rta@x.org>", ADDRESS_OK, "m\xc3\xa4rta@x.org" },
		{ "<m@B\xc3\x9c\x43HER.example>", ADDRESS_OK,
		    "m@xn--bcher-kva.example" },
		{ "<@b\xc3\xbc\x63her.example:m@x.org>", ADDRESS_OK,
		    "m@x.org" },
		{ "<m\xe4rta@x.org>", ADDRESS_MALFORMED, NULL },
		{ "<m@b\xfc\x63her.example>", ADDRESS_MALFORMED, NULL },
		{ "<m@\xc3\xbc-.com>", ADDRESS_MALFORMED, NULL },
		{ "<m\xc2\x85@x.org>", ADDRESS_MALFORMED, NULL },
		{ "<\"m\xc3\xa4rta\"@x.org>", ADDRESS_UNREPRESENTABLE, NULL },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], address_from_path(&a, rows[i].value), &a);
}

static bool
append(void *arg, const struct address *a)
{
	char text[ADDRESS_MAX], *all = arg;

	strcat(all, address_text(a, text));
	strcat(all, " ");
	return true;
}

/* To: and Cc: of 8 bits; one address that is none hides no other. */
static void
lists_are_read_in_any_script(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{ "M\xc3\xa4rta <m@x.org>, cl\xc3\xa4re@b\xc3\xbc\x63her.de",
		    "m@x.org cl\xc3\xa4re@xn--bcher-kva.de " },
		{ "\xe3\x83\x81: m@x.org, \"\xc3\xa4\" <c@y.org>;",
		    "m@x.org c@y.org " },
		{ "m@\xe2\x98\x95.us, c@y.org", "c@y.org " },
		{ "m@\xc3\xbc-.com, c@y.org", "c@y.org " },
		{ "=?utf-8?q?a=2Cb?= <m@x.org>, c@y.org", "m@x.org c@y.org " },
		{ "M\xe4rta <m@x.org>, c@y.org", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char seen[1000] = "";

		address_list(
		    rows[i].value, strlen(rows[i].value), append, seen);
		if (strcmp(seen, rows[i].expected) != 0)
			fail_msg("'%s': expected '%s', saw '%s'", rows[i].value,
			    rows[i].expected, seen);
	}
}

/* protocol.md 2.3: local parts by octets, domains by what they stand for. */
static void
equal_is_what_is_the_same_after_conversion(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "\xc3\xa4@B\xc3\x9c\x43HER.de", "\xc3\xa4@xn--bcher-kva.de",
		    true },
		{ "m@\xef\xbd\x98\xef\xbc\x8eorg", "M@X.ORG", true },
		{ "m@o\xcc\x88.de", "m@\xc3\xb6.de", true },
		{ "m@fa\xc3\x9f.de", "m@fass.de", false },
		{ "m@\xd0\xb0pple.com", "m@apple.com", false },
		{ "o\xcc\x88@x.org", "\xc3\xb6@x.org", false },
		{ "\xc3\xa4@x.org", "\xc3\x84@x.org", false },
		{ "stra\xc3\x9f\x65@x.org", "strasse@x.org", false },
		{ "\xef\xbd\x8d@x.org", "m@x.org", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a, b;
		char x[ADDRESS_MAX], y[ADDRESS_MAX];

		assert_int_equal(
		    address_from_spec(&a, rows[i].a, strlen(rows[i].a)),
		    ADDRESS_OK);
		assert_int_equal(
		    address_from_spec(&b, rows[i].b, strlen(rows[i].b)),
		    ADDRESS_OK);
		if (address_equal(&a, &b) != rows[i].equal ||
		    (strcmp(address_normal(&a, x), address_normal(&b, y)) ==
			0) != rows[i].equal)
			fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(u_labels_become_a_labels),
		cmocka_unit_test(domain_bounds_are_those_of_its_a_labels),
		cmocka_unit_test(from_is_read_in_any_script),
		cmocka_unit_test(paths_are_read_in_any_script),
		cmocka_unit_test(lists_are_read_in_any_script),
		cmocka_unit_test(equal_is_what_is_the_same_after_conversion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
