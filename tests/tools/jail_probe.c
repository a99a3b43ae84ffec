/*
 * jail_probe [ipc] [net] [worker]: enters the jail with these promises, with
 * "worker" as a worker does, and tries, each in a child, what is to be
 * forbidden there and what is to go on. A line for each: "NAME works", "NAME
 * refused", "NAME killed".
 *
 * jail_probe names: says what there is to try
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/jail.h"
#include "tests/tools/jail_attempts.h"

static bool worker;

static void
probe(const struct jail_attempt *a)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (worker && jail_no_processes() == -1)
			abort();
		_exit(a->try() == 0 ? 0 : 1);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid) {
		perror("jail_probe");
		exit(1);
	}
	printf("%s %s\n", a->name,
	    WIFSIGNALED(status)            ? "killed"
		: WEXITSTATUS(status) == 0 ? "works"
					   : "refused");
}

static int
names(void)
{
	for (size_t i = 0; i < jail_attempts_n; i++)
		puts(jail_attempts[i].name);
	return 0;
}

int
main(int argc, char **argv)
{
	static const char *const readable[] = { "/proc", NULL };
	static const char *const writable[] = { NULL };
	unsigned promises = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "names") == 0)
			return names();
		promises |= strcmp(argv[i], "ipc") == 0 ? JAIL_IPC : 0;
		promises |= strcmp(argv[i], "net") == 0 ? JAIL_NET : 0;
		worker = worker || strcmp(argv[i], "worker") == 0;
	}
	if (jail_enter(promises, readable, writable) == -1)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < jail_attempts_n; i++)
		probe(&jail_attempts[i]);
	return 0;
}
