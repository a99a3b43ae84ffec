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
connected(void)
{
	int fds[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	assert_int_equal(
	    mail_connection_new(&all, &policy_protocol, fds[0]), 0);
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
	int hoarder = connected(), other = connected();

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    stopping_while_memory_is_short_closes_who_holds_it, setup,
		    teardown),
	};

	return cmocka_run_group_tests_name(
	    "mail_connection", tests, NULL, NULL);
}
