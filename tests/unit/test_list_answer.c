/*
 * A resolver's answer about a server list, and resolv.conf. The messages are
 * written by hand, octet by octet, from RFC 1035 4.1 and RFC 2308.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/list_answer.h"
#include "verifyd/resolv_conf.h"

struct message {
	size_t n;
	uint8_t octets[1024];
};

enum { QUESTION = 12 }; /* where the name of the question stands */

static void
octets(struct message *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof(m->octets));
	memcpy(m->octets + m->n, p, n);
	m->n += n;
}

static void
u16(struct message *m, unsigned x)
{
	octets(m, (uint8_t[]){ (uint8_t)(x >> 8), (uint8_t)x }, 2);
}

static void
u32(struct message *m, uint32_t x)
{
	u16(m, x >> 16);
	u16(m, x & 0xffff);
}

/* "dnsmail.a.org" TXT IN, and so many RRs to come. */
static void
begin(struct message *m, unsigned flags, unsigned an, unsigned ns)
{
	m->n = 0;
	u16(m, 1);
	u16(m, 0x8180 | flags);
	u16(m, 1);
	u16(m, an);
	u16(m, ns);
	u16(m, 0);
	octets(m, "\7dnsmail\1a\3org", 15);
	u16(m, DNS_TXT);
	u16(m, DNS_IN);
}

/* An RR at the name that stands at that offset. */
static void
rr(struct message *m, unsigned owner, unsigned type, uint32_t ttl,
    const void *rdata, unsigned n)
{
	u16(m, 0xc000 | owner);
	u16(m, type);
	u16(m, DNS_IN);
	u32(m, ttl);
	u16(m, n);
	octets(m, rdata, n);
}

static struct list_answer
read_list(const struct message *m)
{
	struct dns_name name;
	struct list_answer answer;

	assert_int_equal(dns_name_parse(&name, "dnsmail.a.org"), 0);
	list_answer_read(&answer, m->octets, m->n, &name);
	return answer;
}

static void
a_list_is_kept_for_its_ttl(void **state)
{
	struct message m;
	struct list_answer answer;

	(void)state;
	begin(&m, 0, 2, 0);
	rr(&m, QUESTION, DNS_TXT, 300,
	    "\x09"
	    "192.0.2.1",
	    10);
	rr(&m, QUESTION, DNS_TXT, 200,
	    "\x09"
	    "192.0.2.2",
	    10);
	answer = read_list(&m);
	assert_int_equal(answer.outcome, LOOKUP_FOUND);
	assert_int_equal(answer.list.n, 2);
	assert_int_equal(answer.keep, 200);
	assert_false(answer.ad);
}

static void
but_for_an_hour_at_most(void **state)
{
	struct message m;

	(void)state;
	begin(&m, DNS_AD, 1, 0);
	rr(&m, QUESTION, DNS_TXT, 86400,
	    "\x09"
	    "192.0.2.1",
	    10);
	assert_int_equal(read_list(&m).keep, 3600);
	assert_true(read_list(&m).ad);
}

static void
records_of_another_name_are_not_of_the_list(void **state)
{
	struct message m;

	(void)state;
	begin(&m, 0, 1, 0);
	rr(&m, QUESTION + 8, DNS_TXT, 300,
	    "\x09"
	    "192.0.2.1",
	    10);
	assert_int_equal(read_list(&m).outcome, LOOKUP_NO_RECORD);
}

static void
a_cname_is_followed(void **state)
{
	struct message m;
	unsigned target;
	struct list_answer answer;

	(void)state;
	begin(&m, 0, 2, 0);
	target = (unsigned)m.n + 12;
	rr(&m, QUESTION, DNS_CNAME, 60, "\1b\3net", 7);
	rr(&m, target, DNS_TXT, 300,
	    "\x09"
	    "192.0.2.1",
	    10);
	answer = read_list(&m);
	assert_int_equal(answer.outcome, LOOKUP_FOUND);
	assert_int_equal(answer.list.n, 1);
	assert_int_equal(answer.keep, 60);
}

static void
cnames_in_a_circle_end(void **state)
{
	struct message m;

	(void)state;
	begin(&m, 0, 1, 0);
	rr(&m, QUESTION, DNS_CNAME, 60, "\xc0\x0c", 2);
	assert_int_equal(read_list(&m).outcome, LOOKUP_NO_RECORD);
}

/* RFC 2308 section 5: the lesser of the SOA's TTL and its minimum. */
static void
no_list_is_kept_as_the_soa_says(void **state)
{
	static const struct {
		uint32_t ttl, minimum, keep;
	} rows[] = { { 100, 200, 100 }, { 200, 90, 90 }, { 900, 900, 300 } };
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t soa[22] = { 0 }; /* the root twice, five numbers */

		soa[20] = (uint8_t)(rows[i].minimum >> 8);
		soa[21] = (uint8_t)rows[i].minimum;
		begin(&m, DNS_NXDOMAIN, 0, 1);
		rr(&m, QUESTION + 8, DNS_SOA, rows[i].ttl, soa, sizeof(soa));
		assert_int_equal(read_list(&m).outcome, LOOKUP_NO_RECORD);
		assert_int_equal(read_list(&m).keep, rows[i].keep);
	}
	begin(&m, DNS_NXDOMAIN, 0, 0);
	assert_int_equal(read_list(&m).keep, LIST_KEEP_NEGATIVE);
}

static void
every_prefix_is_read_without_fault(void **state)
{
	struct message m;
	struct dns_name name;

	(void)state;
	assert_int_equal(dns_name_parse(&name, "dnsmail.a.org"), 0);
	begin(&m, 0, 2, 1);
	rr(&m, QUESTION, DNS_CNAME, 60, "\1b\3net", 7);
	rr(&m, QUESTION, DNS_TXT, 300,
	    "\x09"
	    "192.0.2.1",
	    10);
	rr(&m, QUESTION, DNS_SOA, 300, "0123456789012345678901", 22);
	for (size_t n = 0; n < m.n; n++) {
		uint8_t *copy = malloc(n + 1);
		struct list_answer answer;

		assert_non_null(copy);
		memcpy(copy, m.octets, n);
		list_answer_read(&answer, copy, n, &name);
		assert_true(answer.list.n <= 1);
		free(copy);
	}
}

static void
only_what_counts_is_kept(void **state)
{
	struct list_answer answer = { 0 };
	size_t empty = list_answer_size(&answer);

	(void)state;
	answer.list.n = SERVER_LIST_MAX;
	assert_int_equal(list_answer_size(&answer), sizeof(answer));
	assert_int_equal(
	    empty, sizeof(answer) - SERVER_LIST_MAX * sizeof(answer.list.v[0]));
}

static void
resolv_conf_names_the_resolvers(void **state)
{
	static const char text[] = "# nameserver 192.0.2.9\n"
				   "search example.org\n"
				   "nameserver 192.0.2.1\n"
				   "nameserver\t2001:db8::1 # the second\r\n"
				   "nameserverx 192.0.2.3\n"
				   "nameserver nonsense\n"
				   "options edns0\n"
				   "nameserver 192.0.2.4";
	static const char *const expected[] = { "192.0.2.1@53",
		"2001:db8::1@53", "192.0.2.4@53" };
	struct net_address v[RESOLV_CONF_MAX];
	char shown[NET_ADDRESS_TEXT_MAX];

	(void)state;
	assert_int_equal(resolv_conf_parse(v, text, strlen(text)), 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(
		    net_address_text(&v[i], shown), expected[i]);
	assert_int_equal(resolv_conf_parse(v, "", 0), 0);
}

static void
more_resolvers_than_fit_are_skipped(void **state)
{
	struct net_address v[RESOLV_CONF_MAX];
	char text[1024] = "";

	(void)state;
	for (int i = 0; i < RESOLV_CONF_MAX + 3; i++)
		strcat(text, "nameserver 192.0.2.1\n");
	assert_int_equal(
	    resolv_conf_parse(v, text, strlen(text)), RESOLV_CONF_MAX);
}

/* ---- the wish ---------------------------------------------------------------
 */

static struct list_answer
read_wish(const struct message *m)
{
	struct dns_name name;
	struct list_answer answer;

	assert_int_equal(dns_name_parse(&name, "dnsmail.a.org"), 0);
	list_answer_wish(&answer, m->octets, m->n, &name);
	return answer;
}

static const char wish[] = "\x17v=dnsmail1; fail=reject";

static void
a_wish_is_kept_for_its_ttl(void **state)
{
	struct message m;
	struct list_answer answer;

	(void)state;
	begin(&m, 0, 2, 0);
	rr(&m, QUESTION, DNS_TXT, 300, "\1x", 2);
	rr(&m, QUESTION, DNS_TXT, 200, wish, sizeof(wish) - 1);
	answer = read_wish(&m);
	assert_int_equal(answer.outcome, LOOKUP_FOUND);
	assert_int_equal(answer.wish.fail, WISH_REJECT);
	assert_int_equal(answer.wish.missing, WISH_NONE);
	assert_int_equal(answer.keep, 200);
	assert_int_equal(answer.list.n, 0);
}

/* Each octet a character-string of its own, hundreds of them. */
static void
a_wish_in_hundreds_of_strings_is_read(void **state)
{
	static const char text[] = "v=dnsmail1; fail=reject";
	const size_t fill = 400;
	uint8_t rdata[2 * 423];
	struct message m;

	(void)state;
	for (size_t i = 0; i < fill + strlen(text); i++) {
		rdata[2 * i] = 1;
		rdata[2 * i + 1] = i < fill ? ' ' : (uint8_t)text[i - fill];
	}
	begin(&m, 0, 1, 0);
	rr(&m, QUESTION, DNS_TXT, 60, rdata, sizeof(rdata));
	assert_int_equal(sizeof(rdata), 2 * (fill + strlen(text)));
	assert_int_equal(read_wish(&m).wish.fail, WISH_REJECT);
}

/* A character-string that is longer than its record. */
static void
a_broken_text_wishes_nothing(void **state)
{
	struct message m;

	(void)state;
	begin(&m, 0, 1, 0);
	rr(&m, QUESTION, DNS_TXT, 60, wish, sizeof(wish) - 2);
	assert_int_equal(read_wish(&m).wish.fail, WISH_NONE);
}

/* RFC 8020: not where only the type is missing, nor for an alias's target. */
static void
below_a_name_that_does_not_exist_is_nothing(void **state)
{
	struct message m;

	(void)state;
	begin(&m, DNS_NXDOMAIN, 0, 0);
	assert_true(read_list(&m).nothing_below);
	begin(&m, 0, 0, 0);
	assert_false(read_list(&m).nothing_below);
	begin(&m, DNS_NXDOMAIN, 1, 0);
	rr(&m, QUESTION, DNS_CNAME, 60, "\1b\3org", 7);
	assert_false(read_list(&m).nothing_below);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wish_is_kept_for_its_ttl),
		cmocka_unit_test(a_wish_in_hundreds_of_strings_is_read),
		cmocka_unit_test(a_broken_text_wishes_nothing),
		cmocka_unit_test(below_a_name_that_does_not_exist_is_nothing),
		cmocka_unit_test(a_list_is_kept_for_its_ttl),
		cmocka_unit_test(but_for_an_hour_at_most),
		cmocka_unit_test(records_of_another_name_are_not_of_the_list),
		cmocka_unit_test(a_cname_is_followed),
		cmocka_unit_test(cnames_in_a_circle_end),
		cmocka_unit_test(no_list_is_kept_as_the_soa_says),
		cmocka_unit_test(every_prefix_is_read_without_fault),
		cmocka_unit_test(only_what_counts_is_kept),
		cmocka_unit_test(resolv_conf_names_the_resolvers),
		cmocka_unit_test(more_resolvers_than_fit_are_skipped),
	};

	return cmocka_run_group_tests_name("list_answer", tests, NULL, NULL);
}
