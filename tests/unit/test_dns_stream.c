/*
 * dns_stream: frames over a connection to a server in this very process. What
 * an event does to the stream (free, close, send, pause) must be safe, which
 * a sanitizer sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/dns_stream.h"

enum { MESSAGE_MAX = 65535 };

static struct fixture {
	struct ev_loop *loop;
	struct net_address address;
	int listener, peer; /* the server's side */
	struct dns_stream *stream;

	/* what the events do, and what they saw */
	void (*on_message)(struct fixture *);
	void (*on_closed)(struct fixture *);
	unsigned messages, closed;
	size_t last_len;
	uint8_t last_octet;
	char why[128];
	bool inside_call;
} f;

static void
message(void *arg, const uint8_t *msg, size_t len)
{
	(void)arg;
	assert_false(f.inside_call);
	f.messages++;
	f.last_len = len;
	f.last_octet = len > 0 ? msg[len - 1] : 0;
	if (f.on_message != NULL)
		f.on_message(&f);
}

static void
closed(void *arg, const char *why)
{
	(void)arg;
	assert_false(f.inside_call);
	f.closed++;
	snprintf(f.why, sizeof(f.why), "%s", why);
	if (f.on_closed != NULL)
		f.on_closed(&f);
}

static const struct dns_stream_events events = { message, closed };

static int
setup(void **state)
{
	socklen_t len = sizeof(f.address.in4);

	(void)state;
	f = (struct fixture){ .loop = ev_loop_new(EVFLAG_AUTO), .peer = -1 };
	f.address.in4.sin_family = AF_INET;
	f.address.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f.address.in4.sin_port = 0;
	f.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f.listener, &f.address.sa, len) == -1 ||
	    listen(f.listener, 5) == -1 ||
	    getsockname(f.listener, &f.address.sa, &len) == -1)
		return -1;
	f.stream = dns_stream_new(f.loop, &f.address, &events, NULL);
	return f.stream != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	dns_stream_free(f.stream);
	close(f.listener);
	if (f.peer != -1)
		close(f.peer);
	ev_loop_destroy(f.loop);
	return 0;
}

static void
send_octets(size_t len, uint8_t octet)
{
	static uint8_t msg[MESSAGE_MAX];

	memset(msg, octet, len);
	f.inside_call = true;
	assert_int_equal(dns_stream_send(f.stream, msg, len), 0);
	f.inside_call = false;
}

static void
timeout(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	*(bool *)w->data = true;
}

/* Turns of the loop until *counter reaches n; fails after 5 s. */
static void
run_until(const unsigned *counter, unsigned n)
{
	bool late = false;
	ev_timer w;

	ev_timer_init(&w, timeout, 5., 0.);
	w.data = &late;
	ev_timer_start(f.loop, &w);
	while (*counter < n && !late)
		ev_run(f.loop, EVRUN_ONCE);
	ev_timer_stop(f.loop, &w);
	if (late)
		fail_msg("saw %u events, expected %u", *counter, n);
}

/* All that is ready now, and no waiting. */
static void
run_ready(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(f.loop, EVRUN_NOWAIT);
}

static void
accept_peer(void)
{
	struct timeval soon = { .tv_sec = 5 };

	if (f.peer != -1)
		close(f.peer);
	f.peer = accept(f.listener, NULL, NULL);
	assert_int_not_equal(f.peer, -1);
	setsockopt(f.peer, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
}

/* Connected, with one message sent and read by the server. */
static void
connect_both(void)
{
	uint8_t buf[5];

	send_octets(3, 'q');
	accept_peer();
	run_ready();
	assert_int_equal(recv(f.peer, buf, 5, MSG_WAITALL), 5);
	assert_memory_equal(buf, "\0\3qqq", 5);
}

static void
peer_says(const char *octets, size_t n)
{
	assert_int_equal(send(f.peer, octets, n, MSG_NOSIGNAL), n);
}
#define PEER_SAYS(literal) peer_says(literal, sizeof(literal) - 1)

/* ---- frames ---------------------------------------------------------------
 */

static void
frames_are_told_apart_however_they_arrive(void **state)
{
	static const char two[] = "\0\2ab\0\3cde";

	(void)state;
	connect_both();
	peer_says(two, sizeof(two) - 1);
	run_until(&f.messages, 2);
	assert_int_equal(f.last_len, 3);
	for (size_t i = 0; i < sizeof(two) - 1; i++) {
		peer_says(two + i, 1);
		run_ready();
	}
	run_until(&f.messages, 4);
	assert_int_equal(f.last_octet, 'e');
}

static void
messages_of_65535_octets_pass_both_ways(void **state)
{
	static uint8_t buf[2 + MESSAGE_MAX];
	size_t got = 0;

	(void)state;
	connect_both();
	send_octets(MESSAGE_MAX, 'x');
	while (got < sizeof(buf)) {
		ssize_t n;

		run_ready();
		n = recv(f.peer, buf + got, sizeof(buf) - got, 0);
		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(buf[0] << 8 | buf[1], MESSAGE_MAX);
	assert_int_equal(buf[sizeof(buf) - 1], 'x');
	for (got = 0; got < sizeof(buf);) {
		ssize_t n = send(f.peer, buf + got, sizeof(buf) - got,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		got += n > 0 ? (size_t)n : 0;
		run_ready();
	}
	run_until(&f.messages, 1);
	assert_int_equal(f.last_len, MESSAGE_MAX);
	assert_int_equal(f.last_octet, 'x');
}

/* TCP_NODELAY is on: what is written apart arrives apart. */
static void
what_is_sent_in_one_turn_arrives_at_once(void **state)
{
	uint8_t buf[1000];

	(void)state;
	connect_both();
	for (int i = 0; i < 100; i++)
		send_octets(3, 'm');
	assert_int_equal(dns_stream_queued(f.stream), 500);
	assert_int_equal(recv(f.peer, buf, sizeof(buf), MSG_DONTWAIT), -1);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_int_equal(dns_stream_queued(f.stream), 0);
	assert_int_equal(recv(f.peer, buf, sizeof(buf), 0), 500);
}

/* ---- ends -----------------------------------------------------------------
 */

static void
refused_connection_is_told_by_the_loop(void **state)
{
	(void)state;
	close(f.listener);
	f.listener = -1;
	send_octets(3, 'q');
	assert_int_equal(f.closed, 0);
	run_until(&f.closed, 1);
	assert_string_equal(f.why, "Connection refused");
	send_octets(3, 'q'); /* it tries again */
	run_until(&f.closed, 2);
}

static void
close_by_the_server_is_seen_while_idle(void **state)
{
	(void)state;
	connect_both();
	close(f.peer);
	f.peer = -1;
	run_until(&f.closed, 1);
	assert_string_equal(f.why, "closed by the server");
	connect_both();
	PEER_SAYS("\0\1a");
	run_until(&f.messages, 1);
}

static void
close_within_a_message_is_told(void **state)
{
	(void)state;
	connect_both();
	PEER_SAYS("\0\3a");
	run_ready();
	close(f.peer);
	f.peer = -1;
	run_until(&f.closed, 1);
	assert_string_equal(f.why, "closed in the middle of a message");
	assert_int_equal(f.messages, 0);
}

static void
close_by_us_is_no_event_and_drops_what_was_queued(void **state)
{
	(void)state;
	connect_both();
	send_octets(100, 'x');
	dns_stream_close(f.stream);
	assert_int_equal(dns_stream_queued(f.stream), 0);
	run_ready();
	assert_int_equal(f.closed, 0);
	connect_both(); /* with nothing of the old before it */
}

/* ---- events that change the stream ----------------------------------------
 */

static void
free_stream(struct fixture *x)
{
	dns_stream_free(x->stream);
	x->stream = NULL;
}

static void
stream_may_be_freed_inside_each_event(void **state)
{
	(void)state;
	connect_both();
	f.on_message = free_stream;
	PEER_SAYS("\0\1a\0\1b");
	run_until(&f.messages, 1);
	run_ready();
	assert_int_equal(f.messages, 1);

	f.stream = dns_stream_new(f.loop, &f.address, &events, NULL);
	connect_both();
	f.on_closed = free_stream;
	close(f.peer);
	f.peer = -1;
	run_until(&f.closed, 1);
	run_ready();
	assert_null(f.stream);
}

static void
reconnect(struct fixture *x)
{
	if (x->messages == 1) {
		dns_stream_close(x->stream);
		send_octets(3, 'q');
	}
}

static void
nothing_of_an_old_connection_comes_after_a_new_one(void **state)
{
	uint8_t buf[5];

	(void)state;
	connect_both();
	f.on_message = reconnect;
	PEER_SAYS("\0\1a\0\1b\0\1c\0\2d");
	run_until(&f.messages, 1);
	accept_peer();
	run_ready();
	assert_int_equal(f.messages, 1);
	assert_int_equal(recv(f.peer, buf, 5, MSG_WAITALL), 5);
	PEER_SAYS("\0\1z");
	run_until(&f.messages, 2);
	assert_int_equal(f.last_octet, 'z');
}

static void
pause_stream(struct fixture *x)
{
	dns_stream_pause(x->stream, 1);
}

static void
paused_stream_delivers_nothing_until_it_goes_on(void **state)
{
	(void)state;
	connect_both();
	f.on_message = pause_stream;
	PEER_SAYS("\0\1a\0\1b\0\1c");
	run_until(&f.messages, 1);
	PEER_SAYS("\0\1d");
	run_ready();
	assert_int_equal(f.messages, 1);
	for (unsigned n = 2; n <= 4; n++) {
		f.inside_call = true;
		dns_stream_pause(f.stream, 0);
		f.inside_call = false;
		run_ready();
		assert_int_equal(f.messages, n);
		assert_int_equal(f.last_octet, "abcd"[n - 1]);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(frames_are_told_apart_however_they_arrive),
		TEST(messages_of_65535_octets_pass_both_ways),
		TEST(what_is_sent_in_one_turn_arrives_at_once),
		TEST(refused_connection_is_told_by_the_loop),
		TEST(close_by_the_server_is_seen_while_idle),
		TEST(close_within_a_message_is_told),
		TEST(close_by_us_is_no_event_and_drops_what_was_queued),
		TEST(stream_may_be_freed_inside_each_event),
		TEST(nothing_of_an_old_connection_comes_after_a_new_one),
		TEST(paused_stream_delivers_nothing_until_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
