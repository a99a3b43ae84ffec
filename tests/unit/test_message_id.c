/* ID names and the DNS-Mail-ID field (protocol.md 2.1 and 3). */
#include "common/message_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648 section 10: "foobar" is MZXW6YTBOI without padding. */
static void
id_is_base32_of_its_octets_in_lower_case(void **state)
{
	static const uint8_t foobar[MESSAGE_ID_RANDOM] = "foobarfoobarfoob";
	static const uint8_t zero[MESSAGE_ID_RANDOM] = { 0 };
	uint8_t ones[MESSAGE_ID_RANDOM];
	struct message_id id;

	(void)state;
	message_id_make(&id, zero, "domain.com");
	assert_string_equal(id.label, "aaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_string_equal(id.domain, "domain.com");
	memset(ones, 0xff, sizeof(ones));
	message_id_make(&id, ones, "domain.com");
	/* 25 times 31, then 111 and two zero bits: 28, "4" */
	assert_string_equal(id.label, "77777777777777777777777774");
	message_id_make(&id, foobar, "domain.com");
	/* printf foobarfoobarfoob | base32 | tr A-Z a-z */
	assert_string_equal(id.label, "mzxw6ytbojtg633cmfzgm33pmi");
}

static void
made_id_is_read_back(void **state)
{
	uint8_t random[MESSAGE_ID_RANDOM];
	struct message_id id, back;
	char name[MESSAGE_ID_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)(i * 37 + 11);
	message_id_make(&id, random, "domain.com");
	message_id_name(&id, name);
	assert_int_equal(strlen(name), 26 + 1 + strlen("domain.com"));
	assert_true(message_id_parse(&back, name, strlen(name)));
	assert_true(message_id_equal(&id, &back));
	back.label[0] ^= 1;
	assert_false(message_id_equal(&id, &back));
	back = id;
	strcpy(back.domain, "other.com");
	assert_false(message_id_equal(&id, &back));
}

#define LABEL_63 \
	"123456789012345678901234567890123456789012345678901234567890123"

static void
field_is_one_id_name(void **state)
{
	static const struct {
		const char *value, *name; /* NULL: none */
	} rows[] = {
		{ "kq37a.domain.com", "kq37a.domain.com" },
		{ " kq37a.domain.com", "kq37a.domain.com" },
		{ "KQ37A.Domain.COM", "kq37a.domain.com" },
		{ "kq37a.domain.com.", "kq37a.domain.com" },
		{ "(c) kq37a.domain.com (c (d)) \r\n", "kq37a.domain.com" },
		{ "kq37a.\r\n domain.com", "kq37a.domain.com" },
		{ "kq37a(c).(c)domain . com", "kq37a.domain.com" },
		{ "a-b_c.my_isp.net", "a-b_c.my_isp.net" },
		{ "a.b", "a.b" },
		{ LABEL_63 ".x.org", LABEL_63 ".x.org" },
		{ "a.b\xc3\xbc\x63her.example", "a.xn--bcher-kva.example" },
		{ LABEL_63 "4.x.org", NULL },
		{ "", NULL },
		{ "a", NULL },
		{ "a.", NULL },
		{ ".domain.com", NULL },
		{ "a..com", NULL },
		{ "a.b..", NULL },
		{ "a@b.com", NULL },
		{ "a+b.domain.com", NULL },
		{ "\xc3\xbc.domain.com", NULL },
		{ "a.domain.com, b.domain.com", NULL },
		{ "a.domain.com; x", NULL },
		{ "\"a\".domain.com", NULL },
		{ "<a.domain.com>", NULL },
		{ "a\\.b.com", NULL },
		{ "a.domain.com (", NULL },
		{ "*.domain.com", NULL },
		{ "a.do*main.com", NULL },
		{ "a.domain.com\x01", NULL },
	};
	char name[MESSAGE_ID_NAME_MAX];
	struct message_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok =
		    message_id_parse(&id, rows[i].value, strlen(rows[i].value));

		if (ok != (rows[i].name != NULL) ||
		    (ok &&
			strcmp(message_id_name(&id, name), rows[i].name) != 0))
			fail_msg("'%s': expected %s, saw %s", rows[i].value,
			    rows[i].name != NULL ? rows[i].name : "none",
			    ok ? name : "none");
	}
	assert_false(message_id_parse(&id, "a.b\0c", 5));
}

static void
name_longer_than_dns_allows_is_refused(void **state)
{
	char name[2000];
	struct message_id id;

	(void)state;
	memset(name, 'a', sizeof(name));
	for (size_t i = 60; i < sizeof(name); i += 61)
		name[i] = '.';
	assert_true(message_id_from_name(&id, name, 253));
	assert_false(message_id_from_name(&id, name, 254));
	assert_false(message_id_parse(&id, name, sizeof(name)));
}

static void
name_in_presentation_form_takes_no_white_space(void **state)
{
	struct message_id id;

	(void)state;
	assert_true(message_id_from_name(&id, "A.Domain.com.", 13));
	assert_string_equal(id.label, "a");
	assert_string_equal(id.domain, "domain.com");
	assert_false(message_id_from_name(&id, " a.domain.com", 13));
	assert_false(message_id_from_name(&id, "a.domain.com ", 13));
	assert_false(message_id_from_name(&id, "a\\046b.domain.com", 17));
}

static void
every_prefix_is_read_within_its_length(void **state)
{
	static const char value[] = " (c) kq37a. (d) domain.com. (e)";
	struct message_id id;

	(void)state;
	for (size_t n = 0; n < sizeof(value) - 1; n++) {
		char *copy = malloc(n > 0 ? n : 1);

		memcpy(copy, value, n);
		/* in a comment, before the first dot or right after it */
		if (memchr(value, 'd', n) == NULL)
			assert_false(message_id_parse(&id, copy, n));
		else
			message_id_parse(&id, copy, n);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_is_base32_of_its_octets_in_lower_case),
		cmocka_unit_test(made_id_is_read_back),
		cmocka_unit_test(field_is_one_id_name),
		cmocka_unit_test(name_longer_than_dns_allows_is_refused),
		cmocka_unit_test(
		    name_in_presentation_form_takes_no_white_space),
		cmocka_unit_test(every_prefix_is_read_within_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
