/* How dnsmail-check writes foreign octets, spans of time and options; for whom
   a saved message was; what is noted of look-ups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "admin/check_recipients.h"
#include "admin/check_seen.h"
#include "admin/check_text.h"
#include "signerd/config.h"

/* ---- octets ---- */

static void
written_is(const char *octets, size_t n, size_t most, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	check_put_octets(out, octets, n, most);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void
foreign_octets_are_made_harmless(void **state)
{
	(void)state;
	written_is("a b", 3, 9, "a b");
	written_is("a\r\n\t b", 6, 9, "a b");
	written_is("\x1b[2J\x7f\xff\\", 7, 9, "\\x1b[2J\\x7f\\xff\\x5c");
	written_is("a\0b", 3, 9, "a\\x00b");
	written_is("", 0, 9, "");
}

static void
what_is_too_long_is_cut(void **state)
{
	(void)state;
	written_is("abcd", 4, 4, "abcd");
	written_is("abcde", 5, 4, "abcd...");
}

/* ---- spans ---- */

static void
spans_are_in_the_unit_that_fits(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = { { 0, "0 seconds" }, { 1, "1 second" }, { 60, "1 minute" },
		{ 90, "90 seconds" }, { 120, "2 minutes" },
		{ 7199, "119 minutes" }, { 7200, "2 hours" },
		{ 86400, "1 day" }, { 172799, "47 hours" },
		{ 604800, "7 days" } };
	char buf[CHECK_SPAN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    check_span(buf, rows[i].seconds), rows[i].text);
}

/* ---- options ---- */

static void
complain(void *arg, const char *text)
{
	(void)arg;
	print_error("%s\n", text);
}

static void
options_are_named_with_their_line(void **state)
{
	char path[] = "check_text.XXXXXX";
	char buf[CHECK_OPTION_MAX], expected[CHECK_OPTION_MAX];
	int fd = mkstemp(path);
	static const char text[] = "signerd {\n\tforward = false\n}\n";
	struct config *config;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config = config_load(path, complain, NULL);
	unlink(path);
	assert_non_null(config);
	snprintf(expected, sizeof(expected), "forward, %s:2", path);
	assert_string_equal(
	    check_option(buf, config, &signerd_section, "forward"), expected);
	assert_string_equal(check_option(buf, config, &signerd_section, "bind"),
	    "bind, by default");
	config_unref(config);
}

/* ---- recipients ---- */

static struct check_recipients to;
static struct saved_mail mail;

static void
recipients_are(const char *text, const char *const *expected, size_t n)
{
	assert_int_equal(saved_mail_read(&mail, text, strlen(text)), 0);
	assert_int_equal(check_recipients_received(&to, &mail), 0);
	assert_int_equal(to.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(to.v[i], expected[i]);
	saved_mail_free(&mail);
	check_recipients_free(&to);
}

static void
the_newest_trace_names_the_recipient(void **state)
{
	static const char *const x = "x@b.test", *const y = "y@b.test";
	static const char *const both[] = { "c@b.test", "d@b.test" };

	(void)state;
	recipients_are("Delivered-To: y@b.test\nX-Original-To: x@b.test\n"
		       "X-Original-To: old@b.test\nTo: c@b.test\n\n",
	    &x, 1);
	recipients_are("To: c@b.test\nDelivered-To: y@b.test\n\n", &y, 1);
	recipients_are("To: C <c@b.test>,\n d@b.test\n\n", both, 2);
	recipients_are("X-Original-To: nobody\nTo: c@b.test\n\n", both, 1);
	recipients_are("Subject: x\n\n", NULL, 0);
}

static void
who_is_named_by_the_caller_comes_alone(void **state)
{
	static const char *const expected = "x@b.test";

	(void)state;
	assert_int_equal(check_recipients_add(&to, "x"), -1);
	assert_int_equal(check_recipients_add(&to, ""), -1);
	assert_int_equal(check_recipients_add(&to, "x@b.test"), 0);
	recipients_are("To: c@b.test\n\n", &expected, 1);
}

static void
those_to_come_are_of_to_and_cc(void **state)
{
	static const char text[] = "Cc: c@b.test\nTo: d@b.test\n"
				   "Delivered-To: x@b.test\n\n";

	(void)state;
	assert_int_equal(saved_mail_read(&mail, text, strlen(text)), 0);
	assert_int_equal(check_recipients_shown(&to, &mail), 0);
	assert_int_equal(to.n, 2);
	assert_string_equal(to.v[0], "d@b.test");
	assert_string_equal(to.v[1], "c@b.test");
	saved_mail_free(&mail);
	check_recipients_free(&to);
}

/* ---- notes ---- */

static const struct message_id id = { "a", "b.test" };

static struct net_address
address(const char *text)
{
	struct net_address a;

	assert_int_equal(net_address_parse(&a, text, strlen(text)), 0);
	return a;
}

static void
answers_are_noted_of_each_server(void **state)
{
	const struct dns_reply yes = { .outcome = DNS_ANSWERED, .why = "" };
	const struct dns_reply no = { .outcome = DNS_TIMED_OUT,
		.why = "timed out" };
	struct net_address one = address("192.0.2.1"),
			   two = address("192.0.2.2");
	const struct seen_id *seen_one;
	struct seen s = { 0 };

	(void)state;
	seen_watch.skipped(&s, &id, &one, SKIP_REACH, REACH_NOT_GLOBAL);
	seen_watch.reply(&s, &id, &two, &no);
	seen_watch.reply(&s, &id, &two, &yes);
	seen_watch.text(&s, &id, "x", 1);
	seen_watch.text(&s, &id, "x", 1);
	seen_watch.looked_up(&s, &id, LOOKUP_FOUND, true);
	seen_one = seen_find(&s, &id);
	assert_non_null(seen_one);
	assert_int_equal(seen_one->n_servers, 2);
	assert_true(seen_one->servers[0].skipped);
	assert_int_equal(seen_one->servers[1].answers, 2);
	assert_int_equal(seen_one->servers[1].outcome, DNS_ANSWERED);
	assert_int_equal(seen_one->servers[1].texts, 2);
	assert_int_equal(seen_one->n_texts, 1);
	assert_true(seen_one->ended && seen_one->ad);
	assert_false(s.no_memory);
	seen_free(&s);
}

static void
notes_are_bounded_whatever_strangers_send(void **state)
{
	const struct list_answer answer = { .outcome = LOOKUP_NO_RECORD };
	const struct dns_reply yes = { .outcome = DNS_ANSWERED, .why = "" };
	struct seen s = { 0 };
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct net_address a = address("192.0.2.1");

		snprintf(name, sizeof(name), "d%u.test", i);
		a.in4.sin_port = htons((uint16_t)(i + 1));
		seen_watch.list(&s, name, &answer);
		seen_watch.reply(&s, &id, &a, &yes);
		seen_watch.text(&s, &id, name, strlen(name));
	}
	assert_int_equal(s.n_lists, VERIFY_IDS_MAX);
	assert_int_equal(s.ids[0]->n_servers, SERVER_LIST_MAX);
	assert_int_equal(s.ids[0]->n_texts, SEEN_TEXTS_MAX);
	assert_int_equal(s.ids[0]->more_texts, 1000 - SEEN_TEXTS_MAX);
	assert_non_null(seen_list(&s, "d0.test"));
	assert_null(seen_list(&s, "d999.test"));
	seen_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_octets_are_made_harmless),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(spans_are_in_the_unit_that_fits),
		cmocka_unit_test(options_are_named_with_their_line),
		cmocka_unit_test(the_newest_trace_names_the_recipient),
		cmocka_unit_test(who_is_named_by_the_caller_comes_alone),
		cmocka_unit_test(those_to_come_are_of_to_and_cc),
		cmocka_unit_test(answers_are_noted_of_each_server),
		cmocka_unit_test(notes_are_bounded_whatever_strangers_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
