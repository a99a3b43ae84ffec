/*
 * dns_exchange: what a callback may do, what is bounded, and that nothing is
 * left. The server is a socket in this very process. How answers are judged is
 * test_dns_answer's; real servers are dns_exchange.t's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_ends.h"

/* ---- the plain way --------------------------------------------------------
 */

static void
question_is_answered_once_and_leaves_no_descriptor(void **state)
{
	int fd = free_descriptor();

	(void)state;
	ask(0, 5);
	assert_int_equal(dns_exchange_pending(f.exchange), 1);
	serve();
	run();
	assert_int_equal(f.told, 1);
	assert_int_equal(f.outcome, DNS_ANSWERED);
	assert_int_equal(dns_exchange_pending(f.exchange), 0);
	assert_int_equal(dns_exchange_packets(f.exchange), 1);
	assert_int_equal(free_descriptor(), fd);
}

static void
ids_and_ports_differ_from_question_to_question(void **state)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	unsigned id[QUERIES], port[QUERIES], same_id = 0, same_port = 0;
	uint8_t msg[512];

	(void)state;
	for (size_t i = 0; i < QUERIES; i++) {
		ask(i, 5);
		assert_true(recvfrom(f.server, msg, sizeof(msg), 0,
				(struct sockaddr *)&from, &len) > 12);
		id[i] = (unsigned)msg[0] << 8 | msg[1];
		port[i] = ntohs(from.sin_port);
	}
	/* By chance one in 10,000 runs has one equal, hardly any has two. */
	for (size_t i = 1; i < QUERIES; i++) {
		same_id += id[i] == id[i - 1] || id[i] == id[i - 1] + 1;
		same_port += port[i] == port[i - 1] ||
		    port[i] == port[i - 1] + 1 || port[i] == port[i - 1] + 2;
	}
	assert_in_range(same_id, 0, 1);
	assert_in_range(same_port, 0, 1);
}

/* ---- bounds ---------------------------------------------------------------
 */

static void
questions_over_the_budget_are_told_by_the_loop(void **state)
{
	(void)state;
	dns_exchange_free(f.exchange);
	f.exchange =
	    dns_exchange_new(f.loop, &(struct dns_limits){ .queries = 1 });
	ask(0, 5);
	ask(1, 5);
	assert_int_equal(f.told, 0);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_int_equal(f.told, 1);
	assert_int_equal(f.outcome, DNS_OVER_BUDGET);
	serve();
	run();
	assert_int_equal(f.told, 2);
	assert_int_equal(f.outcome, DNS_ANSWERED);
}

static void
question_without_a_descriptor_fails_in_the_loop(void **state)
{
	struct rlimit old, none = { .rlim_cur = 0 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none.rlim_max = old.rlim_max;
	for (int tcp = 0; tcp < 2; tcp++) {
		f.question.tcp = tcp;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		ask(0, 5);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		run();
		assert_int_equal(f.told, tcp + 1);
		assert_int_equal(
		    f.outcome, tcp ? DNS_UNREACHABLE : DNS_OVER_BUDGET);
	}
}

static void
question_without_time_times_out(void **state)
{
	(void)state;
	ask(0, 0);
	ask(1, -1);
	run();
	assert_int_equal(f.told, 2);
	assert_int_equal(f.outcome, DNS_TIMED_OUT);
}

/* ---- what a callback may do -----------------------------------------------
 */

static void
callback_may_cancel_all_and_itself(void **state)
{
	int fd = free_descriptor();

	(void)state;
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	f.on_reply = cancel_all;
	serve();
	run();
	assert_int_equal(f.told, 1);
	assert_int_equal(dns_exchange_pending(f.exchange), 0);
	assert_int_equal(free_descriptor(), fd);
}

static void
questions_that_failed_already_can_be_cancelled(void **state)
{
	(void)state;
	close(f.server);
	f.server = -1;
	f.question.tcp = true;
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	f.on_reply = cancel_all;
	run();
	assert_int_equal(f.told, 1);
	assert_int_equal(f.outcome, DNS_UNREACHABLE);
}

static void
callback_may_free_the_exchange(void **state)
{
	(void)state;
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	f.on_reply = free_exchange;
	serve();
	run();
	assert_int_equal(f.told, 1);
}

static void
ask_again(struct fixture *x, size_t which)
{
	if (x->told == 1)
		ask(which, 5);
}

static void
answer_second(struct ev_loop *loop, ev_prepare *w, int revents)
{
	(void)revents;
	if (f.told == 1) {
		serve();
		ev_prepare_stop(loop, w);
	}
}

static void
callback_may_ask_again(void **state)
{
	ev_prepare w;

	(void)state;
	ask(0, 5);
	serve();
	f.on_reply = ask_again;
	ev_prepare_init(&w, answer_second);
	ev_prepare_start(f.loop, &w);
	run();
	assert_int_equal(f.told, 2);
	assert_int_equal(f.outcome, DNS_ANSWERED);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, dns_ends_setup, dns_ends_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(question_is_answered_once_and_leaves_no_descriptor),
		TEST(ids_and_ports_differ_from_question_to_question),
		TEST(questions_over_the_budget_are_told_by_the_loop),
		TEST(question_without_a_descriptor_fails_in_the_loop),
		TEST(question_without_time_times_out),
		TEST(callback_may_cancel_all_and_itself),
		TEST(questions_that_failed_already_can_be_cancelled),
		TEST(callback_may_free_the_exchange),
		TEST(callback_may_ask_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
