/* Messages in files: where the header section ends, and what a field holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/saved_mail.h"

/* `text` in memory of just its size, and what is read of it. */
static struct saved_mail mail;
static char *copy;

static void
take(const char *text, size_t n)
{
	copy = malloc(n + (n == 0));
	memcpy(copy, text, n);
	assert_int_equal(saved_mail_read(&mail, copy, n), 0);
}

static void
end(void)
{
	saved_mail_free(&mail);
	free(copy);
}

static void
field_is(size_t i, const char *name, const char *value)
{
	assert_true(i < mail.n_fields);
	assert_int_equal(mail.fields[i].name_len, strlen(name));
	assert_memory_equal(mail.fields[i].name, name, strlen(name));
	assert_int_equal(mail.fields[i].len, strlen(value));
	assert_memory_equal(mail.fields[i].value, value, strlen(value));
}

static void
body_is(const char *body)
{
	assert_int_equal(mail.body_len, strlen(body));
	assert_memory_equal(mail.body, body, strlen(body));
}

static void
read_text(const char *text)
{
	take(text, strlen(text));
}

static void
fields_and_body_are_told_apart(void **state)
{
	(void)state;
	read_text("From: a@b.test\nSubject:none\n\nHello\n\nthere\n");
	assert_int_equal(mail.n_fields, 2);
	field_is(0, "From", "a@b.test");
	field_is(1, "Subject", "none");
	body_is("Hello\n\nthere\n");
	assert_false(mail.mbox || mail.more || mail.cut_off || mail.quoted);
	end();
}

static void
crlf_is_as_good_as_lf(void **state)
{
	(void)state;
	read_text("From: a@b.test\r\nTo: c,\r\n\td\r\n\r\nHello\r\n");
	assert_int_equal(mail.n_fields, 2);
	field_is(0, "From", "a@b.test");
	field_is(1, "To", "c,\r\n\td");
	body_is("Hello\r\n");
	end();
}

static void
a_field_goes_on_behind_a_line_end(void **state)
{
	(void)state;
	read_text("A: one\n two\n\tthree\n \nB: x\n\n");
	assert_int_equal(mail.n_fields, 2);
	field_is(0, "A", "one\n two\n\tthree\n ");
	field_is(1, "B", "x");
	body_is("");
	end();
}

static void
a_blank_before_the_colon_is_not_of_the_name(void **state)
{
	(void)state;
	read_text("From : a@b.test\n\n");
	field_is(0, "From", "a@b.test");
	end();
}

static void
what_follows_a_nul_is_not_of_the_value(void **state)
{
	static const char text[] = "A: x\0y\nB: z\n\n";

	(void)state;
	take(text, sizeof(text) - 1);
	field_is(0, "A", "x");
	field_is(1, "B", "z");
	end();
}

static void
a_line_that_is_no_field_is_the_bodys_first(void **state)
{
	static const char *const lines[] = { "no field\nB: x\n", ": x\n",
		"B c: x\n", "\x80: x\n", "B" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "A: x\n%s", lines[i]);
		read_text(text);
		assert_int_equal(mail.n_fields, 1);
		assert_true(mail.cut_off);
		body_is(lines[i]);
		end();
	}
}

static void
the_line_of_an_mbox_is_passed_over(void **state)
{
	(void)state;
	read_text("From martha Thu Nov 26 10:00:00 2026\nA: x\n\nHello\n");
	assert_true(mail.mbox);
	assert_int_equal(mail.n_fields, 1);
	body_is("Hello\n");
	end();
}

static void
of_an_mbox_the_first_message_is_read(void **state)
{
	(void)state;
	read_text("From x\nA: 1\n\nHello\nFrom here on\n>From a\n\n"
		  "From y\nA: 2\n\nBye\n");
	assert_int_equal(mail.n_fields, 1);
	field_is(0, "A", "1");
	assert_true(mail.more && mail.quoted);
	body_is("Hello\nFrom here on\n>From a\n\n");
	end();
}

static void
from_in_a_maildirs_file_is_text(void **state)
{
	(void)state;
	read_text("A: 1\n\nHello\n\nFrom y\nA: 2\n");
	assert_false(mail.mbox || mail.more);
	body_is("Hello\n\nFrom y\nA: 2\n");
	end();
}

static void
every_beginning_of_a_message_is_read(void **state)
{
	static const char text[] =
	    "From x\r\nFrom: a@b.test\r\n c\r\nB:\r\n\r\n"
	    "Hello\r\n\r\nFrom y\r\nA: 2\r\n";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		take(text, n);
		assert_true(mail.n_fields <= 2);
		assert_true(mail.body_len <= n);
		end();
	}
}

static void
many_fields_are_all_there(void **state)
{
	enum { N = 5000 };
	char *text = malloc(N * 10 + 1), *p = text;

	(void)state;
	for (int i = 0; i < N; i++)
		p += sprintf(p, "A: %d\n", i);
	read_text(text);
	assert_int_equal(mail.n_fields, N);
	field_is(N - 1, "A", "4999");
	end();
	free(text);
}

static void
the_first_of_a_name_is_found(void **state)
{
	(void)state;
	read_text("To: 1\nFRom: 2\nfrom: 3\n\n");
	assert_ptr_equal(saved_mail_find(&mail, "From"), &mail.fields[1]);
	assert_null(saved_mail_find(&mail, "Fro"));
	assert_null(saved_mail_find(&mail, "From:"));
	end();
}

static void
a_field_set_stands_for_all_of_its_name(void **state)
{
	(void)state;
	read_text("To: 1\nFRom: 2\nfrom: 3\n\nHi");
	assert_int_equal(saved_mail_set(&mail, "From", "a@b.test"), 0);
	assert_int_equal(mail.n_fields, 2);
	field_is(0, "From", "a@b.test");
	field_is(1, "To", "1");
	body_is("Hi");
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_body_are_told_apart),
		cmocka_unit_test(crlf_is_as_good_as_lf),
		cmocka_unit_test(a_field_goes_on_behind_a_line_end),
		cmocka_unit_test(a_blank_before_the_colon_is_not_of_the_name),
		cmocka_unit_test(what_follows_a_nul_is_not_of_the_value),
		cmocka_unit_test(a_line_that_is_no_field_is_the_bodys_first),
		cmocka_unit_test(the_line_of_an_mbox_is_passed_over),
		cmocka_unit_test(of_an_mbox_the_first_message_is_read),
		cmocka_unit_test(from_in_a_maildirs_file_is_text),
		cmocka_unit_test(every_beginning_of_a_message_is_read),
		cmocka_unit_test(many_fields_are_all_there),
		cmocka_unit_test(the_first_of_a_name_is_found),
		cmocka_unit_test(a_field_set_stands_for_all_of_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
