/*
 * One terminal for a process: what gives it back after a crash is a signal
 * handler, which has no argument.
 */
#include "admin/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Another screen, no cursor, no wrapping; the last ESC ends a half sequence. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

enum { PATIENCE_MS = 500 }; /* with a terminal that takes nothing, at the end */

static struct {
	int fd;
	struct termios was;
	volatile sig_atomic_t entered;
} terminal = { .fd = -1 };

int
terminal_open(const char **why_r)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		*why_r = "standard input and output are no terminal";
		return -1;
	}
	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0) {
		*why_r = "by $TERM this terminal cannot move its cursor";
		return -1;
	}
	/* Anew: the flags of standard output are the shell's, too. */
	terminal.fd =
	    open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (terminal.fd == -1) {
		*why_r = strerror(errno);
		return -1;
	}
	return 0;
}

int
terminal_fd(void)
{
	return terminal.fd;
}

int
terminal_ours(void)
{
	pid_t group = tcgetpgrp(terminal.fd);

	return group == -1 ? -1 : group == getpgrp();
}

/* Waits for room, but not for ever; safe in a signal handler. */
static void
put(const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(terminal.fd, text, n);

		if (done > 0) {
			text += done;
			n -= (size_t)done;
		} else if (done == -1 && errno == EAGAIN) {
			struct pollfd p = { terminal.fd, POLLOUT, 0 };

			if (poll(&p, 1, PATIENCE_MS) <= 0)
				return;
		} else if (done == 0 || errno != EINTR) {
			return;
		}
	}
}

void
terminal_enter(void)
{
	struct termios raw;

	if (tcgetattr(terminal.fd, &raw) == -1)
		return; /* it is gone: whoever reads or writes will see */
	terminal.was = raw;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	terminal.entered = 1;
	tcsetattr(terminal.fd, TCSANOW, &raw);
	put(enter, sizeof(enter) - 1);
}

void
terminal_leave(void)
{
	if (!terminal.entered)
		return;
	terminal.entered = 0;
	if (terminal_ours() != 1)
		return;
	put(leave, sizeof(leave) - 1);
	tcsetattr(terminal.fd, TCSANOW, &terminal.was);
}

static void
crashed(int number)
{
	terminal_leave();
	raise(number); /* SA_RESETHAND: this time it ends */
}

void
terminal_guard(void)
{
	static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL,
		SIGFPE };
	struct sigaction act = { .sa_handler = crashed,
		.sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &act, NULL);
}

void
terminal_size(int *columns_r, int *rows_r)
{
	struct winsize w;

	*columns_r = 80;
	*rows_r = 24;
	if (ioctl(terminal.fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 &&
	    w.ws_row > 0) {
		*columns_r = w.ws_col;
		*rows_r = w.ws_row;
	}
}

bool
terminal_is_utf8(void)
{
	return setlocale(LC_CTYPE, "") != NULL &&
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* https://no-color.org */
bool
terminal_has_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return no == NULL || no[0] == '\0';
}
