/* milter_store: a session goes on in another process, here in another session,
   as if nothing had been. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/milter_session.h"

static const char *const names[] = { "From", NULL };
static struct mail_handler handler;
static struct buffer out, state;
static struct mail *before, *after;
static char told[512]; /* the message, at its end */

static void
on_headers(struct mail *m)
{
	(void)m;
}

static void
on_eom(struct mail *mail)
{
	const struct mail_message *m = mail_message(mail);
	int n = snprintf(told, sizeof(told), "%s %s %s %d %s", m->client_addr,
	    m->auth_authen, m->queue_id, (int)m->overflow, m->sender);

	for (size_t i = 0; i < m->n_recipients; i++)
		n += snprintf(told + n, sizeof(told) - (size_t)n, " %s",
		    m->recipients[i]);
	if (m->n_fields == 1)
		snprintf(told + n, sizeof(told) - (size_t)n, " From:%s",
		    m->fields[0].value);
	mail_finish(mail, MAIL_ACCEPT, NULL);
}

static void
on_forget(struct mail *m)
{
	(void)m;
}

/* The MTA offers all; SKIP and the macros of our choice among it. */
static const char offer[] = "\0\0\0\6\0\0\1\xff\0\37\xff\xff";

static enum mail_next
say(struct mail *m, char command, const char *octets, size_t n)
{
	const uint8_t head[] = { 0, 0, (uint8_t)((n + 1) >> 8),
		(uint8_t)(n + 1), (uint8_t)command };
	struct buffer in = { 0 };
	const char *why = "";
	enum mail_next next;

	assert_int_equal(buffer_append(&in, head, sizeof(head)), 0);
	assert_int_equal(buffer_append(&in, octets, n), 0);
	next = mail_input(m, &in, 1000, &why);
	buffer_free(&in);
	return next;
}
#define SAY(m, command, octets)                                             \
	assert_int_equal(say((m), (command), (octets), sizeof(octets) - 1), \
	    MAIL_NEXT_AGAIN)

static int
setup(void **unused)
{
	(void)unused;
	handler = (struct mail_handler){ .name = "test",
		.actions = MILTER_F_ADDHDRS,
		.fields = names,
		.max_recipients = 3,
		.headers = on_headers,
		.eom = on_eom,
		.forget = on_forget };
	told[0] = '\0';
	before = milter_protocol.open(&handler, &out);
	after = milter_protocol.open(&handler, &out);
	return before != NULL && after != NULL ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	mail_free(before);
	mail_free(after);
	buffer_free(&out);
	buffer_free(&state);
	return 0;
}

/* ---- the MTA's words ---- */

static void
greet(struct mail *m)
{
	SAY(m, MILTER_OPTNEG, offer);
	SAY(m, MILTER_CONNECT, "host\0004\0\031192.0.2.7\0");
	SAY(m, MILTER_MACRO, "H{auth_authen}\0martha\0");
}

static void
begin(struct mail *m)
{
	/* CONNECT has told the address: no macro changes it. */
	SAY(m, MILTER_MACRO, "Mi\0004bK\0{client_addr}\000198.51.100.9\0");
	SAY(m, MILTER_MAIL, "<martha@example.test>\0SIZE=9\0");
	SAY(m, MILTER_RCPT, "<claire@example.test>\0NOTIFY=NEVER\0");
}

static void
end(struct mail *m)
{
	SAY(m, MILTER_HEADER, "From\0martha@example.test\0");
	SAY(m, MILTER_EOM, "");
}

static void
move(void)
{
	assert_int_equal(mail_store(before, &state), 0);
	assert_int_equal(mail_resume(after, 1001, state.data, state.len), 0);
}

static const char whole[] =
    "192.0.2.7 martha 4bK 0 <martha@example.test> "
    "<claire@example.test> NOTIFY=NEVER <dan@example.test> "
    "From:martha@example.test";

/* ---- the claims ---- */

static void
between_two_messages_it_goes_on(void **unused)
{
	(void)unused;
	greet(before);
	begin(before);
	end(before);
	move();
	assert_false(mail_busy(after));
	begin(after);
	SAY(after, MILTER_RCPT, "<dan@example.test>\0");
	end(after);
	assert_string_equal(told, whole);
}

static void
in_the_envelope_it_goes_on(void **unused)
{
	(void)unused;
	greet(before);
	begin(before);
	move();
	assert_true(mail_busy(after));
	assert_true(mail_began(after) == 1001);
	SAY(after, MILTER_RCPT, "<dan@example.test>\0");
	end(after);
	assert_string_equal(told, whole);
	/* What holds for the connection does so for the next message. */
	told[0] = '\0';
	begin(after);
	SAY(after, MILTER_RCPT, "<dan@example.test>\0");
	end(after);
	assert_string_equal(told, whole);
}

static void
behind_the_first_macros_of_a_message_it_goes_on(void **unused)
{
	(void)unused;
	greet(before);
	SAY(before, MILTER_MACRO, "Mi\0004bK\0");
	move();
	assert_true(mail_busy(after));
	SAY(after, MILTER_MAIL, "<martha@example.test>\0");
	SAY(after, MILTER_RCPT, "<claire@example.test>\0");
	end(after);
	assert_string_equal(told,
	    "192.0.2.7 martha 4bK 0 <martha@example.test> "
	    "<claire@example.test> From:martha@example.test");
}

static void
nor_before_it_has_begun_nor_in_a_header_is_it_stored(void **unused)
{
	(void)unused;
	assert_int_equal(mail_store(before, &state), -1);
	greet(before);
	begin(before);
	SAY(before, MILTER_HEADER, "From\0martha@example.test\0");
	assert_int_equal(mail_store(before, &state), -1);
	SAY(before, MILTER_BODY, "x");
	assert_int_equal(mail_store(before, &state), -1);
}

static void
one_that_was_cut_off_is_refused_at_every_length(void **unused)
{
	(void)unused;
	greet(before);
	begin(before);
	assert_int_equal(mail_store(before, &state), 0);
	for (size_t n = 0; n < state.len; n++) {
		struct mail *m = milter_protocol.open(&handler, &out);
		/* Memory of its own: a checker sees a step behind its end. */
		uint8_t *octets = malloc(n + 1);

		assert_non_null(m);
		assert_non_null(octets);
		memcpy(octets + 1, state.data, n);
		assert_int_equal(mail_resume(m, 1001, octets + 1, n), -1);
		free(octets);
		mail_free(m);
	}
}

static void
one_of_another_form_is_refused(void **unused)
{
	(void)unused;
	greet(before);
	assert_int_equal(mail_store(before, &state), 0);
	state.data[0]++;
	assert_int_equal(mail_resume(after, 1001, state.data, state.len), -1);
}

static void
octets_behind_it_are_refused(void **unused)
{
	(void)unused;
	greet(before);
	assert_int_equal(mail_store(before, &state), 0);
	assert_int_equal(buffer_append(&state, "", 1), 0);
	assert_int_equal(mail_resume(after, 1001, state.data, state.len), -1);
}

/* As after an upgrade. */
static void
with_fewer_rights_than_are_needed_now_it_is_refused(void **unused)
{
	(void)unused;
	greet(before);
	assert_int_equal(mail_store(before, &state), 0);
	handler.actions |= MILTER_F_QUARANTINE;
	assert_int_equal(mail_resume(after, 1001, state.data, state.len), -1);
}

static void
without_a_step_that_is_needed_now_it_is_refused(void **unused)
{
	enum { STEPS = 1 + 1 + 4 }; /* form, flags, actions */

	(void)unused;
	greet(before);
	assert_int_equal(mail_store(before, &state), 0);
	state.data[STEPS + 3] |= MILTER_P_NOHDRS;
	assert_int_equal(mail_resume(after, 1001, state.data, state.len), -1);
}

static void
the_bounds_of_both_processes_count(void **unused)
{
	(void)unused;
	greet(before);
	begin(before);
	SAY(before, MILTER_RCPT, "<dan@example.test>\0");
	handler.max_recipients = 1;
	move();
	handler.max_recipients = 3;
	end(after);
	assert_string_equal(told,
	    "192.0.2.7 martha 4bK 3 <martha@example.test> "
	    "<claire@example.test> NOTIFY=NEVER");
}

static void
what_was_over_a_bound_stays_so(void **unused)
{
	(void)unused;
	handler.max_recipients = 1;
	greet(before);
	begin(before);
	SAY(before, MILTER_RCPT, "<dan@example.test>\0");
	handler.max_recipients = 3;
	move();
	end(after);
	assert_string_equal(told,
	    "192.0.2.7 martha 4bK 3 <martha@example.test> "
	    "<claire@example.test> NOTIFY=NEVER");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(between_two_messages_it_goes_on),
		TEST(in_the_envelope_it_goes_on),
		TEST(behind_the_first_macros_of_a_message_it_goes_on),
		TEST(nor_before_it_has_begun_nor_in_a_header_is_it_stored),
		TEST(one_that_was_cut_off_is_refused_at_every_length),
		TEST(one_of_another_form_is_refused),
		TEST(octets_behind_it_are_refused),
		TEST(with_fewer_rights_than_are_needed_now_it_is_refused),
		TEST(without_a_step_that_is_needed_now_it_is_refused),
		TEST(the_bounds_of_both_processes_count),
		TEST(what_was_over_a_bound_stays_so),
	};

	return cmocka_run_group_tests_name("milter_store", tests, NULL, NULL);
}
