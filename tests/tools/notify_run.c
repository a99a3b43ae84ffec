/*
 * notify_run FILE COMMAND ARG...: plays systemd's part of sd_notify(3): runs
 * COMMAND with a NOTIFY_SOCKET and appends what it says there to FILE, one
 * line per variable. Signals TERM, INT, HUP, USR1, CONT are passed on. It ends
 * as the command ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t child;

static void
pass_on(int sig)
{
	if (child > 0)
		kill(child, sig);
}

static void
child_ended(int sig)
{
	(void)sig;
}

/* In the abstract namespace: nothing to remove afterwards. */
static int
notify_socket(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char env[128];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), n;

	n = snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1,
	    "dnsmail-notify-run-%ld", (long)getpid());
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)&sun,
		(socklen_t)(sizeof(sun.sun_family) + 1 + (size_t)n)) == -1)
		return -1;
	snprintf(env, sizeof(env), "@%s", sun.sun_path + 1);
	return setenv("NOTIFY_SOCKET", env, 1) == -1 ? -1 : fd;
}

static void
copy_messages(int fd, const char *file)
{
	char text[4096];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		FILE *f = fopen(file, "a");

		text[n] = '\0';
		if (f != NULL) {
			fprintf(
			    f, "%s%s", text, text[n - 1] == '\n' ? "" : "\n");
			fclose(f);
		}
	}
}

int
main(int argc, char **argv)
{
	static const int passed[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGCONT };
	int fd, status;

	if (argc < 3 || (fd = notify_socket()) == -1) {
		fprintf(stderr, "usage: notify_run FILE COMMAND ARG...\n");
		return 64;
	}
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		signal(passed[i], pass_on);
	signal(SIGCHLD, child_ended);
	if ((child = fork()) == 0) {
		for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
			signal(passed[i], SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		pid_t ended;

		poll(&p, 1, 200);
		copy_messages(fd, argv[1]);
		ended = waitpid(child, &status, WNOHANG);
		if (ended == child)
			break;
	}
	copy_messages(fd, argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
