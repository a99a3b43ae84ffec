/* mail_connection: many at once, on a real loop and socket pairs; the clock is
   ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mail_connection.h"
#include "common/milter_session.h"
#include "common/monotonic.h"
#include "common/policy_session.h"

static double now;

double
monotonic_now(void)
{
	return now;
}

static void
on_closed(struct mail_connections *all)
{
	(void)all;
}

static const char *const names[] = { "From", NULL };
static const struct mail_handler handler = {
	.name = "test", .request = "sign", .fields = names
};
static struct mail_connections all;

static int
setup(void **state)
{
	(void)state;
	now = 1000;
	all = (struct mail_connections){ .loop = EV_DEFAULT,
		.handler = &handler,
		.closed = on_closed,
		.limits = { .max_connections = 10, .idle = 900 } };
	mail_room_init(&all.room);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mail_connections_free(&all);
	return 0;
}

/* The MTA's end. */
static int
connected(const struct mail_protocol *protocol)
{
	int fds[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	assert_int_equal(mail_connection_new(&all, protocol, fds[0]), 0);
	return fds[1];
}

static void
turn(void)
{
	for (int i = 0; i < 3; i++)
		ev_run(all.loop, EVRUN_NOWAIT);
}

/* The one that goes next may be among them. */
static void
stopping_while_memory_is_short_closes_who_holds_it(void **state)
{
	char line[20000], c;
	int hoarder = connected(&policy_protocol),
	    other = connected(&policy_protocol);

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(
	    write(hoarder, line, sizeof(line)), (ssize_t)sizeof(line));
	turn();
	all.room.max_octets = 1;
	now += 60;
	all.stopping = true;
	mail_connections_drain(&all);
	turn();
	assert_int_equal(all.n, 1);
	assert_int_equal(read(hoarder, &c, 1), 0);
	assert_int_equal(read(other, &c, 1), -1);
	close(hoarder);
	close(other);
}

/* ---- what a connection keeps ---- */

static void
packet(int fd, char command, const char *octets, uint32_t n)
{
	const uint8_t head[] = { 0, (uint8_t)((n + 1) >> 16),
		(uint8_t)((n + 1) >> 8), (uint8_t)(n + 1), (uint8_t)command };

	assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
	assert_int_equal(write(fd, octets, n), n);
	turn();
}
#define PACKET(fd, command, octets) \
	packet(fd, command, octets, sizeof(octets) - 1)

/* 20 From fields of 50000 octets each. */
static void
large_header(int fd)
{
	static char field[50000] = "From";

	memset(field + 5, 'x', sizeof(field) - 6);
	PACKET(fd, MILTER_MAIL, "<martha@example.test>\0");
	for (int i = 0; i < 20; i++)
		packet(fd, MILTER_HEADER, field, sizeof(field));
}

static void
a_large_message_is_given_back_when_it_is_over(void **state)
{
	int fd = connected(&milter_protocol);

	(void)state;
	PACKET(fd, MILTER_OPTNEG, "\0\0\0\6\0\0\1\xff\0\37\xff\xff");
	for (int i = 0; i < 2; i++) {
		large_header(fd);
		assert_true(all.room.octets > 20 * 50000);
		PACKET(fd, MILTER_ABORT, "");
		assert_true(all.room.octets < 4 * MAIL_READ_MOST);
	}
	assert_int_equal(all.n, 1);
	close(fd);
}

/* ---- a restart ---- */

static struct buffer kept;
static int kept_fd, kept_times;

static int
keep(int fd, const uint8_t *state, size_t n)
{
	kept_times++;
	kept_fd = dup(fd);
	return buffer_append(&kept, state, n);
}

static int
keep_none(int fd, const uint8_t *state, size_t n)
{
	(void)fd, (void)state, (void)n;
	return -1;
}

static void
stop(mail_keep_fn *fn)
{
	all.keep = fn;
	all.stopping = true;
	mail_connections_drain(&all);
	turn();
}

static int
in_an_envelope(void)
{
	int fd = connected(&milter_protocol);

	PACKET(fd, MILTER_OPTNEG, "\0\0\0\6\0\0\1\xff\0\37\xff\xff");
	PACKET(fd, MILTER_MAIL, "<martha@example.test>\0");
	return fd;
}

/* So much has come: 0 at the end, -1 with nothing. */
static ssize_t
heard(int fd)
{
	char octets[4096];

	return read(fd, octets, sizeof(octets));
}

static void
a_message_under_way_goes_on_in_the_next_process(void **state)
{
	int fd = in_an_envelope();

	(void)state;
	assert_true(heard(fd) > 0);
	stop(keep);
	assert_int_equal(all.n, 0);
	assert_int_equal(heard(fd), -1); /* not the end of it */
	all.stopping = false;
	assert_int_equal(mail_connection_resume(&all, &milter_protocol, kept_fd,
			     kept.data, kept.len),
	    0);
	buffer_free(&kept);
	PACKET(fd, MILTER_RCPT, "<claire@example.test>\0");
	PACKET(fd, MILTER_ABORT, "");
	assert_int_equal(all.n, 1);
	assert_int_equal(all.room.n[MAIL_QUIET], 1);
	PACKET(fd, MILTER_QUIT, "");
	assert_int_equal(heard(fd), 0);
	close(fd);
}

static void
half_a_packet_is_waited_for(void **state)
{
	int fd = in_an_envelope();

	(void)state;
	kept_times = 0;
	assert_int_equal(write(fd, "\0\0", 2), 2);
	turn();
	stop(keep);
	assert_int_equal(kept_times, 0);
	assert_int_equal(write(fd, "\0\1A", 3), 3);
	turn();
	assert_int_equal(kept_times, 1);
	assert_int_equal(all.n, 0);
	buffer_free(&kept);
	close(kept_fd);
	close(fd);
}

/* The service manager has not read so many messages yet. */
static int
keep_later(int fd, const uint8_t *state, size_t n)
{
	return kept_times++ < 2 ? -1 : keep(fd, state, n);
}

static void
what_is_not_kept_at_once_is_kept_soon(void **state)
{
	int fd = in_an_envelope();

	(void)state;
	kept_times = 0;
	stop(keep_later);
	assert_int_equal(all.n, 1);
	while (all.n > 0)
		ev_run(all.loop, EVRUN_ONCE);
	assert_int_equal(kept_times, 4);
	buffer_free(&kept);
	close(kept_fd);
	close(fd);
}

static void
where_nobody_keeps_it_a_message_may_end(void **state)
{
	int fd = in_an_envelope();

	(void)state;
	stop(keep_none);
	assert_int_equal(all.n, 1);
	PACKET(fd, MILTER_ABORT, "");
	assert_int_equal(all.n, 1);
	now += 6;
	PACKET(fd, MILTER_MACRO, "C");
	assert_int_equal(all.n, 0);
	close(fd);
}

static void
one_that_is_not_understood_is_closed(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(mail_connection_resume(&all, &milter_protocol, fds[0],
			     (const uint8_t *)"x", 1),
	    -1);
	assert_int_equal(all.n, 0);
	assert_int_equal(heard(fds[1]), 0);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_message_under_way_goes_on_in_the_next_process, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    half_a_packet_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_not_kept_at_once_is_kept_soon, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    where_nobody_keeps_it_a_message_may_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_is_not_understood_is_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_large_message_is_given_back_when_it_is_over, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    stopping_while_memory_is_short_closes_who_holds_it, setup,
		    teardown),
	};

	return cmocka_run_group_tests_name(
	    "mail_connection", tests, NULL, NULL);
}
