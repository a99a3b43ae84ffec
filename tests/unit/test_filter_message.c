/* filter/message, spool_out, release and request: a message comes back whole.
 */
#include "filter/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "common/canon.h"
#include "filter/release.h"
#include "filter/request.h"
#include "filter/spool_out.h"

static const struct message_limits limits = {
	.most = 1 << 20, .spool = "/tmp", .bind_always = true
};

enum { ROOM = 4096, LINE_MOST = 10100 };

#define PREFIX "filter-dataline|0000000000000001|0000000000000002|"

/* Lines of SMTP, each ended by LF. */
static struct message *
message_of(const struct message_limits *l, const char *lines)
{
	struct message *m = message_new(l);
	const char *lf;

	assert_non_null(m);
	for (; (lf = strchr(lines, '\n')) != NULL; lines = lf + 1)
		message_line(m, lines, (size_t)(lf - lines));
	message_end(m);
	return m;
}

/* All that is said, with so much room at a time. */
static void
release_all(struct message *m, const char *fields, const char *forged,
    size_t room, struct buffer *out)
{
	const struct release_plan plan = { 1, 2, m,
		fields != NULL ? strdup(fields) : NULL, forged };
	struct release *r = release_new(&plan);
	enum release_state state;
	size_t before;

	assert_non_null(r);
	do {
		before = out->len;
		state = release_some(r, out, room);
		assert_true(out->len > before);
		assert_int_equal(out->data[out->len - 1], '\n');
		assert_true(state != RELEASE_MORE || out->len >= before + room);
		assert_true(out->len < before + room + LINE_MOST);
	} while (state == RELEASE_MORE);
	assert_int_equal(state, RELEASE_DONE);
	release_free(r);
	assert_int_equal(buffer_append(out, "", 1), 0);
}

/* The lines behind their prefixes. */
static void
assert_lines(struct buffer *out, const char *expected)
{
	const char *p = (const char *)out->data;

	for (; *p != '\0'; p = strchr(p, '\n') + 1) {
		const char *lf = strchr(expected, '\n');
		size_t n;

		assert_non_null(lf);
		n = (size_t)(lf + 1 - expected);
		assert_int_equal(strncmp(p, PREFIX, strlen(PREFIX)), 0);
		p += strlen(PREFIX);
		assert_int_equal(strncmp(p, expected, n), 0);
		expected = lf + 1;
	}
	assert_string_equal(expected, "");
	buffer_free(out);
}

static void
assert_back(const char *lines)
{
	struct message *m = message_of(&limits, lines);
	struct buffer out = { 0 };
	char expected[4096];

	strcpy(expected, lines);
	strcat(expected, ".\n");
	release_all(m, NULL, NULL, ROOM, &out);
	assert_lines(&out, expected);
	message_free(m);
}

static void
message_comes_back_as_it_came(void **state)
{
	static const char *const rows[] = {
		"",
		"\n",
		"Subject: a\n",
		"Subject: a\n\n",
		"Subject: a\n\nbody\n",
		"Subject: a\n folded\n\tand more\nTo: b\n\nbody\n\n\n",
		"no header at all\n\nbody\n",
		" begins with a blank\n\nbody\n",
		"From martha Thu Nov 26\nSubject: a\n\nbody\n",
		"Subject : obsolete\n\nA: not a field\n..dot\n...\n..\n",
		"..a: b\n..c\n\n|a|b|\nfilter-dataline|1|2|x\n",
		"To: \xc3\xa4\n\n\x80\xff \r in a line\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_back(rows[i]);
}

static void
fields_go_on_top_and_forged_ones_go(void **state)
{
	static const char lines[] =
	    "Authentication-Results: mx.test; dnsmail=pass\n"
	    "Received: x\n"
	    "authentication-results:\n"
	    "\tMX.TEST;\n"
	    " dnsmail=pass\n"
	    "Authentication-Results: other.test; spf=pass\n"
	    "Subject: a\n"
	    "\n"
	    "Authentication-Results: mx.test; dnsmail=pass\n";
	struct message *m = message_of(&limits, lines);
	struct buffer out = { 0 };

	(void)state;
	release_all(m, "Authentication-Results: mx.test; dnsmail=none\nX: y\n",
	    "mx.test", ROOM, &out);
	assert_lines(&out,
	    "Authentication-Results: mx.test; dnsmail=none\n"
	    "X: y\n"
	    "Received: x\n"
	    "Authentication-Results: other.test; spf=pass\n"
	    "Subject: a\n"
	    "\n"
	    "Authentication-Results: mx.test; dnsmail=pass\n"
	    ".\n");
	message_free(m);
}

/* What signerd is to see stays: it is its gate. */
static void
without_an_id_nothing_is_forged(void **state)
{
	static const char lines[] =
	    "Authentication-Results: mx.test; dnsmail=pass\n\n";
	struct message *m = message_of(&limits, lines);
	struct buffer out = { 0 };

	(void)state;
	release_all(m, "DNS-Mail-ID: a.b\n", NULL, ROOM, &out);
	assert_lines(&out,
	    "DNS-Mail-ID: a.b\n"
	    "Authentication-Results: mx.test; dnsmail=pass\n\n.\n");
	message_free(m);
}

/* More than memory holds, long lines and empty ones, through little room. */
static void
large_message_comes_back_from_its_file(void **state)
{
	struct message *m = message_new(&limits);
	struct buffer out = { 0 }, expected = { 0 };
	char line[10000];

	(void)state;
	message_line(m, "A: b", 4);
	message_line(m, "", 0);
	buffer_append(&expected, "A: b\n\n", 6);
	for (size_t i = 0; expected.len < 10 * SPOOL_MEMORY; i++) {
		size_t n = i % 7 == 0 ? sizeof(line) - i % 100 : i % 3;

		memset(line, 'a' + (int)(i % 26), n);
		message_line(m, line, n);
		buffer_append(&expected, line, n);
		buffer_append(&expected, "\n", 1);
	}
	message_end(m);
	buffer_append(&expected, ".\n", 3);
	assert_int_equal(message_trouble(m), MESSAGE_FITS);
	release_all(m, NULL, NULL, ROOM + 77, &out);
	assert_lines(&out, (char *)expected.data);
	buffer_free(&expected);
	message_free(m);
}

/* ---- binding ---- */

/* Of ten fields, of which From and Subject are there (protocol.md 5). */
static void
digest(char bind[44], const char *from, const char *subject, const char *body)
{
	const char *values[CANON_FIELDS] = { [0] = from, [4] = subject };
	const size_t lengths[CANON_FIELDS] = {
		[0] = strlen(from), [4] = strlen(subject)
	};
	struct canon *c = canon_new();

	canon_header(c, values, lengths);
	canon_body(c, (const uint8_t *)body, strlen(body));
	canon_end(c, bind);
	canon_free(c);
}

static void
binding_is_of_the_content_without_dots_of_smtp(void **state)
{
	struct message *m = message_of(&limits,
	    "Received: x\nfrom: a@b.test\nSubject: one\n two\n"
	    "Subject: second\n\n..dot\nText\n\n\n");
	char expected[44];

	(void)state;
	digest(expected, "a@b.test", "one two", ".dot\r\nText\r\n");
	assert_string_equal(message_bind(m), expected);
	message_free(m);
}

static void
line_that_is_no_field_is_of_the_body(void **state)
{
	struct message *m = message_of(
	    &limits, "From: a@b.test\nSubject: one\nno field\nTo: c\n");
	char expected[44];

	(void)state;
	digest(expected, "a@b.test", "one", "no field\r\nTo: c\r\n");
	assert_string_equal(message_bind(m), expected);
	message_free(m);
}

static void
verifying_binds_only_what_bears_an_id(void **state)
{
	struct message_limits some = limits;
	struct message *m;

	(void)state;
	some.bind_always = false;
	m = message_of(&some, "From: a@b.test\n\nbody\n");
	assert_string_equal(message_bind(m), "");
	message_free(m);
	m = message_of(
	    &some, "From: a@b.test\ndns-mail-id: x.b.test\n\nbody\n");
	assert_int_equal(strlen(message_bind(m)), 43);
	message_free(m);
}

/* ---- what the daemon is told ---- */

static void
request_tells_what_the_daemons_look_at(void **state)
{
	struct message *m = message_of(&limits,
	    "Received: x\n"
	    "From: A <a@b.test>\n"
	    "From:\n  second@b.test\n"
	    "DNS-Mail-ID: x.b.test\n"
	    "dns-mail-id:\t y.b.test\n"
	    "TO : c@d.test,\n\te@d.test\n"
	    "X-Other: no\n"
	    "Delivered-To: e@d.test\n"
	    "Authentication-Results: mx.test; dnsmail=pass\r\n"
	    "\n"
	    "To: not@a.field\n");
	struct buffer b = { 0 };
	char expected[500];

	(void)state;
	assert_int_equal(request_put_message(&b, m), 0);
	assert_int_equal(buffer_append(&b, "", 1), 0);
	strcpy(expected,
	    "from=A <a@b.test>\n"
	    "from=  second@b.test\n"
	    "dns_mail_id=x.b.test\n"
	    "dns_mail_id=y.b.test\n"
	    "header=To: c@d.test,\te@d.test\n"
	    "header=Delivered-To: e@d.test\n"
	    "header=Authentication-Results: mx.test; dnsmail=pass\n"
	    "bind=");
	strcat(expected, message_bind(m));
	strcat(expected, "\n\n");
	assert_string_equal(b.data, expected);
	buffer_free(&b);
	message_free(m);
}

/* 64 KiB is what a line may have; of From: nothing may be missing. */
static void
long_field_is_told_in_part(void **state)
{
	struct message *m = message_new(&limits);
	struct buffer b = { 0 };
	char line[1000];
	const char *from;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[0] = ' ';
	message_line(m, "To: a@b.test,", 13);
	for (int i = 0; i < 70; i++)
		message_line(m, line, sizeof(line));
	message_line(m, "From: a@b.test", 14);
	for (int i = 0; i < 70; i++)
		message_line(m, line, sizeof(line));
	message_end(m);
	assert_int_equal(request_put_message(&b, m), 0);
	assert_int_equal(buffer_append(&b, "", 1), 0);
	assert_int_equal(
	    strncmp((char *)b.data, "header=To: a@b.test,", 20), 0);
	from = strstr((char *)b.data, "\nfrom=");
	assert_non_null(from);
	assert_in_range(from - (char *)b.data, 59000, 65535);
	assert_true(strchr(from + 1, '\n') - from > 70000);
	buffer_free(&b);
	message_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_comes_back_as_it_came),
		cmocka_unit_test(fields_go_on_top_and_forged_ones_go),
		cmocka_unit_test(without_an_id_nothing_is_forged),
		cmocka_unit_test(large_message_comes_back_from_its_file),
		cmocka_unit_test(
		    binding_is_of_the_content_without_dots_of_smtp),
		cmocka_unit_test(line_that_is_no_field_is_of_the_body),
		cmocka_unit_test(verifying_binds_only_what_bears_an_id),
		cmocka_unit_test(request_tells_what_the_daemons_look_at),
		cmocka_unit_test(long_field_is_told_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
