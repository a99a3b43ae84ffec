/*
 * A connection by TLS between two ends in one loop: what is held when a peer
 * does not read, and how it ends.
 */
#include "common/tls_stream.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/tls_certs.h"

enum { DAY = 24 * 60 * 60, MESSAGE_MAX = 4096, ANSWER = 1000, IDLE_TURNS = 50 };

static struct ev_loop *loop;
static struct tls_context *server_context, *client_context;

struct end {
	struct tls_stream *stream;
	unsigned messages, free_at; /* free_at: of a message; 0: never */
	uint32_t last_id;
	bool ready;
	const char *why; /* NULL: it is not closed */
};

static struct end server, client;
static bool answers = true; /* the server does */
static int room = 4096;     /* the kernel's; 0: as it is */

static int
verified(void *arg, SSL *ssl)
{
	(void)arg;
	assert_non_null(SSL_get0_peer_certificate(ssl));
	return 0;
}

static void
ready(void *arg)
{
	((struct end *)arg)->ready = true;
}

static void
message(void *arg, uint32_t id, const uint8_t *data, size_t n)
{
	static const uint8_t answer[ANSWER];
	struct end *e = arg;

	(void)data;
	(void)n;
	e->last_id = id;
	e->messages++;
	if (e == &server && answers)
		assert_int_equal(
		    tls_stream_send(e->stream, id, answer, ANSWER), 0);
	if (e->messages == e->free_at) {
		tls_stream_free(e->stream);
		e->stream = NULL;
	}
}

static void
closed(void *arg, const char *why)
{
	struct end *e = arg;

	e->why = strcmp(why, "over") == 0 ? "over" : "other";
	tls_stream_free(e->stream);
	e->stream = NULL;
}

static const struct tls_stream_events events = { verified, ready, message,
	closed };

static int
begin_all(void **state)
{
	const struct tls_cert a = { .cn = "ca", .ends = DAY, .ca = 1 };
	const struct tls_cert s = { .san = "DNS:dns.test", .ends = DAY };
	X509 *ca = tls_cert_make(&a, NULL);

	(void)state;
	server_context = tls_certs_context(&s, ca, ca);
	client_context = tls_certs_context(&s, ca, ca);
	X509_free(ca);
	signal(SIGPIPE, SIG_IGN);
	loop = ev_loop_new(0);
	return 0;
}

static int
finish_all(void **state)
{
	(void)state;
	tls_context_unref(server_context);
	tls_context_unref(client_context);
	tls_certs_end();
	ev_loop_destroy(loop);
	return 0;
}

/* As much as happens by itself. */
static void
run(void)
{
	for (int idle = 0; idle < IDLE_TURNS; idle++) {
		unsigned before = server.messages + client.messages;

		ev_run(loop, EVRUN_NOWAIT);
		if (server.messages + client.messages != before)
			idle = 0;
	}
}

/* Small rooms of the kernel: what is held is held here. */
static void
connect_both(void)
{
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	for (int i = 0; i < 2 && room > 0; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	server.stream =
	    tls_stream_new(loop, tls_context_open(server_context, NULL), fds[0],
		SP_REP, MESSAGE_MAX, &events, &server);
	client.stream =
	    tls_stream_new(loop, tls_context_open(client_context, "dns.test"),
		fds[1], SP_REQ, MESSAGE_MAX, &events, &client);
}

static int
begin(void **state)
{
	(void)state;
	server = client = (struct end){ 0 };
	answers = true;
	connect_both();
	while (!server.ready || !client.ready)
		ev_run(loop, EVRUN_ONCE);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	tls_stream_free(server.stream);
	tls_stream_free(client.stream);
	return 0;
}

static void
ask(unsigned n, size_t size)
{
	static const uint8_t data[MESSAGE_MAX];

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(
		    tls_stream_send(client.stream, i, data, size), 0);
}

static void
say(unsigned n)
{
	static const uint8_t answer[ANSWER];

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(
		    tls_stream_send(server.stream, i, answer, ANSWER), 0);
}

/* ---- */

static void
who_reads_no_answers_is_not_read(void **state)
{
	const unsigned n = 3000, most = 2 * TLS_STREAM_UNREAD / ANSWER;

	(void)state;
	tls_stream_pause(client.stream, 1);
	ask(n, 4);
	run();
	assert_in_range(server.messages, TLS_STREAM_UNREAD / ANSWER / 2, most);
	tls_stream_pause(client.stream, 0);
	run();
	assert_int_equal(server.messages, n);
	assert_int_equal(client.messages, n);
	assert_int_equal(client.last_id & 0x7fffffff, n - 1);
}

/* All has come, and all that waits goes at once: nothing else would wake it. */
static void
what_waited_for_that_goes_on(void **state)
{
	const unsigned n = 500;

	finish(state);
	room = 0;
	begin(state);
	room = 4096;
	tls_stream_pause(client.stream, 1);
	ask(n, 4);
	run();
	assert_true(server.messages < n);
	tls_stream_pause(client.stream, 0);
	run();
	assert_int_equal(client.messages, n);
}

/* Else two that wait for each other would for ever. */
static void
who_asks_reads_whatever_it_has_to_say(void **state)
{
	const unsigned n = 2 * TLS_STREAM_UNREAD / 1000 * 4;

	(void)state;
	ask(n, 1000);
	run();
	assert_int_equal(client.messages, n);
}

static void
nothing_is_taken_over_the_most(void **state)
{
	static const uint8_t data[MESSAGE_MAX];
	unsigned n = 0;

	(void)state;
	tls_stream_pause(server.stream, 1);
	run();
	while (tls_stream_send(client.stream, n, data, sizeof(data)) == 0)
		n++;
	assert_in_range(n * sizeof(data),
	    TLS_STREAM_UNREAD_MOST - TLS_STREAM_UNREAD, TLS_STREAM_UNREAD_MOST);
}

static void
what_was_said_is_written_before_it_ends(void **state)
{
	const unsigned n = 1000;

	(void)state;
	tls_stream_pause(client.stream, 1);
	say(n);
	tls_stream_end(server.stream, "over");
	run();
	assert_null(server.why);
	tls_stream_pause(client.stream, 0);
	run();
	assert_int_equal(client.messages, n);
	assert_string_equal(server.why, "over");
	assert_string_equal(client.why, "other");
}

static void
what_comes_when_it_ends_is_not_read(void **state)
{
	(void)state;
	tls_stream_pause(client.stream, 1);
	say(50);
	tls_stream_end(server.stream, "over");
	tls_stream_pause(server.stream, 0);
	ask(10, 4);
	run();
	assert_int_equal(server.messages, 0);
	assert_null(server.why);
	tls_stream_pause(client.stream, 0);
	run();
	assert_int_equal(server.messages, 0);
	assert_string_equal(server.why, "over");
}

static void
handshake_that_ends_is_over_at_once(void **state)
{
	finish(state);
	server = client = (struct end){ 0 };
	connect_both();
	tls_stream_end(server.stream, "over");
	run();
	assert_string_equal(server.why, "over");
	assert_string_equal(client.why, "other");
	assert_false(server.ready || client.ready);
}

/* Also by the last one of a long run of reads. */
static void
any_message_may_free_it(void **state)
{
	(void)state;
	room = 0;
	for (unsigned i = 1; i < 160; i++) {
		finish(state);
		begin(state);
		answers = false;
		server.free_at = i;
		ask(160, 1000);
		run();
		assert_int_equal(server.messages, i);
		assert_null(server.stream);
	}
	room = 4096;
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, begin, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_reads_no_answers_is_not_read),
		TEST(what_waited_for_that_goes_on),
		TEST(who_asks_reads_whatever_it_has_to_say),
		TEST(nothing_is_taken_over_the_most),
		TEST(what_was_said_is_written_before_it_ends),
		TEST(what_comes_when_it_ends_is_not_read),
		TEST(handshake_that_ends_is_over_at_once),
		TEST(any_message_may_free_it),
	};

	return cmocka_run_group_tests(tests, begin_all, finish_all);
}
