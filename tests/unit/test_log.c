/* What reaches stderr, octet for octet; and how foreign text is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"

static int saved, pipe_fd;
static char seen[8192];

/* From here to end_capture() stderr is a pipe. */
static void
begin_capture(void)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	pipe_fd = fds[0];
}

static const char *
end_capture(void)
{
	ssize_t n = read(pipe_fd, seen, sizeof(seen) - 1);

	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipe_fd);
	seen[n > 0 ? n : 0] = '\0';
	return seen;
}

static int
begin(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("prog", LOG_TO_STDERR, false);
	log_addresses(LOG_ADDRESSES_YES);
	return 0;
}

static void
a_line_has_the_programs_name(void **state)
{
	(void)state;
	begin_capture();
	log_info("n=%d", 5);
	log_warnx("odd");
	assert_string_equal(end_capture(), "prog: n=5\nprog: odd\n");
}

static void
warn_adds_the_text_of_errno_and_keeps_errno(void **state)
{
	(void)state;
	begin_capture();
	errno = ENOENT;
	log_warn("open %s", "x");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(
	    end_capture(), "prog: open x: No such file or directory\n");
}

static void
debug_is_silent_unless_it_is_asked_for(void **state)
{
	(void)state;
	begin_capture();
	log_debug("no");
	log_open("prog", LOG_TO_STDERR, true);
	log_debug("yes");
	assert_string_equal(end_capture(), "prog: yes\n");
	assert_true(log_is_debug());
}

/* sd-daemon(3): "<N>" is the syslog level; info 6, warning 4, debug 7. */
static void
the_journal_gets_levels_and_no_name(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	begin_capture();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("prog", LOG_TO_STDERR, true);
	log_info("a");
	log_warnx("b");
	log_debug("c");
	assert_string_equal(end_capture(), "<6>a\n<4>b\n<7>c\n");
}

/* systemd.exec(5): a child may inherit the variable and not the stream. */
static void
another_stream_is_no_journal(void **state)
{
	(void)state;
	begin_capture();
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_open("prog", LOG_TO_STDERR, false);
	log_info("a");
	assert_string_equal(end_capture(), "prog: a\n");
}

static void
one_call_is_one_line_whatever_it_holds(void **state)
{
	(void)state;
	begin_capture();
	log_info("%s", "a\nb\r\x1b[2Jc\x7f");
	assert_string_equal(end_capture(), "prog: a?b??[2Jc?\n");
}

static void
a_long_line_is_cut_and_still_one_line(void **state)
{
	static char text[5000];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	begin_capture();
	log_info("%s", text);
	n = strlen(end_capture());
	assert_in_range(n, 1000, 3000);
	assert_ptr_equal(strchr(seen, '\n'), seen + n - 1);
}

static void
the_last_warning_is_kept(void **state)
{
	(void)state;
	begin_capture();
	log_warnx("first");
	log_warnx("second");
	log_info("no warning");
	end_capture();
	assert_string_equal(log_last()->text, "second");
	assert_true(log_last()->at > 1600000000);
}

static void
fatal_ends_with_its_code(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	begin_capture();
	pid = fork();
	if (pid == 0)
		fatal(78, "it is %s", "over");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(end_capture(), "prog: it is over\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 78);
}

static void
foreign_octets_are_written_as_hex(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(log_quote(buf, sizeof(buf), "a b\"\\\n\0\xc3~", 8),
	    "a\\x20b\\x22\\x5c\\x0a\\x00\\xc3");
	assert_string_equal(log_quote(buf, sizeof(buf), "", 0), "");
}

static void
a_quoted_text_is_cut_between_octets(void **state)
{
	char buf[8];

	(void)state;
	assert_string_equal(log_quote(buf, 8, "abcdefgh", 8), "abcdefg");
	assert_string_equal(log_quote(buf, 8, "abcd\n", 5), "abcd");
	assert_string_equal(log_quote(buf, 8, "abc\n", 4), "abc\\x0a");
	assert_string_equal(log_quote(buf, 1, "a", 1), "");
}

static void
addresses_are_shown_hashed_or_not_at_all(void **state)
{
	char a[LOG_ADDRESS_MAX], b[LOG_ADDRESS_MAX];

	(void)state;
	assert_string_equal(log_address(a, "m@x.test"), "m@x.test");
	assert_string_equal(log_address(a, "m@x.test\n"), "m@x.test\\x0a");
	log_addresses(LOG_ADDRESSES_NO);
	assert_string_equal(log_address(a, "m@x.test"), "-");
	log_addresses(LOG_ADDRESSES_HASH);
	log_address(a, "M@x.test");
	assert_int_equal(strlen(a), 16);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	assert_string_equal(log_address(b, "m@X.test"), a);
	assert_string_not_equal(log_address(b, "n@x.test"), a);
}

static int sunk_priority;

static void
sink(void *arg, int priority, const char *text)
{
	sunk_priority = priority;
	snprintf(arg, 64, "%s", text);
}

static void
a_diverted_line_comes_without_a_prefix(void **state)
{
	char text[64] = "";

	(void)state;
	begin_capture();
	log_divert(sink, text);
	log_warnx("one %d", 1);
	assert_string_equal(text, "one 1");
	assert_int_equal(sunk_priority, 4); /* LOG_WARNING */
	log_divert(NULL, NULL);
	log_info("two");
	assert_string_equal(text, "one 1");
	assert_string_equal(end_capture(), "prog: two\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_has_the_programs_name, begin),
		cmocka_unit_test_setup(
		    warn_adds_the_text_of_errno_and_keeps_errno, begin),
		cmocka_unit_test_setup(
		    debug_is_silent_unless_it_is_asked_for, begin),
		cmocka_unit_test_setup(
		    the_journal_gets_levels_and_no_name, begin),
		cmocka_unit_test_setup(another_stream_is_no_journal, begin),
		cmocka_unit_test_setup(
		    one_call_is_one_line_whatever_it_holds, begin),
		cmocka_unit_test_setup(
		    a_long_line_is_cut_and_still_one_line, begin),
		cmocka_unit_test_setup(
		    a_diverted_line_comes_without_a_prefix, begin),
		cmocka_unit_test_setup(the_last_warning_is_kept, begin),
		cmocka_unit_test_setup(fatal_ends_with_its_code, begin),
		cmocka_unit_test_setup(
		    foreign_octets_are_written_as_hex, begin),
		cmocka_unit_test_setup(
		    a_quoted_text_is_cut_between_octets, begin),
		cmocka_unit_test_setup(
		    addresses_are_shown_hashed_or_not_at_all, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
