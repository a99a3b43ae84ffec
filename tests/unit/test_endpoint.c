/* Listening sockets: how they are written, and what happens to files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/endpoint.h"

static char dir[64], text[128];

static int
begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_endpoint.XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
finish(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/s", dir);
	unlink(path);
	return rmdir(dir);
}

static struct endpoint
endpoint(const char *as_written)
{
	struct endpoint e = { .text = (char *)(uintptr_t)as_written };
	const char *why = NULL;

	if (endpoint_parse(&e, as_written, &why) == -1)
		fail_msg("%s: %s", as_written, why);
	return e;
}

/* unix:DIR/s and its path. */
static struct endpoint
in_dir(const char **path_r)
{
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	*path_r = text + strlen("unix:");
	return endpoint(text);
}

static void
the_three_forms_are_read(void **state)
{
	struct endpoint e = endpoint("inet:8891@127.0.0.1");
	const struct sockaddr_in *in4 = (const void *)&e.sa;
	struct endpoint f = endpoint("inet6:65535@::1");
	const struct sockaddr_in6 *in6 = (const void *)&f.sa;
	struct endpoint g = endpoint("unix:/run/x");
	const struct sockaddr_un *un = (const void *)&g.sa;

	(void)state;
	assert_int_equal(in4->sin_family, AF_INET);
	assert_int_equal(ntohs(in4->sin_port), 8891);
	assert_int_equal(ntohl(in4->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6->sin6_port), 65535);
	assert_true(IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
	assert_int_equal(un->sun_family, AF_UNIX);
	assert_string_equal(un->sun_path, "/run/x");
}

static void
what_is_no_endpoint_is_refused_in_words(void **state)
{
	static const char *const wrong[] = { "", "/run/x", "unix:", "unix:x",
		"local:/x", "inet:25", "inet:@127.0.0.1",
		"inet:65536@127.0.0.1", "inet:25@", "inet:25@localhost",
		"inet:25@::1", "inet6:25@127.0.0.1", "inet:+25@127.0.0.1",
		"inet:25@127.0.0.1 ", "Unix:/x" };
	struct endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *why = NULL;

		if (endpoint_parse(&e, wrong[i], &why) != -1)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_non_null(why);
	}
}

/* unix(7): sun_path has 108 octets, and a NUL must be among them. */
static void
a_path_of_107_octets_is_the_longest(void **state)
{
	char path[5 + 108 + 1] = "unix:/";
	struct endpoint e;
	const char *why;

	(void)state;
	memset(path + 6, 'x', 106);
	path[5 + 107] = '\0';
	assert_int_equal(endpoint_parse(&e, path, &why), 0);
	path[5 + 107] = 'x';
	path[5 + 108] = '\0';
	assert_int_equal(endpoint_parse(&e, path, &why), -1);
}

static void
socket_file_has_the_mode_and_group_that_was_asked_for(void **state)
{
	struct group *gr = getgrgid(getgid());
	const char *path;
	struct endpoint e = in_dir(&path);
	struct stat st;
	int fd;

	(void)state;
	fd = endpoint_listen(&e, 0620, gr != NULL ? gr->gr_name : NULL);
	assert_int_not_equal(fd, -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(st.st_gid, getgid());
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
}

static void
a_group_that_does_not_exist_is_an_error(void **state)
{
	const char *path;
	struct endpoint e = in_dir(&path);

	(void)state;
	assert_int_equal(endpoint_listen(&e, 0600, "no such group"), -1);
}

static void
a_stale_socket_is_replaced_a_live_one_is_not(void **state)
{
	const char *path;
	struct endpoint e = in_dir(&path);
	int first = endpoint_listen(&e, 0600, NULL), second, client;

	(void)state;
	assert_int_not_equal(first, -1);
	assert_int_equal(endpoint_listen(&e, 0600, NULL), -1);
	client = endpoint_connect(&e);
	assert_int_not_equal(client, -1); /* it lives on */
	close(client);
	close(first);
	assert_int_equal(access(path, F_OK), 0); /* the file stays */
	second = endpoint_listen(&e, 0600, NULL);
	assert_int_not_equal(second, -1);
	close(second);
}

static void
a_file_that_is_no_socket_is_kept(void **state)
{
	const char *path;
	struct endpoint e = in_dir(&path);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_int_equal(write(fd, "keep", 4), 4);
	close(fd);
	assert_int_equal(endpoint_listen(&e, 0600, NULL), -1);
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_directory_that_is_not_there_is_an_error(void **state)
{
	struct endpoint e;

	(void)state;
	snprintf(text, sizeof(text), "unix:%s/none/s", dir);
	e = endpoint(text);
	assert_int_equal(endpoint_listen(&e, 0600, NULL), -1);
}

static void
a_client_reaches_a_tcp_listener(void **state)
{
	struct endpoint e = endpoint("inet:0@127.0.0.1");
	struct pollfd p = { .events = POLLIN };
	int fd = endpoint_listen(&e, 0, NULL), client;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    getsockname(fd, (struct sockaddr *)&e.sa, &e.sa_len), 0);
	client = endpoint_connect(&e);
	assert_int_not_equal(client, -1);
	p.fd = fd;
	assert_int_equal(poll(&p, 1, 5000), 1);
	close(client);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_forms_are_read),
		cmocka_unit_test(what_is_no_endpoint_is_refused_in_words),
		cmocka_unit_test(a_path_of_107_octets_is_the_longest),
		cmocka_unit_test_setup_teardown(
		    socket_file_has_the_mode_and_group_that_was_asked_for,
		    begin, finish),
		cmocka_unit_test_setup_teardown(
		    a_group_that_does_not_exist_is_an_error, begin, finish),
		cmocka_unit_test_setup_teardown(
		    a_stale_socket_is_replaced_a_live_one_is_not, begin,
		    finish),
		cmocka_unit_test_setup_teardown(
		    a_file_that_is_no_socket_is_kept, begin, finish),
		cmocka_unit_test_setup_teardown(
		    a_directory_that_is_not_there_is_an_error, begin, finish),
		cmocka_unit_test(a_client_reaches_a_tcp_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
