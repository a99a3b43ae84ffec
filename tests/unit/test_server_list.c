/* dnsmail.<domain>: what is an address in it, and what is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/server_list.h"

enum { RDATA_MAX = 4096 };

/* One character-string after the other, each with its length before it. */
struct rdata {
	size_t n;
	uint8_t octets[RDATA_MAX];
};

static void
put(struct rdata *r, const char *text, size_t n)
{
	assert_true(n <= 255 && r->n + 1 + n <= RDATA_MAX);
	r->octets[r->n++] = (uint8_t)n;
	memcpy(r->octets + r->n, text, n);
	r->n += n;
}

static void
add(struct server_list *list, const char *text)
{
	struct rdata r = { 0 };

	put(&r, text, strlen(text));
	server_list_add(list, r.octets, r.n);
}

/* The list as text, comma separated. */
static const char *
shown(const struct server_list *list)
{
	static char text[SERVER_LIST_MAX * NET_ADDRESS_TEXT_MAX];
	char one[NET_ADDRESS_TEXT_MAX];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
		    i > 0 ? "," : "", net_address_text(&list->v[i], one));
	return text;
}

static void
texts_become_addresses(void **state)
{
	static const struct {
		const char *text, *list;
	} rows[] = {
		{ "155.47.64.164", "155.47.64.164@53" },
		{ "155.47.64.164,2001:db8::5",
		    "155.47.64.164@53,2001:db8::5@53" },
		{ " 155.47.64.164 ,\t2001:db8::5 ",
		    "155.47.64.164@53,2001:db8::5@53" },
		{ "127.0.0.1@5353", "127.0.0.1@5353" },
		{ "2001:db8::5@5353", "2001:db8::5@5353" },
		{ "", "" },
		{ ",,,", "" },
		{ "mail.domain.com", "" },
		{ "what,155.47.64.164,ever", "155.47.64.164@53" },
		{ "155.47.64.164 155.47.64.165", "" },
		{ "155.47.64.256", "" },
		{ "155.47.64.164@0", "" },
		{ "155.47.64.164@65536", "" },
		{ "155.47.64.164@", "" },
		{ "155.47.64.164,155.47.64.164", "155.47.64.164@53" },
		{ "155.47.64.164,155.47.64.164@54",
		    "155.47.64.164@53,155.47.64.164@54" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct server_list list = { 0 };

		add(&list, rows[i].text);
		assert_true(list.takes_part);
		assert_string_equal(shown(&list), rows[i].list);
	}
}

static void
records_and_strings_are_one_list(void **state)
{
	struct server_list list = { 0 };
	struct rdata r = { 0 };

	(void)state;
	put(&r, "192.0.2.1", 9);
	put(&r, "192.0.2.2", 9);
	server_list_add(&list, r.octets, r.n);
	add(&list, "192.0.2.3,192.0.2.1");
	assert_string_equal(
	    shown(&list), "192.0.2.1@53,192.0.2.2@53,192.0.2.3@53");
}

/* RFC 1035 3.3: no string is longer, so the text goes on in the next one. */
static void
a_full_string_goes_on_in_the_next(void **state)
{
	struct server_list list = { 0 };
	struct rdata r = { 0 };
	char text[255];

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text + 255 - 8, "192.0.2.", 8);
	put(&r, text, sizeof(text));
	put(&r, "77,192.0.2.78", 13);
	server_list_add(&list, r.octets, r.n);
	assert_string_equal(shown(&list), "192.0.2.77@53,192.0.2.78@53");
}

static void
more_than_the_bound_is_dropped_and_told(void **state)
{
	struct server_list list = { 0 };
	char text[32];

	(void)state;
	for (int i = 0; i < SERVER_LIST_MAX; i++) {
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		add(&list, text);
	}
	assert_int_equal(list.n, SERVER_LIST_MAX);
	assert_false(list.more);
	add(&list, "192.0.2.3");
	assert_false(list.more);
	add(&list, "192.0.2.200");
	assert_int_equal(list.n, SERVER_LIST_MAX);
	assert_true(list.more);
}

/* Exactly sized copies, so that a read too far is seen by ASan. */
static void
every_prefix_is_read_without_fault(void **state)
{
	struct rdata r = { 0 };

	(void)state;
	put(&r, "192.0.2.1,192.0.2.2", 19);
	put(&r, "2001:db8::5", 11);
	for (size_t n = 0; n <= r.n; n++) {
		struct server_list list = { 0 };
		uint8_t *copy = malloc(n + 1);

		assert_non_null(copy);
		memcpy(copy, r.octets, n);
		server_list_add(&list, copy, n);
		assert_true(list.takes_part);
		assert_true(list.n <= 3);
		free(copy);
	}
}

static void
an_endless_element_is_no_address(void **state)
{
	struct server_list list = { 0 };
	struct rdata r = { 0 };
	char text[255];

	(void)state;
	memset(text, '1', sizeof(text));
	for (int i = 0; i < 10; i++)
		put(&r, text, sizeof(text));
	put(&r, ",192.0.2.9", 10);
	server_list_add(&list, r.octets, r.n);
	assert_string_equal(shown(&list), "192.0.2.9@53");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_addresses),
		cmocka_unit_test(records_and_strings_are_one_list),
		cmocka_unit_test(a_full_string_goes_on_in_the_next),
		cmocka_unit_test(more_than_the_bound_is_dropped_and_told),
		cmocka_unit_test(every_prefix_is_read_without_fault),
		cmocka_unit_test(an_endless_element_is_no_address),
	};

	return cmocka_run_group_tests_name("server_list", tests, NULL, NULL);
}
