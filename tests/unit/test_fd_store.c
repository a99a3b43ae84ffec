/* fd_store: a connection and its state go to the service manager, here a socket
   of ours, and come back as systemd passes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd_store.h"
#include "common/systemd.h"

enum { FIRST = 3, MOST = 4 };

static int manager = -1;
static int stored[MOST], n_stored;

/* In the abstract namespace. It is asked for its name only once. */
static int
begin(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char name[64];
	int n = snprintf(
	    name, sizeof(name), "@dnsmail-test-fd-store-%ld", (long)getpid());

	(void)state;
	/* These places are for what is passed. */
	for (int fd = FIRST; fd <= FIRST + MOST; fd++)
		dup2(STDOUT_FILENO, fd);
	memcpy(sun.sun_path + 1, name + 1, (size_t)n - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("FDSTORE", "4", 1);
	return bind(manager, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n));
}

/* What the manager is told; descriptors into `stored`. "": nothing. */
static const char *
told(void)
{
	static char text[256];
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(MOST * sizeof(int))];
	} control;
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(manager, &msg, 0);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	text[n > 0 ? n : 0] = '\0';
	if (c != NULL) {
		size_t octets = c->cmsg_len - CMSG_LEN(0);

		memcpy(stored + n_stored, CMSG_DATA(c), octets);
		n_stored += (int)(octets / sizeof(int));
	}
	return text;
}

static void
put(const char *text, int *peer_r)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(
	    fd_store_put(fds[0], (const uint8_t *)text, strlen(text)), 0);
	close(fds[0]);
	*peer_r = fds[1];
	assert_string_equal(told(), "FDSTORE=1\nFDNAME=kept");
}

/* As systemd(1): from 3 on, behind a socket, in any order. */
static void
pass(void)
{
	char number[32], names[64] = "milter";
	int moved[MOST + 1];

	moved[0] = open("/dev/null", O_RDONLY);
	for (int i = 0; i < n_stored; i++)
		moved[n_stored - i] = stored[i];
	for (int i = 0; i <= n_stored; i++) {
		int high = fcntl(moved[i], F_DUPFD, 100);

		close(moved[i]);
		moved[i] = high;
	}
	for (int i = 0; i <= n_stored; i++) {
		assert_int_equal(dup2(moved[i], FIRST + i), FIRST + i);
		close(moved[i]);
		if (i > 0)
			strcat(names, ":kept");
	}
	snprintf(number, sizeof(number), "%d", n_stored + 1);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
}

static int taken;

static void
take(void *arg, int fd, const uint8_t *state, size_t n)
{
	char *said = arg;

	taken++;
	assert_int_equal(write(fd, state, n), n);
	strncat(said, (const char *)state, n);
	close(fd);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static ssize_t
hears(int fd, char *octets, size_t size)
{
	ssize_t n = recv(fd, octets, size - 1, MSG_DONTWAIT);

	octets[n > 0 ? n : 0] = '\0';
	return n;
}

static void
each_connection_comes_back_with_its_own_state(void **state)
{
	char said[64] = "", octets[64];
	int one, two;

	(void)state;
	assert_true(fd_store_open("/dev/shm"));
	put("one", &one);
	put("second", &two);
	assert_int_equal(n_stored, MOST);
	/* No more than there is room for. */
	assert_int_equal(fd_store_put(one, (const uint8_t *)"x", 1), -1);
	assert_string_equal(told(), "");

	pass();
	fd_store_take(take, said);
	assert_int_equal(taken, 2);
	assert_int_equal(strlen(said), strlen("one") + strlen("second"));
	hears(one, octets, sizeof(octets));
	assert_string_equal(octets, "one");
	hears(two, octets, sizeof(octets));
	assert_string_equal(octets, "second");
	/* Nothing else holds them. */
	assert_int_equal(hears(one, octets, sizeof(octets)), 0);
	for (int i = 1; i <= MOST; i++)
		assert_false(is_open(FIRST + i));
	assert_true(is_open(FIRST));
	assert_string_equal(told(), "FDSTOREREMOVE=1\nFDNAME=kept");
	close(one);
	close(two);
}

/* systemd lets go of a connection that its peer has ended. */
static void
a_state_alone_is_of_no_use(void **state)
{
	char said[64] = "", octets[64];
	int one;

	(void)state;
	n_stored = taken = 0;
	setenv("FDSTORE", "6", 1);
	put("one", &one);
	close(stored[0]);
	stored[0] = stored[1];
	n_stored = 1;
	pass();
	fd_store_take(take, said);
	assert_int_equal(taken, 0);
	assert_int_equal(hears(one, octets, sizeof(octets)), 0);
	close(one);
	assert_string_equal(told(), "FDSTOREREMOVE=1\nFDNAME=kept");
}

/* Another unit's, as many as there is room for. */
static void
fill(void)
{
	struct sockaddr_un sun;
	socklen_t len = sizeof(sun);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	getsockname(manager, (struct sockaddr *)&sun, &len);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, len), 0);
	while (send(fd, "x", 1, 0) == 1)
		;
	close(fd);
}

static void
read_one(int signum)
{
	char octet;

	(void)signum;
	(void)!recv(manager, &octet, 1, 0);
}

static void
a_manager_that_is_busy_is_told_a_moment_later(void **state)
{
	static const struct itimerval soon = { .it_value.tv_usec = 50000 };
	char last[256] = "";
	const char *text;

	(void)state;
	fill();
	signal(SIGALRM, read_one);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	systemd_notify("READY=1");
	while (*(text = told()) != '\0')
		snprintf(last, sizeof(last), "%s", text);
	assert_string_equal(last, "READY=1");
}

/* If it waited, it would be told once one was read. */
static void
a_beat_waits_for_nobody(void **state)
{
	static const struct itimerval soon = { .it_value.tv_usec = 50000 }, off;
	const char *text;

	(void)state;
	fill();
	signal(SIGALRM, read_one);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	systemd_beat();
	while (*(text = told()) != '\0')
		assert_string_not_equal(text, "WATCHDOG=1");
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	systemd_beat();
	assert_string_equal(told(), "WATCHDOG=1");
}

static void
without_a_store_nothing_is_kept(void **state)
{
	(void)state;
	unsetenv("FDSTORE");
	assert_false(fd_store_open("/dev/shm"));
	assert_int_equal(fd_store_put(manager, (const uint8_t *)"x", 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_connection_comes_back_with_its_own_state),
		cmocka_unit_test(a_state_alone_is_of_no_use),
		cmocka_unit_test(a_manager_that_is_busy_is_told_a_moment_later),
		cmocka_unit_test(a_beat_waits_for_nobody),
		cmocka_unit_test(without_a_store_nothing_is_kept),
	};

	return cmocka_run_group_tests_name("fd_store", tests, begin, NULL);
}
