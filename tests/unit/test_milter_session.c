/*
 * common/milter_session: an MTA's packets in, what the daemon is told and what
 * the MTA is answered out. A recorded handler stands for the daemon.
 */
#include "common/milter_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	ALL_ACTIONS = 0x1ff, /* as Postfix 3.7 and Sendmail 8.17 offer */
	ALL_STEPS = 0x1fffff,
	RECIPIENTS = 5,
};

/* ---- the daemon: writes down what happens to it ---- */

struct record {
	struct mail *session;
	struct buffer out;
	char calls[512]; /* h(eaders) b(ody) e(om) f(orget) */
	size_t body;
	bool finish_at_once;
	unsigned finished;  /* on_finish calls */
	char message[4096]; /* as it was at eom */
	enum mail_overflow overflow;
	size_t n_fields, n_recipients;
	void *data_at_forget;
	double began;
};

static void
note(struct record *r, char what)
{
	size_t n = strlen(r->calls);

	assert_true(n + 1 < sizeof(r->calls));
	r->calls[n] = what;
	r->calls[n + 1] = '\0';
}

static void
on_headers(struct mail *s)
{
	struct record *r = mail_arg(s);

	note(r, 'h');
	assert_null(mail_data(s));
	mail_set_data(s, r);
}

static void
on_body(struct mail *s, const uint8_t *bytes, size_t n)
{
	struct record *r = mail_arg(s);

	(void)bytes;
	note(r, 'b');
	r->body += n;
}

static void
describe(struct record *r, const struct mail_message *m)
{
	char *p = r->message, *end = p + sizeof(r->message);

	assert_string_equal(m->digest, ""); /* no macro tells one */
	p += snprintf(p, (size_t)(end - p), "%s|%s|%.99s|%s", m->client_addr,
	    m->auth_authen, m->queue_id, m->sender);
	for (size_t i = 0; i < m->n_recipients && i < 10; i++)
		p += snprintf(p, (size_t)(end - p), "|%s", m->recipients[i]);
	for (size_t i = 0; i < m->n_fields && i < 10; i++)
		p += snprintf(p, (size_t)(end - p), "|%s/%u:%.99s",
		    m->fields[i].name, m->fields[i].nth, m->fields[i].value);
}

static void
on_eom(struct mail *s)
{
	struct record *r = mail_arg(s);
	const struct mail_message *m = mail_message(s);

	note(r, 'e');
	describe(r, m);
	r->overflow = m->overflow;
	r->n_fields = m->n_fields;
	r->n_recipients = m->n_recipients;
	r->began = mail_began(s);
	if (r->finish_at_once)
		mail_finish(s, MAIL_ACCEPT, NULL);
}

static void
on_forget(struct mail *s)
{
	struct record *r = mail_arg(s);

	note(r, 'f');
	r->data_at_forget = mail_data(s);
}

static void
on_finish(void *arg)
{
	struct record *r = arg;

	r->finished++;
}

static const char *const names[] = { "From", "DNS-Mail-ID", "Subject", NULL };
static struct record record;
static struct mail_handler handler;

static int
set_up(void **state)
{
	record = (struct record){ .finish_at_once = true };
	handler = (struct mail_handler){ .name = "test",
		.actions =
		    MILTER_F_ADDHDRS | MILTER_F_CHGHDRS | MILTER_F_QUARANTINE,
		.fields = names,
		.max_recipients = RECIPIENTS,
		.wants_body = true,
		.headers = on_headers,
		.body = on_body,
		.eom = on_eom,
		.forget = on_forget,
		.arg = &record };
	record.session = milter_protocol.open(&handler, &record.out);
	mail_on_finish(record.session, on_finish, &record);
	*state = &record;
	return record.session == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mail_free(record.session);
	buffer_free(&record.out);
	return 0;
}

/* ---- the MTA ---- */

static const char *why;

static enum mail_next
send_octets(char command, const void *data, size_t n)
{
	/* Memory of its own: a checker sees a step behind its end. */
	uint8_t *octets = malloc(n + 5);
	struct buffer in = {
		.base = octets, .data = octets, .cap = n + 5, .len = n + 5
	};
	enum mail_next next;

	assert_non_null(octets);
	for (int i = 0; i < 4; i++)
		octets[i] = (uint8_t)((n + 1) >> (24 - 8 * i));
	octets[4] = (uint8_t)command;
	if (n > 0)
		memcpy(octets + 5, data, n);
	why = NULL;
	next = mail_input(record.session, &in, 1000.5, &why);
	assert_int_equal(next == MAIL_NEXT_BROKEN, why != NULL);
	buffer_free(&in);
	return next;
}
#define SEND(command, octets) send_octets(command, octets, sizeof(octets) - 1)

static enum mail_next
offer(uint32_t version, uint32_t actions, uint32_t steps)
{
	struct buffer b = { 0 };
	enum mail_next next;

	assert_int_equal(
	    milter_put_optneg(&b, version, actions, steps, NULL, 0), 0);
	next = send_octets(MILTER_OPTNEG, b.data + 5, b.len - 5);
	buffer_free(&b);
	return next;
}

/* The codes of the replies written so far, which are then forgotten. */
static const char *
replies(void)
{
	static char codes[64];
	struct milter_packet p;
	size_t used, n = 0;

	while (milter_packet_get(&p, record.out.data, record.out.len, &used) ==
	    1) {
		assert_true(n < sizeof(codes) - 1);
		codes[n++] = (char)p.command;
		buffer_consume(&record.out, used);
	}
	assert_int_equal(record.out.len, 0);
	codes[n] = '\0';
	return codes;
}

static void
negotiate(void)
{
	assert_int_equal(offer(6, ALL_ACTIONS, ALL_STEPS), MAIL_NEXT_AGAIN);
	assert_string_equal(replies(), "O");
}

static void
connect_client(void)
{
	assert_int_equal(SEND(MILTER_CONNECT,
			     "mx\0"
			     "4\0\31"
			     "192.0.2.1\0"),
	    MAIL_NEXT_AGAIN);
}

static void
send_envelope(void)
{
	assert_int_equal(SEND(MILTER_MAIL, "<a@b.test>\0"), MAIL_NEXT_AGAIN);
	assert_int_equal(SEND(MILTER_RCPT, "<c@d.test>\0"), MAIL_NEXT_AGAIN);
}

static void
send_message(void)
{
	send_envelope();
	assert_int_equal(
	    SEND(MILTER_HEADER, "From\0a@b.test\0"), MAIL_NEXT_AGAIN);
	assert_int_equal(SEND(MILTER_BODY, "hello\r\n"), MAIL_NEXT_AGAIN);
	SEND(MILTER_EOM, "");
}

static uint32_t
negotiated_steps(void)
{
	struct milter_packet p;
	struct milter_cursor c;
	uint32_t version, actions, steps;
	size_t used;

	assert_int_equal(
	    milter_packet_get(&p, record.out.data, record.out.len, &used), 1);
	milter_cursor_init(&c, &p);
	assert_int_equal(milter_u32(&c, &version), 0);
	assert_int_equal(milter_u32(&c, &actions), 0);
	assert_int_equal(milter_u32(&c, &steps), 0);
	return steps;
}

/* ---- negotiation ---- */

static void
full_offer_is_answered_in_these_octets(void **state)
{
	static const char answer[] = "\0\0\0\x3dO\0\0\0\6"
				     "\0\0\1\x31"
				     "\0\x0f\xf3\xc2"
				     "\0\0\0\0{client_addr}\0"
				     "\0\0\0\2{auth_authen}\0"
				     "\0\0\0\3i\0"
				     "\0\0\0\5i";

	(void)state;
	assert_int_equal(offer(6, ALL_ACTIONS, ALL_STEPS), MAIL_NEXT_AGAIN);
	assert_int_equal(record.out.len, sizeof(answer));
	assert_memory_equal(record.out.data, answer, sizeof(answer));
}

static void
only_offered_steps_are_taken(void **state)
{
	(void)state;
	for (int bit = 0; bit < 21; bit++) {
		tear_down(NULL);
		set_up(state);
		assert_int_equal(
		    offer(6, ALL_ACTIONS, 1u << bit), MAIL_NEXT_AGAIN);
		assert_int_equal(negotiated_steps() & ~(1u << bit), 0);
	}
}

static void
body_is_left_out_when_nobody_wants_it(void **state)
{
	(void)state;
	handler.wants_body = false;
	assert_int_equal(offer(6, ALL_ACTIONS, ALL_STEPS), MAIL_NEXT_AGAIN);
	assert_int_equal(negotiated_steps() &
		(MILTER_P_NOBODY | MILTER_P_NR_BODY | MILTER_P_SKIP),
	    MILTER_P_NOBODY | MILTER_P_SKIP);
}

static void
symbol_lists_are_sent_only_when_offered(void **state)
{
	(void)state;
	assert_int_equal(
	    offer(6, ALL_ACTIONS & ~MILTER_F_SETSYMLIST, ALL_STEPS),
	    MAIL_NEXT_AGAIN);
	assert_int_equal(record.out.len, 4 + 1 + 12);
}

static void
mta_that_does_not_offer_our_changes_is_refused(void **state)
{
	(void)state;
	assert_int_equal(offer(6, ALL_ACTIONS & ~MILTER_F_ADDHDRS, ALL_STEPS),
	    MAIL_NEXT_BROKEN);
}

static void
older_version_is_answered_with_itself_and_1_is_refused(void **state)
{
	(void)state;
	assert_int_equal(offer(2, 0x3f, 0x7f), MAIL_NEXT_AGAIN);
	assert_int_equal(record.out.data[8], 2);
	tear_down(NULL);
	set_up(state);
	assert_int_equal(offer(1, 0x3f, 0x7f), MAIL_NEXT_BROKEN);
}

static void
short_negotiation_is_refused_at_every_length(void **state)
{
	static const uint8_t octets[12] = { 0, 0, 0, 6, 0, 0, 1, 255, 0, 31,
		255, 255 };

	for (size_t n = 0; n < sizeof(octets); n++) {
		tear_down(NULL);
		set_up(state);
		assert_int_equal(
		    send_octets(MILTER_OPTNEG, octets, n), MAIL_NEXT_BROKEN);
	}
}

/* ---- a message ---- */

static void
message_reaches_the_daemon_whole_with_one_reply(void **state)
{
	(void)state;
	negotiate();
	SEND(MILTER_MACRO, "Cj\0mx.test\0");
	connect_client();
	SEND(MILTER_MACRO, "M{auth_authen}\0martha\0");
	SEND(MILTER_MAIL, "<martha@domain.com>\0SIZE=100\0");
	SEND(MILTER_RCPT, "<c@d.test>\0ORCPT=rfc822;x@d.test\0NOTIFY=NEVER\0");
	SEND(MILTER_MACRO,
	    "Ri\0"
	    "4abc\0");
	SEND(MILTER_RCPT, "<e@f.test>\0");
	SEND(MILTER_HEADER, "fRoM\0one\0");
	SEND(MILTER_HEADER, "X-Other\0not kept\0");
	SEND(MILTER_HEADER, "Subject\0\0");
	SEND(MILTER_HEADER, "From\0two\n\tfolded\0");
	assert_string_equal(record.calls, "");
	SEND(MILTER_BODY, "hello");
	assert_string_equal(replies(), "");
	assert_int_equal(SEND(MILTER_EOM, ""), MAIL_NEXT_AGAIN);
	assert_string_equal(replies(), "a");
	assert_string_equal(record.calls, "hbef");
	assert_string_equal(record.message,
	    "192.0.2.1|martha|4abc|<martha@domain.com>"
	    "|<c@d.test> ORCPT=rfc822;x@d.test NOTIFY=NEVER|<e@f.test>"
	    "|fRoM/1:one|Subject/1:|From/2:two\n\tfolded");
	assert_int_equal(record.body, 5);
	assert_int_equal(record.overflow, MAIL_FITS);
	assert_true(record.began == 1000.5);
	assert_ptr_equal(record.data_at_forget, &record);
	assert_int_equal(record.finished, 0);
}

static void
each_step_is_answered_when_no_reply_may_be_spared(void **state)
{
	(void)state;
	assert_int_equal(
	    offer(2, 0x3f, 0x7f & ~MILTER_P_NOHELO), MAIL_NEXT_AGAIN);
	assert_string_equal(replies(), "O");
	connect_client();
	assert_string_equal(replies(), "c");
	SEND(MILTER_MACRO, "Hx\0y\0");
	assert_string_equal(replies(), "");
	SEND(MILTER_HELO, "client\0");
	assert_string_equal(replies(), "c");
	SEND(MILTER_UNKNOWN, "NOOP\0");
	assert_string_equal(replies(), "c");
	send_envelope();
	assert_string_equal(replies(), "cc");
	SEND(MILTER_DATA, "");
	SEND(MILTER_HEADER, "From\0a\0");
	SEND(MILTER_EOH, "");
	assert_string_equal(record.calls, "h");
	assert_string_equal(replies(), "ccc");
	SEND(MILTER_BODY, "x");
	SEND(MILTER_BODY, "y");
	assert_string_equal(replies(), "cc");
	SEND(MILTER_EOM, "");
	assert_string_equal(replies(), "a");
	assert_string_equal(record.calls, "hbbef");
}

static void
unwanted_body_is_skipped_when_it_comes_anyway(void **state)
{
	(void)state;
	handler.wants_body = false;
	offer(6, ALL_ACTIONS, ALL_STEPS & ~MILTER_P_NOBODY);
	assert_string_equal(replies(), "O");
	send_envelope();
	SEND(MILTER_BODY, "x");
	assert_string_equal(replies(), "s");
	SEND(MILTER_EOM, "");
	assert_string_equal(record.calls, "hef");
}

static void
end_of_message_may_carry_the_last_piece_of_the_body(void **state)
{
	(void)state;
	negotiate();
	send_envelope();
	SEND(MILTER_EOM, "last");
	assert_string_equal(record.calls, "hbef");
	assert_int_equal(record.body, 4);
}

static void
many_messages_share_a_connection_but_nothing_of_each_other(void **state)
{
	(void)state;
	negotiate();
	connect_client();
	SEND(MILTER_MACRO,
	    "M{auth_authen}\0martha\0i\0"
	    "4abc\0");
	send_message();
	assert_string_equal(record.message,
	    "192.0.2.1|martha|4abc|<a@b.test>|<c@d.test>|From/1:a@b.test");
	for (int i = 0; i < 100; i++) {
		send_message();
		assert_string_equal(record.message,
		    "192.0.2.1|||<a@b.test>|<c@d.test>|From/1:a@b.test");
	}
	assert_int_equal(record.body, 101 * 7);
}

static void
aborted_message_s_macros_do_not_reach_the_next(void **state)
{
	(void)state;
	negotiate();
	connect_client();
	SEND(MILTER_MACRO, "M{auth_authen}\0martha\0");
	SEND(MILTER_ABORT, "");
	send_message();
	assert_string_equal(record.message,
	    "192.0.2.1|||<a@b.test>|<c@d.test>|From/1:a@b.test");
}

/* ---- client and macros ---- */

static void
macros_of_connect_and_helo_hold_for_every_message(void **state)
{
	(void)state;
	negotiate();
	SEND(MILTER_MACRO, "C{client_addr}\0IPv6:2001:db8::1\0");
	assert_int_equal(SEND(MILTER_CONNECT, "x\0U"), MAIL_NEXT_AGAIN);
	SEND(MILTER_MACRO, "C{client_addr}\0IPv6:2001:db8::1\0");
	SEND(MILTER_MACRO,
	    "H{auth_authen}\0martha\0{i}\0"
	    "4h\0");
	for (int i = 0; i < 2; i++) {
		send_message();
		assert_string_equal(record.message,
		    "2001:db8::1|martha|4h|<a@b.test>|<c@d.test>"
		    "|From/1:a@b.test");
	}
}

static void
address_of_connect_is_not_changed_by_a_macro(void **state)
{
	(void)state;
	negotiate();
	connect_client();
	SEND(MILTER_MACRO,
	    "C{client_addr}\0"
	    "127.0.0.1\0");
	SEND(MILTER_MACRO,
	    "M{client_addr}\0"
	    "127.0.0.1\0");
	send_message();
	assert_string_equal(record.message,
	    "192.0.2.1|||<a@b.test>|<c@d.test>|From/1:a@b.test");
}

static void
macro_without_a_name_is_none_of_ours(void **state)
{
	(void)state;
	negotiate();
	connect_client();
	SEND(MILTER_MACRO, "M\0no digest\0");
	send_message();
	assert_string_equal(record.message,
	    "192.0.2.1|||<a@b.test>|<c@d.test>|From/1:a@b.test");
}

static void
queue_id_is_taken_whenever_it_comes(void **state)
{
	static const char stages[] = "MRTLNBE";

	(void)state;
	negotiate();
	for (size_t i = 0; i < sizeof(stages) - 1; i++) {
		char octets[] = "?i\0"
				"4late";

		octets[0] = stages[i];
		send_envelope();
		send_octets(MILTER_MACRO, octets, sizeof(octets));
		SEND(MILTER_EOM, "");
		assert_string_equal(
		    record.message, "||4late|<a@b.test>|<c@d.test>");
	}
}

static void
new_client_inherits_nothing(void **state)
{
	(void)state;
	negotiate();
	connect_client();
	SEND(MILTER_MACRO, "H{auth_authen}\0martha\0");
	send_message();
	replies();
	assert_int_equal(SEND(MILTER_QUIT_NC, ""), MAIL_NEXT_AGAIN);
	assert_string_equal(replies(), "");
	SEND(MILTER_CONNECT,
	    "x\0"
	    "4\0\31"
	    "192.0.2.99\0");
	send_message();
	assert_string_equal(record.message,
	    "192.0.2.99|||<a@b.test>|<c@d.test>|From/1:a@b.test");
	SEND(MILTER_QUIT_NC, "");
	send_message();
	assert_string_equal(
	    record.message, "|||<a@b.test>|<c@d.test>|From/1:a@b.test");
}

/* ---- order ---- */

/* The states of a session, and how to come there. */
enum place { START, READY, ENVELOPE, HEADERS, BODY, WAIT, PLACES };

static void
go_to(enum place place)
{
	tear_down(NULL);
	set_up((void *[]){ NULL });
	record.finish_at_once = false;
	if (place > START)
		negotiate();
	if (place > READY)
		send_envelope();
	if (place > ENVELOPE)
		SEND(MILTER_HEADER, "From\0a@b.test\0");
	if (place > HEADERS)
		SEND(MILTER_BODY, "x");
	if (place > BODY)
		SEND(MILTER_EOM, "");
	assert_int_equal(record.session->waiting, place == WAIT);
	record.calls[0] = '\0';
}

/*
 * What may come where. Everything else is out of order; commands that the
 * protocol does not have are nowhere in order.
 */
static void
commands_out_of_order_break_the_connection(void **state)
{
	static const struct {
		char command;
		const char *allowed; /* by place, '1' */
	} rows[] = {
		{ MILTER_OPTNEG, "100000" },
		{ MILTER_MACRO, "011110" },
		{ MILTER_CONNECT, "010000" },
		{ MILTER_HELO, "011000" },
		{ MILTER_UNKNOWN, "011000" },
		{ MILTER_MAIL, "010000" },
		{ MILTER_RCPT, "001000" },
		{ MILTER_DATA, "001000" },
		{ MILTER_HEADER, "001100" },
		{ MILTER_EOH, "001100" },
		{ MILTER_BODY, "001110" },
		{ MILTER_EOM, "001110" },
		{ MILTER_ABORT, "011111" },
		{ MILTER_QUIT, "111111" },
		{ MILTER_QUIT_NC, "011111" },
	};
	bool refused[256] = { false };

	(void)state;
	for (int place = START; place < PLACES; place++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (rows[i].allowed[place] == '0') {
				go_to((enum place)place);
				assert_int_equal(
				    SEND(rows[i].command, "x\0y\0"),
				    MAIL_NEXT_BROKEN);
				assert_string_equal(
				    why, "a command out of order");
			}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused[(uint8_t)rows[i].command] = true;
	for (int c = 0; c < 256; c++)
		if (!refused[c]) {
			go_to(READY);
			assert_int_equal(SEND((char)c, ""), MAIL_NEXT_BROKEN);
			assert_string_equal(why, "an unknown command");
		}
}

static void
abort_in_any_state_forgets_once_and_leaves_room_for_a_message(void **state)
{
	static const char *const forgotten[PLACES] = { [READY] = "",
		[ENVELOPE] = "",
		[HEADERS] = "",
		[BODY] = "f",
		[WAIT] = "f" };

	(void)state;
	for (int place = READY; place < PLACES; place++) {
		go_to((enum place)place);
		assert_int_equal(SEND(MILTER_ABORT, ""), MAIL_NEXT_AGAIN);
		assert_int_equal(SEND(MILTER_ABORT, ""), MAIL_NEXT_AGAIN);
		assert_string_equal(record.calls, forgotten[place]);
		assert_string_equal(replies(), "");
		assert_false(mail_busy(record.session));
		record.finish_at_once = true;
		send_message();
		assert_string_equal(replies(), "a");
	}
}

static void
quit_in_any_state_forgets_and_closes(void **state)
{
	(void)state;
	for (int place = START; place < PLACES; place++) {
		go_to((enum place)place);
		assert_int_equal(SEND(MILTER_QUIT, ""), MAIL_NEXT_CLOSE);
		assert_string_equal(record.calls, place >= BODY ? "f" : "");
		assert_int_equal(
		    SEND(MILTER_MAIL, "<a@b.test>\0"), MAIL_NEXT_BROKEN);
	}
}

static void
lost_connection_forgets_the_message_once(void **state)
{
	(void)state;
	for (int place = START; place < PLACES; place++) {
		go_to((enum place)place);
		mail_free(record.session);
		record.session = NULL;
		assert_string_equal(record.calls, place >= BODY ? "f" : "");
	}
}

static void
session_is_busy_from_mail_to_verdict(void **state)
{
	(void)state;
	for (int place = START; place < PLACES; place++) {
		go_to((enum place)place);
		assert_int_equal(mail_busy(record.session), place >= ENVELOPE);
	}
	mail_finish(record.session, MAIL_ACCEPT, NULL);
	assert_false(mail_busy(record.session));
}

/* ---- verdicts ---- */

static void
late_verdict_is_told_to_the_server(void **state)
{
	(void)state;
	go_to(WAIT);
	assert_int_equal(record.finished, 0);
	mail_finish(record.session, MAIL_ACCEPT, NULL);
	assert_int_equal(record.finished, 1);
	assert_string_equal(record.calls, "f");
	assert_string_equal(replies(), "a");
	record.finish_at_once = true;
	send_message();
	assert_int_equal(record.finished, 1);
}

static void
verdicts_have_their_codes(void **state)
{
	static const struct {
		enum mail_verdict verdict;
		const char *text, *codes;
	} rows[] = { { MAIL_ACCEPT, NULL, "a" }, { MAIL_DISCARD, NULL, "d" },
		{ MAIL_TEMPFAIL, NULL, "t" }, { MAIL_REJECT, NULL, "r" },
		{ MAIL_TEMPFAIL, "451 4.7.1 later", "y" },
		{ MAIL_REJECT, "550 5.7.1 no", "y" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		go_to(WAIT);
		mail_finish(record.session, rows[i].verdict, rows[i].text);
		assert_string_equal(replies(), rows[i].codes);
	}
}

static void
changes_are_sent_with_accept_and_only_with_accept(void **state)
{
	static const struct {
		enum mail_verdict verdict;
		const char *codes;
	} rows[] = { { MAIL_ACCEPT, "mmiqa" }, { MAIL_DISCARD, "d" },
		{ MAIL_TEMPFAIL, "t" }, { MAIL_REJECT, "r" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mail *s;

		go_to(WAIT);
		s = record.session;
		assert_int_equal(mail_remove(s, "A", 2), 0);
		assert_int_equal(mail_remove(s, "A", 1), 0);
		assert_int_equal(mail_insert(s, 0, "A", "v"), 0);
		assert_int_equal(mail_quarantine(s, "why"), 0);
		mail_finish(s, rows[i].verdict, NULL);
		assert_string_equal(replies(), rows[i].codes);
	}
}

static void
changes_of_an_aborted_message_do_not_reach_the_next(void **state)
{
	(void)state;
	go_to(WAIT);
	assert_int_equal(mail_insert(record.session, 0, "A", "v"), 0);
	SEND(MILTER_ABORT, "");
	record.finish_at_once = true;
	send_message();
	assert_string_equal(replies(), "a");
}

/* ---- bounds
 * ---------------------------------------------------------------------------
 */

static void
send_field(const char *name, size_t len)
{
	size_t name_size = strlen(name) + 1;
	char *octets = malloc(name_size + len + 1);

	assert_non_null(octets);
	memcpy(octets, name, name_size);
	memset(octets + name_size, 'x', len);
	octets[name_size + len] = '\0';
	assert_int_equal(
	    send_octets(MILTER_HEADER, octets, name_size + len + 1),
	    MAIL_NEXT_AGAIN);
	free(octets);
}

/* The message under way ends; then an ordinary one is as ever. */
static void
assert_overflow(enum mail_overflow overflow)
{
	assert_int_equal(SEND(MILTER_EOM, ""), MAIL_NEXT_AGAIN);
	assert_int_equal(record.overflow, overflow);
	assert_string_equal(replies(), "a");
	send_message();
	assert_int_equal(record.overflow, MAIL_FITS);
	assert_string_equal(
	    record.message, "|||<a@b.test>|<c@d.test>|From/1:a@b.test");
	replies();
}

static void
field_count_is_bounded(void **state)
{
	(void)state;
	negotiate();
	for (int extra = 0; extra < 2; extra++) {
		send_envelope();
		for (int i = 0; i < MAIL_FIELDS_MAX + extra; i++)
			send_field(i % 2 ? "From" : "X-Other", 3);
		SEND(MILTER_MACRO,
		    "Ei\0"
		    "4late\0");
		assert_overflow(extra ? MAIL_TOO_MANY_FIELDS : MAIL_FITS);
	}
}

static void
field_length_is_bounded(void **state)
{
	(void)state;
	negotiate();
	send_envelope();
	send_field("From", MAIL_FIELD_MAX - 4);
	assert_overflow(MAIL_FITS);
	send_envelope();
	send_field("From", MAIL_FIELD_MAX - 3);
	assert_overflow(MAIL_FIELD_TOO_LONG);
	send_envelope();
	send_field("X-Other", MAIL_FIELD_MAX);
	assert_overflow(MAIL_FIELD_TOO_LONG);
}

static void
recipient_count_is_bounded(void **state)
{
	(void)state;
	negotiate();
	for (int extra = 0; extra < 2; extra++) {
		SEND(MILTER_MAIL, "<a@b.test>\0");
		for (int i = 0; i < RECIPIENTS + extra; i++)
			SEND(MILTER_RCPT, "<c@d.test>\0");
		SEND(MILTER_EOM, "");
		assert_int_equal(record.n_recipients, RECIPIENTS);
		assert_int_equal(record.overflow,
		    extra ? MAIL_TOO_MANY_RECIPIENTS : MAIL_FITS);
	}
}

static void
kept_octets_are_bounded(void **state)
{
	(void)state;
	negotiate();
	send_envelope();
	for (int i = 0; i < MAIL_KEPT_MAX / 60000; i++)
		send_field("From", 60000);
	assert_int_equal(record.overflow, MAIL_FITS);
	send_field("From", 60000);
	assert_overflow(MAIL_KEPT_TOO_MUCH);
	assert_true(record.n_fields <= MAIL_KEPT_MAX / 60000);
}

static void
macros_alone_cannot_grow_without_bound(void **state)
{
	char octets[70000] = "Ri";

	(void)state;
	negotiate();
	send_envelope();
	for (int i = 0; i < 100; i++) {
		memset(octets + 3, 'a' + i % 2, sizeof(octets) - 4);
		assert_int_equal(
		    send_octets(MILTER_MACRO, octets, sizeof(octets)),
		    MAIL_NEXT_AGAIN);
	}
	assert_int_equal(SEND(MILTER_EOM, ""), MAIL_NEXT_AGAIN);
	assert_int_equal(record.overflow, MAIL_KEPT_TOO_MUCH);
}

/* What a connection holds without a message is in no account. */
static void
values_of_a_connection_are_bounded(void **state)
{
	static const struct {
		char stage;
		size_t n;
		enum mail_next next;
	} rows[] = {
		{ MILTER_CONNECT, 4096, MAIL_NEXT_AGAIN },
		{ MILTER_CONNECT, 4097, MAIL_NEXT_BROKEN },
		{ MILTER_HELO, 4097, MAIL_NEXT_BROKEN },
		{ MILTER_MAIL, 4097, MAIL_NEXT_AGAIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char octets[5000] = { rows[i].stage, 'i' };

		go_to(READY);
		memset(octets + 3, 'a', rows[i].n);
		assert_int_equal(
		    send_octets(MILTER_MACRO, octets, 3 + rows[i].n + 1),
		    rows[i].next);
	}
}

/* ---- octets from outside ---- */

static void
malformed_packets_break_the_connection(void **state)
{
	static const struct {
		char command;
		enum place place;
		const char *octets;
		size_t n;
	} rows[] = {
		{ MILTER_MACRO, READY, "", 0 },
		{ MILTER_MACRO, READY, "Mname\0", 6 },
		{ MILTER_MACRO, READY, "Mname\0value", 11 },
		{ MILTER_MACRO, READY, "Mname", 5 },
		{ MILTER_CONNECT, READY, "x\0", 2 },
		{ MILTER_MAIL, READY, "", 0 },
		{ MILTER_MAIL, READY, "<a@b>", 5 },
		{ MILTER_RCPT, ENVELOPE, "", 0 },
		{ MILTER_RCPT, ENVELOPE, "<a@b>", 5 },
		{ MILTER_RCPT, ENVELOPE, "\0", 1 },
		{ MILTER_HEADER, ENVELOPE, "", 0 },
		{ MILTER_HEADER, ENVELOPE, "From\0", 5 },
		{ MILTER_HEADER, ENVELOPE, "From\0a", 6 },
		{ MILTER_HEADER, ENVELOPE, "From\0a\0hidden\0", 14 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		go_to(rows[i].place);
		assert_int_equal(
		    send_octets(rows[i].command, rows[i].octets, rows[i].n),
		    MAIL_NEXT_BROKEN);
	}
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/*
 * Any octets with any command, in long sessions: no more is asked than that a
 * memory checker sees nothing and that headers and forget stay in pairs.
 */
static void
random_packets_never_unpair_headers_and_forget(void **state)
{
	static const char commands[] = "DCHMRTLLLNBEAKU";
	uint32_t seed = 20061103;

	(void)state;
	for (int session = 0; session < 2000; session++) {
		int headers = 0, forgets = 0;

		go_to((enum place)(next_random(&seed) % PLACES));
		headers = record.session && mail_data(record.session) ? 1 : 0;
		for (int i = 0; i < 40; i++) {
			uint8_t octets[12];
			size_t n = next_random(&seed) % sizeof(octets);
			char command = commands[next_random(&seed) %
			    (sizeof(commands) - 1)];

			for (size_t j = 0; j < n; j++)
				octets[j] =
				    "\0\0\0aiC4M"[next_random(&seed) % 8];
			record.finish_at_once = next_random(&seed) % 2;
			if (send_octets(command, octets, n) == MAIL_NEXT_BROKEN)
				break;
		}
		mail_free(record.session);
		record.session = NULL;
		for (const char *p = record.calls; *p != '\0'; p++) {
			headers += *p == 'h';
			forgets += *p == 'f';
		}
		assert_int_equal(headers, forgets);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(full_offer_is_answered_in_these_octets),
		TEST(only_offered_steps_are_taken),
		TEST(body_is_left_out_when_nobody_wants_it),
		TEST(symbol_lists_are_sent_only_when_offered),
		TEST(mta_that_does_not_offer_our_changes_is_refused),
		TEST(older_version_is_answered_with_itself_and_1_is_refused),
		TEST(short_negotiation_is_refused_at_every_length),
		TEST(message_reaches_the_daemon_whole_with_one_reply),
		TEST(each_step_is_answered_when_no_reply_may_be_spared),
		TEST(unwanted_body_is_skipped_when_it_comes_anyway),
		TEST(end_of_message_may_carry_the_last_piece_of_the_body),
		TEST(
		    many_messages_share_a_connection_but_nothing_of_each_other),
		TEST(aborted_message_s_macros_do_not_reach_the_next),
		TEST(macros_of_connect_and_helo_hold_for_every_message),
		TEST(address_of_connect_is_not_changed_by_a_macro),
		TEST(macro_without_a_name_is_none_of_ours),
		TEST(queue_id_is_taken_whenever_it_comes),
		TEST(new_client_inherits_nothing),
		TEST(commands_out_of_order_break_the_connection),
		TEST(
		    abort_in_any_state_forgets_once_and_leaves_room_for_a_message),
		TEST(quit_in_any_state_forgets_and_closes),
		TEST(lost_connection_forgets_the_message_once),
		TEST(session_is_busy_from_mail_to_verdict),
		TEST(late_verdict_is_told_to_the_server),
		TEST(verdicts_have_their_codes),
		TEST(changes_are_sent_with_accept_and_only_with_accept),
		TEST(changes_of_an_aborted_message_do_not_reach_the_next),
		TEST(field_count_is_bounded),
		TEST(field_length_is_bounded),
		TEST(recipient_count_is_bounded),
		TEST(kept_octets_are_bounded),
		TEST(macros_alone_cannot_grow_without_bound),
		TEST(values_of_a_connection_are_bounded),
		TEST(malformed_packets_break_the_connection),
		TEST(random_packets_never_unpair_headers_and_forget),
	};

	return cmocka_run_group_tests_name("milter_session", tests, NULL, NULL);
}
