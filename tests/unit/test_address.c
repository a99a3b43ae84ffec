/*
 * Addresses and domains. What each From: value must give follows from RFC 5322
 * (3.4, 4.4) and protocol.md 2.2; nothing may be smuggled past the reader.
 */
#include "common/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct row {
	const char *value;
	enum address_result result;
	const char *address; /* with ADDRESS_OK */
};

static const struct row from_rows[] = {
	/* the usual forms */
	{ "martha@domain.com", ADDRESS_OK, "martha@domain.com" },
	{ " martha@domain.com", ADDRESS_OK, "martha@domain.com" },
	{ "<martha@domain.com>", ADDRESS_OK, "martha@domain.com" },
	{ "Martha <martha@domain.com>", ADDRESS_OK, "martha@domain.com" },
	{ "Martha M. Jones <a.b@domain.com>", ADDRESS_OK, "a.b@domain.com" },
	{ "\"Jones, Martha\" <m@domain.com>", ADDRESS_OK, "m@domain.com" },
	{ "\"\" <m@domain.com>", ADDRESS_OK, "m@domain.com" },
	{ "Martha@DOMAIN.Com", ADDRESS_OK, "Martha@domain.com" },
	{ "m@my_isp.net", ADDRESS_OK, "m@my_isp.net" },
	{ "a+b=c*d#e/f@x.org", ADDRESS_OK, "a+b=c*d#e/f@x.org" },
	{ "Martha\r\n <m@x.org>\r\n", ADDRESS_OK, "m@x.org" },
	{ "Martha\n\t<m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "m@localhost", ADDRESS_OK, "m@localhost" },
	/* comments and white space, also where only the old grammar has them */
	{ "m@x.org (Martha)", ADDRESS_OK, "m@x.org" },
	{ "(c)m(c)@(c)x(c).(c)org(c)", ADDRESS_OK, "m@x.org" },
	{ "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	    ADDRESS_OK, "pete@silly.test" },
	{ "Joe <a . b @ x . org>", ADDRESS_OK, "a.b@x.org" },
	{ "< m@x.org >", ADDRESS_OK, "m@x.org" },
	{ "Mary Smith <@node.test,@b.org:mary@example.net>", ADDRESS_OK,
	    "mary@example.net" },
	{ "<@a.org,,@b.org:m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "m@x.org,", ADDRESS_OK, "m@x.org" },
	{ ",, m@x.org , (c) ,", ADDRESS_OK, "m@x.org" },
	/* the author is what stands in the brackets, whatever is shown */
	{ "\"boss@bank.com\" <m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "\"a@x, b@y\" <c@z.org>", ADDRESS_OK, "c@z.org" },
	{ "\"<boss@bank.com>\" <m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "(boss@bank.com) m@x.org", ADDRESS_OK, "m@x.org" },
	{ "(<boss@bank.com>,) m@x.org", ADDRESS_OK, "m@x.org" },
	{ "m@x.org (boss@bank.com)", ADDRESS_OK, "m@x.org" },
	{ "=?utf-8?q?boss=40bank.com?= <m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "=?utf-8?b?PGJvc3NAYmFuay5jb20+?= <m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "\"a\\\" <boss@bank.com>, \" <m@x.org>", ADDRESS_OK, "m@x.org" },
	/* none */
	{ "", ADDRESS_EMPTY, NULL },
	{ " \t\r\n ", ADDRESS_EMPTY, NULL },
	{ "<>", ADDRESS_EMPTY, NULL },
	{ "Martha <>", ADDRESS_EMPTY, NULL },
	{ "(only a comment)", ADDRESS_EMPTY, NULL },
	{ ",", ADDRESS_EMPTY, NULL },
	/* several */
	{ "a@x.org, b@y.org", ADDRESS_SEVERAL, NULL },
	{ "<a@x.org>,<b@y.org>", ADDRESS_SEVERAL, NULL },
	{ "A <a@x.org>,, B <b@y.org>", ADDRESS_SEVERAL, NULL },
	{ "a@x.org, G: b@y.org;", ADDRESS_SEVERAL, NULL },
	{ "\"a\"@x.org, b@y.org", ADDRESS_SEVERAL, NULL },
	{ "a@x.org, a@x.org", ADDRESS_SEVERAL, NULL },
	{ "G: a@x.org;", ADDRESS_SEVERAL, NULL },
	{ "Nobody:;", ADDRESS_SEVERAL, NULL },
	/* more than one reader would find more than one author here */
	{ "boss@bank.com <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "boss@bank.com<m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "<boss@bank.com> <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "<boss@bank.com> m@x.org", ADDRESS_MALFORMED, NULL },
	{ "<boss@bank.com>m@x.org", ADDRESS_MALFORMED, NULL },
	{ "<<m@x.org>>", ADDRESS_MALFORMED, NULL },
	{ "<m@x.org", ADDRESS_MALFORMED, NULL },
	{ "m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "Martha <m@x.org>>", ADDRESS_MALFORMED, NULL },
	{ "Martha <m@x.org> Jones", ADDRESS_MALFORMED, NULL },
	{ "Jones, Martha <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "a@x.org b@y.org", ADDRESS_MALFORMED, NULL },
	{ "a@x.org; b@y.org", ADDRESS_MALFORMED, NULL },
	{ "a@x.org, <>", ADDRESS_MALFORMED, NULL },
	{ "a@x.org, Martha", ADDRESS_MALFORMED, NULL },
	{ "a@b@x.org", ADDRESS_MALFORMED, NULL },
	{ "<a@b@x.org>", ADDRESS_MALFORMED, NULL },
	{ "<a@x.org, b@y.org>", ADDRESS_MALFORMED, NULL },
	{ "<a@x.org:b@y.org>", ADDRESS_MALFORMED, NULL },
	{ "<@a.org m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "<@a.org:>", ADDRESS_MALFORMED, NULL },
	/* no address at all */
	{ "Martha", ADDRESS_MALFORMED, NULL },
	{ "martha@", ADDRESS_MALFORMED, NULL },
	{ "@domain.com", ADDRESS_MALFORMED, NULL },
	{ "martha domain.com", ADDRESS_MALFORMED, NULL },
	{ "a..b@x.org", ADDRESS_MALFORMED, NULL },
	{ ".a@x.org", ADDRESS_MALFORMED, NULL },
	{ "a.@x.org", ADDRESS_MALFORMED, NULL },
	{ "m@x..org", ADDRESS_MALFORMED, NULL },
	{ "m@.x.org", ADDRESS_MALFORMED, NULL },
	{ "m@x.org.", ADDRESS_MALFORMED, NULL },
	{ "m@x.o!g", ADDRESS_MALFORMED, NULL },
	{ "m@\"x.org\"", ADDRESS_MALFORMED, NULL },
	{ "m@x\\.org", ADDRESS_MALFORMED, NULL },
	{ ". <m@x.org>", ADDRESS_MALFORMED, NULL },
	/* unclosed */
	{ "m@x.org (", ADDRESS_MALFORMED, NULL },
	{ "(m@x.org", ADDRESS_MALFORMED, NULL },
	{ "\"Martha <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "m@x.org \"", ADDRESS_MALFORMED, NULL },
	{ "Martha \" <m@x.org>", ADDRESS_MALFORMED, NULL },
	/* octets */
	{ "m\x01@x.org", ADDRESS_MALFORMED, NULL },
	{ "\"M\x7f\" <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "(\x1b) m@x.org", ADDRESS_MALFORMED, NULL },
	{ "M\xfc <m@x.org>", ADDRESS_MALFORMED, NULL },
	{ "M\xc3\xbcller <m@x.org>", ADDRESS_OK, "m@x.org" },
	{ "m\xc3\xbcller@x.org", ADDRESS_OK, "m\xc3\xbcller@x.org" },
	{ "m\xc3@x.org", ADDRESS_MALFORMED, NULL },
	/* what no record can hold */
	{ "\"martha\"@domain.com", ADDRESS_UNREPRESENTABLE, NULL },
	{ "\"mar tha\"@domain.com", ADDRESS_UNREPRESENTABLE, NULL },
	{ "\"\"@domain.com", ADDRESS_UNREPRESENTABLE, NULL },
	{ "mar.\"tha\"@domain.com", ADDRESS_UNREPRESENTABLE, NULL },
	{ "Martha <\"a@b\"@domain.com>", ADDRESS_UNREPRESENTABLE, NULL },
	{ "m@[192.0.2.1]", ADDRESS_UNREPRESENTABLE, NULL },
	{ "M <m@[IPv6:2001:db8::1]>", ADDRESS_UNREPRESENTABLE, NULL },
	{ "m@[192.0.2.1", ADDRESS_MALFORMED, NULL },
	{ "m@[x] y", ADDRESS_MALFORMED, NULL },
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
from_is_exactly_one_mailbox_or_no_address(void **state)
{
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(from_rows) / sizeof(from_rows[0]); i++) {
		const char *value = from_rows[i].value;

		check(&from_rows[i],
		    address_from_header(&a, value, strlen(value)), &a);
	}
	assert_int_equal(
	    address_from_header(&a, "m@x\0.org", 8), ADDRESS_MALFORMED);
	assert_int_equal(
	    address_from_header(&a, "m@x.org\0", 8), ADDRESS_MALFORMED);
}

/* The reader gets a copy of exactly n octets: a sanitizer sees one too many. */
static void
every_prefix_of_a_from_is_read_within_its_length(void **state)
{
	struct address a;
	size_t ok = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(from_rows) / sizeof(from_rows[0]); i++) {
		const char *value = from_rows[i].value;

		for (size_t n = 0; n <= strlen(value); n++) {
			char *copy = malloc(n + 1);

			memcpy(copy, value, n);
			copy = realloc(copy, n > 0 ? n : 1);
			ok += address_from_header(&a, copy, n) == ADDRESS_OK;
			free(copy);
		}
	}
	assert_true(ok > 0);
}

static void
bounds_of_local_part_and_domain_are_kept(void **state)
{
	char value[1200], *at;
	struct address a;

	(void)state;
	memset(value, 'a', 255);
	strcpy(value + 255, "@x.org");
	assert_int_equal(
	    address_from_header(&a, value, strlen(value)), ADDRESS_OK);
	assert_int_equal(strlen(a.local), 255);
	assert_int_equal(
	    address_from_spec(&a, value, strlen(value)), ADDRESS_OK);
	memset(value, 'a', 256);
	strcpy(value + 256, "@x.org");
	assert_int_equal(address_from_header(&a, value, strlen(value)),
	    ADDRESS_UNREPRESENTABLE);
	assert_int_equal(address_from_spec(&a, value, strlen(value)),
	    ADDRESS_UNREPRESENTABLE);
	/* 63 + 1 + 63 + 1 + 63 + 1 + 61 = 253 octets of domain */
	strcpy(value, "m@");
	at = value + 2;
	memset(at, 'd', 253);
	at[63] = at[127] = at[191] = '.';
	at[253] = '\0';
	assert_int_equal(
	    address_from_header(&a, value, strlen(value)), ADDRESS_OK);
	strcpy(at + 253, "d");
	assert_int_equal(
	    address_from_header(&a, value, strlen(value)), ADDRESS_MALFORMED);
	at[63] = 'd'; /* a label of 127 */
	at[100] = '\0';
	assert_int_equal(
	    address_from_header(&a, value, strlen(value)), ADDRESS_MALFORMED);
}

static void
path_is_read_as_smtp_writes_it(void **state)
{
	static const struct row rows[] = {
		{ "<claire@nonprofit.org>", ADDRESS_OK,
		    "claire@nonprofit.org" },
		{ "claire@nonprofit.org", ADDRESS_OK, "claire@nonprofit.org" },
		{ "<Claire@NonProfit.ORG> ORCPT=rfc822;x@y", ADDRESS_OK,
		    "Claire@nonprofit.org" },
		{ "claire@nonprofit.org NOTIFY=NEVER", ADDRESS_OK,
		    "claire@nonprofit.org" },
		{ "<@a.org,@b.org:c@d.org>", ADDRESS_OK, "c@d.org" },
		{ " <c@d.org>", ADDRESS_OK, "c@d.org" },
		{ "<\xc3\xbc@b\xc3\xbc\x63her.example> SMTPUTF8", ADDRESS_OK,
		    "\xc3\xbc@xn--bcher-kva.example" },
		{ "<>", ADDRESS_EMPTY, NULL },
		{ "<> SIZE=1", ADDRESS_EMPTY, NULL },
		{ "", ADDRESS_EMPTY, NULL },
		{ "<\"a b\"@d.org>", ADDRESS_UNREPRESENTABLE, NULL },
		{ "<\"a> ORCPT=x\"@d.org>", ADDRESS_UNREPRESENTABLE, NULL },
		{ "\"a b\"@d.org X=y", ADDRESS_UNREPRESENTABLE, NULL },
		{ "<a@[192.0.2.1]>", ADDRESS_UNREPRESENTABLE, NULL },
		{ "<a@d.org", ADDRESS_MALFORMED, NULL },
		{ "<a@d.org>x", ADDRESS_MALFORMED, NULL },
		{ "<a@d.org><b@d.org>", ADDRESS_MALFORMED, NULL },
		{ "<<a@d.org>>", ADDRESS_MALFORMED, NULL },
		{ "<postmaster>", ADDRESS_MALFORMED, NULL },
		{ "<a(c)@d.org>", ADDRESS_MALFORMED, NULL },
		{ "< a@d.org>", ADDRESS_MALFORMED, NULL },
		{ "<@a.org>", ADDRESS_MALFORMED, NULL },
		{ "<a@d.org.>", ADDRESS_MALFORMED, NULL },
		{ "<a..b@d.org>", ADDRESS_MALFORMED, NULL },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], address_from_path(&a, rows[i].value), &a);
}

static void
spec_is_an_address_and_nothing_else(void **state)
{
	static const struct row rows[] = {
		{ "a@b.org", ADDRESS_OK, "a@b.org" },
		{ "a*b=c*date=x@b.org", ADDRESS_OK, "a*b=c*date=x@b.org" },
		{ "", ADDRESS_EMPTY, NULL },
		{ " a@b.org", ADDRESS_MALFORMED, NULL },
		{ "a@b.org ", ADDRESS_MALFORMED, NULL },
		{ "<a@b.org>", ADDRESS_MALFORMED, NULL },
		{ "a@b.org(c)", ADDRESS_MALFORMED, NULL },
		{ "a@b@c.org", ADDRESS_MALFORMED, NULL },
		{ "a", ADDRESS_MALFORMED, NULL },
		{ "a@", ADDRESS_MALFORMED, NULL },
		{ "@b.org", ADDRESS_MALFORMED, NULL },
		{ "a@b.org,c@d.org", ADDRESS_MALFORMED, NULL },
		{ "\"a\"@b.org", ADDRESS_UNREPRESENTABLE, NULL },
		{ "\"a@b.org", ADDRESS_MALFORMED, NULL },
		{ "a@[1.2.3.4]", ADDRESS_UNREPRESENTABLE, NULL },
		{ "a@[1.2.3.4", ADDRESS_MALFORMED, NULL },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i],
		    address_from_spec(&a, rows[i].value, strlen(rows[i].value)),
		    &a);
}

/* ---- lists ---- */

static bool
collect(void *arg, const struct address *a)
{
	char text[ADDRESS_MAX], *all = arg;

	strcat(all, address_text(a, text));
	strcat(all, " ");
	return true;
}

static void
list_gives_every_mailbox_and_skips_what_is_none(void **state)
{
	static const struct {
		const char *value, *expected;
	} rows[] = {
		{ "a@x.org, B <b@y.org>,\r\n c@z.org (C)",
		    "a@x.org b@y.org c@z.org " },
		{ "G: a@x.org, b@x.org; c@y.org", "a@x.org b@x.org c@y.org " },
		{ "G:; H: a@x.org;", "a@x.org " },
		{ "", "" },
		{ ",,a@x.org,,", "a@x.org " },
		{ "\"q, q\" <a@x.org>", "a@x.org " },
		{ "bad, a@x.org", "a@x.org " },
		{ "a@b@c, \"x, y\" z, a@x.org", "a@x.org " },
		{ "b@y.org <m@x.org>, a@x.org", "a@x.org " },
		{ "bad (, comment) , a@x.org", "a@x.org " },
		{ "\"q\"@x.org, a@x.org", "a@x.org " },
		{ "<>, a@x.org", "a@x.org " },
		{ "a@x.org, (unclosed, b@y.org", "a@x.org " },
		{ "a@x.org, \"unclosed, b@y.org", "a@x.org " },
		{ "a@x.org, \x80, b@y.org", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char seen[1000] = "";

		address_list(
		    rows[i].value, strlen(rows[i].value), collect, seen);
		if (strcmp(seen, rows[i].expected) != 0)
			fail_msg("'%s': expected '%s', saw '%s'", rows[i].value,
			    rows[i].expected, seen);
	}
}

static bool
count_two(void *arg, const struct address *a)
{
	(void)a;
	return ++*(int *)arg < 2;
}

static void
list_ends_when_it_is_told_to(void **state)
{
	int n = 0;

	(void)state;
	address_list("a@x, b@x, c@x, d@x", 18, count_two, &n);
	assert_int_equal(n, 2);
}

/* Linear, in CPU time: beginning anew at each comma would take a minute. */
static void
long_hostile_lists_are_read_in_one_go(void **state)
{
	static const char *const pieces[] = { "(,", "\",", "<,", "a:", "@,",
		"((", "a@b<", ";", "\\,", "a@[," };
	enum { SIZE = 256 * 1024 };
	char *value = malloc(SIZE);
	clock_t start = clock();
	int n = 0;
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = strlen(pieces[i]);

		for (size_t k = 0; k < SIZE; k++)
			value[k] = pieces[i][k % len];
		address_list(value, SIZE, count_two, &n);
		assert_int_not_equal(
		    address_from_header(&a, value, SIZE), ADDRESS_OK);
	}
	assert_int_equal(n, 0);
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	free(value);
}

/* ---- equality and normal forms ---- */

static struct address
spec(const char *text)
{
	struct address a;

	assert_int_equal(address_from_spec(&a, text, strlen(text)), ADDRESS_OK);
	return a;
}

/* protocol.md 2.3 */
static void
addresses_are_equal_but_for_ascii_case(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "Martha@Domain.com", "martha@domain.COM", true },
		{ "a@b\xc3\xbc\x63her.example", "A@XN--BCHER-KVA.example",
		    true },
		{ "m\xc3\xbc@x.org", "m\xc3\xbc@x.org", true },
		{ "m\xc3\xbc@x.org", "m\xc3\x9c@x.org", false },
		{ "m\xc3\xbc@x.org", "mu\xcc\x88@x.org", false },
		{ "martha+x@x.org", "martha@x.org", false },
		{ "mar.tha@x.org", "martha@x.org", false },
		{ "martha@x.org", "martha@y.x.org", false },
		{ "martha@x.org", "marthas@x.org", false },
	};
	struct address a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = spec(rows[i].a);
		b = spec(rows[i].b);
		if (address_equal(&a, &b) != rows[i].equal)
			fail_msg("'%s' and '%s': expected %d", rows[i].a,
			    rows[i].b, rows[i].equal);
	}
}

static void
normal_form_is_lower_case_in_ascii_only(void **state)
{
	char text[ADDRESS_MAX];
	struct address a = spec("M\xc3\x9cller.X@Domain.COM");

	(void)state;
	assert_string_equal(
	    address_normal(&a, text), "m\xc3\x9cller.x@domain.com");
	assert_string_equal(
	    address_text(&a, text), "M\xc3\x9cller.X@domain.com");
}

/* The A-labels are those of RFC 3492 7.1 and of IANA's examples. */
static void
domain_becomes_lower_case_a_labels(void **state)
{
	static const struct {
		const char *domain, *normal; /* NULL: none */
	} rows[] = {
		{ "domain.com", "domain.com" }, { "DOMAIN.Com.", "domain.com" },
		{ "my_isp.net", "my_isp.net" },
		{ "_policy.dnsmail.x-1.org", "_policy.dnsmail.x-1.org" },
		{ "com", "com" },
		{ "b\xc3\xbc\x63her.example", "xn--bcher-kva.example" },
		{ "B\xc3\x9c\x43HER.Example", "xn--bcher-kva.example" },
		{ "fa\xc3\x9f.de", "xn--fa-hia.de" },
		{ "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83"
		  "\x88",
		    "xn--r8jz45g.xn--zckzah" },
		{ "\xef\xbd\x84omain.com", "domain.com" }, /* full width d */
		{ "a\xe3\x80\x82org", "a.org" },           /* ideographic dot */
		{ "my_b\xc3\xbc.net", "xn--my_b-3ra.net" }, { "", NULL },
		{ ".", NULL }, { "..", NULL }, { "a..b", NULL }, { ".a", NULL },
		{ "a b", NULL }, { "a\\.b", NULL }, { "a*b", NULL },
		{ "a/b.org", NULL }, { "a@b", NULL }, { "1.2.3.4/5", NULL },
		{ "\xfc.org", NULL }, { "\xc3\xbc..org", NULL },
		{ "a\xe2\x84\x80.org", NULL }, /* maps to a/c */
		{ "a\xe2\x80\x8b\xc3\xbc@b", NULL },
		{ "\xe2\x80\xae.org", NULL }, /* right-to-left override */
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
	assert_false(domain_normal(out, "a\0b", 3));
	assert_false(domain_normal(out, "\xc3\xbc\0b", 4));
}

static void
domain_bounds_are_those_of_dns(void **state)
{
	char domain[2000], out[DOMAIN_MAX];

	(void)state;
	memset(domain, 'a', sizeof(domain));
	assert_true(domain_normal(out, domain, 63));
	assert_false(domain_normal(out, domain, 64));
	for (size_t i = 50; i < sizeof(domain); i += 51)
		domain[i] = '.';
	assert_true(domain_normal(out, domain, 253));
	assert_false(domain_normal(out, domain, 254)); /* not a dot */
	domain[253] = '.';
	assert_true(domain_normal(out, domain, 254));
	memcpy(domain, "\xc3\xbc", 2);
	assert_false(domain_normal(out, domain, sizeof(domain)));
	assert_false(domain_normal(out, domain, 1000));
}

/*
 * `"\"\"\"...`: each quote might open a string that is never closed. A reader
 * that tries each of them takes minutes for this one.
 */
static void
an_unclosed_quote_of_a_megabyte_is_malformed(void **state)
{
	const size_t n = 1024 * 1024;
	char *path = malloc(n + 1);
	struct address a;

	(void)state;
	assert_non_null(path);
	path[0] = '"';
	for (size_t i = 1; i < n; i++)
		path[i] = i % 2 == 1 ? '\\' : '"';
	path[n] = '\0';
	assert_int_equal(address_from_path(&a, path), ADDRESS_MALFORMED);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_is_exactly_one_mailbox_or_no_address),
		cmocka_unit_test(
		    every_prefix_of_a_from_is_read_within_its_length),
		cmocka_unit_test(bounds_of_local_part_and_domain_are_kept),
		cmocka_unit_test(path_is_read_as_smtp_writes_it),
		cmocka_unit_test(spec_is_an_address_and_nothing_else),
		cmocka_unit_test(
		    list_gives_every_mailbox_and_skips_what_is_none),
		cmocka_unit_test(list_ends_when_it_is_told_to),
		cmocka_unit_test(long_hostile_lists_are_read_in_one_go),
		cmocka_unit_test(addresses_are_equal_but_for_ascii_case),
		cmocka_unit_test(normal_form_is_lower_case_in_ascii_only),
		cmocka_unit_test(domain_becomes_lower_case_a_labels),
		cmocka_unit_test(domain_bounds_are_those_of_dns),
		cmocka_unit_test(an_unclosed_quote_of_a_megabyte_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
