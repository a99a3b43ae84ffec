/*
 * pty_run COLUMNSxROWS COMMAND [ARG...] - runs it at a terminal of its own and
 * does what standard input says, a line each:
 *
 *   wait TEXT     until a row of the screen has TEXT; gone TEXT: none has it
 *   keys OCTETS   presses them (\e is ESC, \xNN any)
 *   size CxR      resizes the terminal
 *   signal N      sends signal number N to it; stopped: until that stopped it
 *   screen        prints the screen, row by row
 *   state         prints whether the terminal is as it was before
 *   end           until it ends: prints "exit N" or "signal N"
 *
 * It ends with 0; 1 where something did not come in time, or where the
 * terminal was given what it cannot show (said on standard error).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "common/monotonic.h"
#include "pty_screen.h"

enum { DEADLINE_SECONDS = 30, LINE_BYTES = 512 };

static struct pty_screen screen;
static int master;
static pid_t child;
static struct termios before;

static void __attribute__((noreturn)) fail(const char *what, const char *more)
{
	fprintf(stderr, "pty_run: %s%s; the screen:\n", what, more);
	for (int r = 0; r < screen.rows; r++)
		fprintf(stderr, "%s\n", pty_screen_row(&screen, r));
	kill(child, SIGKILL);
	exit(1);
}

/* ---- beginning ---- */

static struct winsize
size_read(const char *text)
{
	struct winsize w = { 0 };

	if (sscanf(text, "%hux%hu", &w.ws_col, &w.ws_row) != 2 ||
	    w.ws_col == 0 || w.ws_row == 0)
		exit(EX_USAGE);
	return w;
}

static void
become(char **argv, const char *tty)
{
	int fd;

	setsid();
	fd = open(tty, O_RDWR);
	if (fd == -1)
		_exit(EX_OSERR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	execvp(argv[0], argv);
	_exit(127);
}

/* The slave stays open here: its end would hide the state of the terminal. */
static void
begin(char **argv, struct winsize size)
{
	const char *tty;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (tty = ptsname(master)) == NULL ||
	    open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC) == -1 ||
	    ioctl(master, TIOCSWINSZ, &size) == -1 ||
	    tcgetattr(master, &before) == -1) {
		perror("pty_run");
		exit(EX_OSERR);
	}
	pty_screen_size(&screen, size.ws_col, size.ws_row);
	child = fork();
	if (child == 0)
		become(argv, tty);
}

/* ---- what it writes ---- */

/* Waits up to ms for more of it; whether there was. */
static bool
read_more(int ms)
{
	struct pollfd p = { master, POLLIN, 0 };
	char octets[4096];
	ssize_t n;

	if (poll(&p, 1, ms) != 1)
		return false;
	n = read(master, octets, sizeof(octets));
	if (n > 0)
		pty_screen_put(&screen, octets, (size_t)n);
	if (screen.wrong != NULL)
		fail("it writes ", screen.wrong);
	return n > 0;
}

static bool
has(const char *text)
{
	for (int r = 0; r < screen.rows; r++)
		if (strstr(pty_screen_row(&screen, r), text) != NULL)
			return true;
	return false;
}

static void
await(const char *text, bool wanted)
{
	double end = monotonic_now() + DEADLINE_SECONDS;

	while (has(text) != wanted) {
		if (monotonic_now() > end)
			fail(wanted ? "in vain waited for: "
				    : "it does not go: ",
			    text);
		read_more(50);
	}
}

/* ---- the script ---- */

static void
run_wait(const char *text)
{
	await(text, true);
}

static void
run_gone(const char *text)
{
	await(text, false);
}

static void
run_keys(const char *text)
{
	char c, *end;

	for (; *text != '\0'; text++) {
		c = *text;
		if (strncmp(text, "\\e", 2) == 0) {
			c = '\033';
			text++;
		} else if (strncmp(text, "\\x", 2) == 0) {
			c = (char)strtol(text + 2, &end, 16);
			text = end - 1;
		}
		if (write(master, &c, 1) != 1)
			fail("its terminal takes no keys", "");
	}
}

static void
run_size(const char *text)
{
	struct winsize size = size_read(text);

	while (read_more(0), ioctl(master, TIOCSWINSZ, &size) == -1)
		if (errno != EINTR)
			fail("resize: ", strerror(errno));
	pty_screen_size(&screen, size.ws_col, size.ws_row);
}

static void
run_signal(const char *text)
{
	kill(child, atoi(text));
}

/* A picture that is being drawn is waited for. */
static void
run_screen(const char *text)
{
	(void)text;
	for (int i = 0; i < 20 && read_more(50); i++)
		;
	for (int r = 0; r < screen.rows; r++)
		printf("%s\n", pty_screen_row(&screen, r));
}

static void
run_state(const char *text)
{
	struct termios now;

	(void)text;
	tcgetattr(master, &now);
	printf("terminal %s, %s screen, cursor %s, wrapping %s\n",
	    memcmp(&now, &before, sizeof(now)) == 0 ? "as before" : "changed",
	    screen.alternate ? "another" : "the same",
	    screen.hidden ? "hidden" : "shown",
	    screen.unwrapped ? "off" : "on");
}

/* Meanwhile all it writes is read. */
static int
await_child(int options)
{
	double end = monotonic_now() + DEADLINE_SECONDS;
	int status;

	while (waitpid(child, &status, WNOHANG | options) != child) {
		if (monotonic_now() > end)
			fail("it goes on", "");
		read_more(50);
	}
	for (int i = 0; i < 20; i++)
		read_more(5);
	return status;
}

static void
run_stopped(const char *text)
{
	(void)text;
	if (!WIFSTOPPED(await_child(WUNTRACED)))
		fail("it ended instead of stopping", "");
}

static void
run_end(const char *text)
{
	int status = await_child(0);

	(void)text;
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else
		printf("exit %d\n", WEXITSTATUS(status));
	child = 0;
}

static const struct verb {
	const char *name;
	void (*run)(const char *rest);
} verbs[] = {
	{ "wait", run_wait },
	{ "gone", run_gone },
	{ "keys", run_keys },
	{ "size", run_size },
	{ "signal", run_signal },
	{ "stopped", run_stopped },
	{ "screen", run_screen },
	{ "state", run_state },
	{ "end", run_end },
};

static void
run_line(char *line)
{
	char *rest = strchr(line, ' ');

	if (rest != NULL)
		*rest++ = '\0';
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, line) == 0) {
			verbs[i].run(rest != NULL ? rest : "");
			fflush(stdout);
			return;
		}
	fprintf(stderr, "pty_run: unknown: %s\n", line);
	kill(child, SIGKILL);
	exit(EX_USAGE);
}

/* Whatever the script waits for, what is written is read as it comes. */
static bool
line_read(char *line)
{
	struct pollfd p[] = { { STDIN_FILENO, POLLIN, 0 },
		{ master, POLLIN, 0 } };
	size_t n = 0;

	while (n + 1 < LINE_BYTES) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents & POLLIN)
			read_more(0);
		if (p[0].revents == 0)
			continue;
		if (read(STDIN_FILENO, line + n, 1) != 1)
			return false;
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = '\0';
	return true;
}

int
main(int argc, char **argv)
{
	char line[LINE_BYTES];

	if (argc < 3)
		return EX_USAGE;
	begin(argv + 2, size_read(argv[1]));
	while (line_read(line))
		run_line(line);
	if (child > 0)
		kill(child, SIGKILL);
	return 0;
}
