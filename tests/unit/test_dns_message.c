/*
 * dns_message: what others send is read within its bounds, or refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/dns_message.h"

enum { HEADER = 12 };

/* An answer: b.example.test TXT "ab" "c", SOA in authority, OPT at the end. */
static const uint8_t answer[] = {
	0x12, 0x34, 0x84, 0x00, 0, 1, 0, 1, 0, 1, 0, 1, /* header */
	1, 'B', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e',   /* 12 */
	4, 't', 'e', 's', 't', 0, 0, 16, 0, 1,          /* 22 */
	0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 5,       /* 32 */
	2, 'a', 'b', 1, 'c',                            /* 44 */
	0xc0, 14, 0, 6, 0, 1, 0, 1, 0, 0, 0, 27,        /* 49 */
	2, 'n', 's', 0xc0, 14, 0xc0, 61,                /* 61 */
	0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,             /* 68 */
	0, 0, 0, 4, 0, 0, 0, 5,                         /* 80 */
	0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0,            /* 88 */
};

/* Reads all that the header counts; 0 if it ends where the message ends. */
static int
walk(const uint8_t *msg, size_t len)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;
	char text[1024];
	size_t n;

	if (dns_reader_open(&r, msg, len, &h) == -1)
		return -1;
	for (unsigned i = 0; i < h.qd; i++)
		if (dns_reader_question(&r, &name, &type, &class) == -1)
			return -1;
	for (unsigned i = 0; i < (unsigned)h.an + h.ns + h.ar; i++) {
		if (dns_reader_rr(&r, &rr) == -1)
			return -1;
		assert_true(rr.rdata + rr.rdlen <= msg + len);
		dns_txt(&rr, text, sizeof(text), &n);
		dns_name_text(&rr.owner, text);
	}
	assert_true(r.pos <= len);
	return r.pos == len ? 0 : -1;
}

/* In memory of just that size, so that a sanitizer sees a step too far. */
static int
walk_copy(const uint8_t *msg, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, msg, len);
	result = walk(copy, len);
	free(copy);
	return result;
}

static void
answer_is_read_field_by_field(void **state)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;
	char text[1024];
	size_t n, at;

	(void)state;
	assert_int_equal(dns_reader_open(&r, answer, sizeof(answer), &h), 0);
	assert_int_equal(h.id, 0x1234);
	assert_int_equal(h.flags, DNS_QR | DNS_AA);
	assert_int_equal(h.qd + h.an * 10 + h.ns * 100 + h.ar * 1000, 1111);
	assert_int_equal(dns_reader_question(&r, &name, &type, &class), 0);
	assert_string_equal(dns_name_text(&name, text), "b.example.test");
	assert_int_equal(type, DNS_TXT);
	assert_int_equal(class, DNS_IN);
	assert_int_equal(dns_reader_rr(&r, &rr), 0);
	assert_int_equal(rr.start, 32);
	assert_true(dns_name_equal(&rr.owner, &name));
	assert_int_equal(rr.ttl, 60);
	assert_int_equal(dns_txt(&rr, text, sizeof(text), &n), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(n, 3);
	assert_int_equal(dns_reader_rr(&r, &rr), 0);
	assert_int_equal(rr.type, DNS_SOA);
	assert_int_equal(rr.ttl, 65536);
	at = (size_t)(rr.rdata - answer);
	assert_int_equal(dns_reader_name(&r, &at, &name), 0);
	assert_string_equal(dns_name_text(&name, text), "ns.example.test");
	assert_int_equal(at, 66); /* just past its pointer */
	assert_int_equal(dns_reader_rr(&r, &rr), 0);
	assert_int_equal(rr.type, DNS_OPT);
	assert_int_equal(rr.class, 1232);
	assert_string_equal(dns_name_text(&rr.owner, text), ".");
	assert_int_equal(r.pos, sizeof(answer));
}

static void
every_prefix_of_an_answer_is_refused(void **state)
{
	(void)state;
	assert_int_equal(walk_copy(answer, sizeof(answer)), 0);
	for (size_t n = 0; n < sizeof(answer); n++)
		assert_int_equal(walk_copy(answer, n), -1);
}

static void
no_changed_octet_leads_outside_the_message(void **state)
{
	uint8_t copy[sizeof(answer)];

	(void)state;
	for (size_t i = 0; i < sizeof(answer); i++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(copy, answer, sizeof(copy));
			copy[i] = (uint8_t)v;
			walk_copy(copy, sizeof(copy));
		}
}

static void
message_over_65535_octets_is_refused(void **state)
{
	uint8_t *big = calloc(1, 65536);
	struct dns_reader r;
	struct dns_header h;

	(void)state;
	assert_non_null(big);
	assert_int_equal(dns_reader_open(&r, big, 65535, &h), 0);
	assert_int_equal(dns_reader_open(&r, big, 65536, &h), -1);
	free(big);
}

/* ---- names ----------------------------------------------------------------
 */

static int
read_name(const uint8_t *msg, size_t len, size_t *pos, struct dns_name *name)
{
	struct dns_reader r = { .msg = msg, .len = len, .pos = *pos };

	return dns_reader_name(&r, pos, name);
}

static void
compression_example_of_rfc1035_4_1_4_is_read(void **state)
{
	uint8_t msg[93] = { 0 };
	struct dns_name name;
	char text[1024];
	static const struct {
		size_t at, past;
		const char *text;
	} names[] = {
		{ 20, 32, "f.isi.arpa" },
		{ 40, 46, "foo.f.isi.arpa" },
		{ 64, 66, "arpa" },
		{ 92, 93, "." },
	};

	(void)state;
	memcpy(msg + 20, "\1F\3ISI\4ARPA", 12);
	memcpy(msg + 40, "\3FOO\xc0\x14", 6);
	memcpy(msg + 64, "\xc0\x1a", 2);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t pos = names[i].at;

		assert_int_equal(read_name(msg, sizeof(msg), &pos, &name), 0);
		assert_int_equal(pos, names[i].past);
		assert_string_equal(dns_name_text(&name, text), names[i].text);
	}
}

static void
pointer_that_does_not_go_backwards_is_refused(void **state)
{
	struct dns_name name;
	/* each name begins at 14 */
	static const struct {
		uint8_t octets[8];
		const char *what;
	} bad[] = {
		{ { 0, 0, 0xc0, 14 }, "to itself" },
		{ { 0, 0, 0xc0, 16, 0 }, "forwards" },
		{ { 0, 0, 1, 'a', 0xc0, 14 }, "to the label before it" },
		{ { 0, 0, 1, 'a', 0xc0, 16 }, "to itself after a label" },
		{ { 0, 0, 0xc0, 11, 0 }, "into the header" },
		{ { 0xc0, 14, 0xc0, 12 }, "to one that comes back" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t msg[HEADER + 8] = { 0 };
		size_t pos = 14;

		memcpy(msg + HEADER, bad[i].octets, 8);
		if (read_name(msg, sizeof(msg), &pos, &name) == 0)
			fail_msg("accepted a pointer %s", bad[i].what);
	}
}

/* n pointers, each to the one before, the first to the root. */
static int
read_chain(unsigned n)
{
	uint8_t msg[HEADER + 1 + 2 * 200] = { 0 };
	size_t pos = HEADER;
	struct dns_name name;

	for (unsigned i = 0; i < n; i++) {
		size_t to = pos;

		pos = HEADER + 1 + 2 * (size_t)i;
		msg[pos] = (uint8_t)(0xc0 | to >> 8);
		msg[pos + 1] = (uint8_t)to;
	}
	return read_name(msg, sizeof(msg), &pos, &name);
}

static void
chain_of_more_than_127_pointers_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_chain(127), 0);
	assert_int_equal(read_chain(128), -1);
}

/* Labels of 63, 63, 63 and `last` octets and the root: 194 + last. */
static int
read_long(size_t last)
{
	uint8_t msg[HEADER + 300] = { 0 };
	size_t pos = HEADER, at = HEADER;
	struct dns_name name;

	for (int i = 0; i < 3; i++, at += 64)
		msg[at] = 63;
	msg[at] = (uint8_t)last;
	return read_name(msg, sizeof(msg), &pos, &name);
}

static void
name_over_255_octets_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_long(61), 0);
	assert_int_equal(read_long(62), -1);
}

static void
label_types_01_and_10_are_refused(void **state)
{
	uint8_t msg[HEADER + 200] = { 0 };
	struct dns_name name;

	(void)state;
	for (unsigned type = 0x40; type < 0xc0; type++) {
		size_t pos = HEADER;

		msg[HEADER] = (uint8_t)type;
		assert_int_equal(read_name(msg, sizeof(msg), &pos, &name), -1);
	}
}

static void
names_are_parsed_or_refused(void **state)
{
	static const struct {
		const char *text, *back; /* NULL: refused */
	} cases[] = {
		{ "Example.Test", "example.test" },
		{ "example.test.", "example.test" },
		{ "_policy.dnsmail.a-b.test", "_policy.dnsmail.a-b.test" },
		{ ".", "." },
		{ "", NULL },
		{ "..", NULL },
		{ ".a", NULL },
		{ "a..b", NULL },
		{ "a b", NULL },
		{ "a\\046b", NULL },
		{ "b\xc3\xbc", NULL },
		{ "a@b", NULL },
	};
	struct dns_name name;
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int want = cases[i].back != NULL ? 0 : -1;

		if (dns_name_parse(&name, cases[i].text) != want)
			fail_msg("\"%s\": not %d", cases[i].text, want);
		if (want == 0)
			assert_string_equal(
			    dns_name_text(&name, text), cases[i].back);
	}
}

static void
label_of_64_and_name_of_256_octets_are_not_parsed(void **state)
{
	char text[300];
	struct dns_name name;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[63] = '\0';
	assert_int_equal(dns_name_parse(&name, text), 0);
	text[63] = 'a';
	text[64] = '\0';
	assert_int_equal(dns_name_parse(&name, text), -1);
	memset(text, 'a', sizeof(text));
	text[63] = text[127] = text[191] = '.';
	text[253] = '\0'; /* 253 characters are 255 octets */
	assert_int_equal(dns_name_parse(&name, text), 0);
	assert_int_equal(name.len, 255);
	text[253] = 'a';
	text[254] = '\0';
	assert_int_equal(dns_name_parse(&name, text), -1);
}

static void
odd_octets_are_shown_as_numbers(void **state)
{
	static const uint8_t wire[] = "\4a.\0\xff\1\\";
	struct dns_name name = { .len = sizeof(wire) };
	char text[1024];

	(void)state;
	memcpy(name.wire, wire, sizeof(wire));
	assert_string_equal(
	    dns_name_text(&name, text), "a\\046\\000\\255.\\092");
}

static void
below_goes_by_labels(void **state)
{
	static const struct {
		const char *name, *top;
		bool below;
	} cases[] = {
		{ "a.example.test", "example.test", true },
		{ "example.test", "example.test", true },
		{ "example.test", ".", true },
		{ "myexample.test", "example.test", false },
		{ "test", "example.test", false },
		{ "example.test", "a.example.test", false },
		{ "b.example.test", "a.example.test", false },
	};
	struct dns_name name, top;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dns_name_parse(&name, cases[i].name);
		dns_name_parse(&top, cases[i].top);
		if (dns_name_below(&name, &top) != cases[i].below)
			fail_msg("%s below %s", cases[i].name, cases[i].top);
	}
}

/* ---- TXT ------------------------------------------------------------------
 */

static int
join(const char *rdata, size_t n, size_t size)
{
	struct dns_rr rr = { .rdata = (const uint8_t *)rdata,
		.rdlen = (uint16_t)n };
	char text[512];
	size_t len;

	return dns_txt(&rr, text, size, &len) == 0 ? (int)len : -1;
}

static void
txt_is_joined_or_refused(void **state)
{
	(void)state;
	assert_int_equal(join("\2ab\0\1c", 6, 512), 3);
	assert_int_equal(join("\0", 1, 512), 0);
	assert_int_equal(join("", 0, 512), -1);     /* RFC 1035: one or more */
	assert_int_equal(join("\3ab", 3, 512), -1); /* runs over */
	assert_int_equal(join("\2ab\1", 4, 512), -1);
	assert_int_equal(join("\2ab\1c", 5, 4), 3); /* with its NUL */
	assert_int_equal(join("\2ab\1c", 5, 3), -1);
	assert_int_equal(join("\2ab", 3, 2), -1);
}

/* ---- queries --------------------------------------------------------------
 */

static void
query_has_the_octets_of_rfc1035_and_rfc6891(void **state)
{
	static const uint8_t plain[] = { 0xbe, 0xef, 0x01, 0x20, 0, 1, 0, 0, 0,
		0, 0, 0, /* RD, AD */
		1, 'a', 4, 't', 'e', 's', 't', 0, 0, 16, 0, 1 };
	static const uint8_t edns[] = { 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1,
		'a', 4, 't', 'e', 's', 't', 0, 0, 6, 0, 1, 0, 0, 41, 0x04, 0xd0,
		0, 0, 0, 0, 0, 0 };
	struct dns_name name;
	uint8_t buf[512];

	(void)state;
	dns_name_parse(&name, "a.test");
	assert_int_equal(dns_query_put(buf, sizeof(buf), 0xbeef, &name, DNS_TXT,
			     DNS_RD | DNS_AD, 0),
	    sizeof(plain));
	assert_memory_equal(buf, plain, sizeof(plain));
	assert_int_equal(
	    dns_query_put(buf, sizeof(buf), 7, &name, DNS_SOA, 0, 1232),
	    sizeof(edns));
	assert_memory_equal(buf, edns, sizeof(edns));
	assert_int_equal(
	    dns_query_put(buf, sizeof(edns) - 1, 7, &name, DNS_SOA, 0, 1232),
	    0);
}

static void
rcodes_have_names(void **state)
{
	(void)state;
	assert_string_equal(dns_rcode_text(DNS_REFUSED), "REFUSED");
	assert_string_equal(dns_rcode_text(DNS_NOTAUTH), "NOTAUTH");
	for (unsigned rcode = 0; rcode < 5000; rcode++)
		assert_non_null(dns_rcode_text(rcode));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_is_read_field_by_field),
		cmocka_unit_test(every_prefix_of_an_answer_is_refused),
		cmocka_unit_test(no_changed_octet_leads_outside_the_message),
		cmocka_unit_test(message_over_65535_octets_is_refused),
		cmocka_unit_test(compression_example_of_rfc1035_4_1_4_is_read),
		cmocka_unit_test(pointer_that_does_not_go_backwards_is_refused),
		cmocka_unit_test(chain_of_more_than_127_pointers_is_refused),
		cmocka_unit_test(name_over_255_octets_is_refused),
		cmocka_unit_test(label_types_01_and_10_are_refused),
		cmocka_unit_test(names_are_parsed_or_refused),
		cmocka_unit_test(
		    label_of_64_and_name_of_256_octets_are_not_parsed),
		cmocka_unit_test(odd_octets_are_shown_as_numbers),
		cmocka_unit_test(below_goes_by_labels),
		cmocka_unit_test(txt_is_joined_or_refused),
		cmocka_unit_test(query_has_the_octets_of_rfc1035_and_rfc6891),
		cmocka_unit_test(rcodes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
