/*
 * jail_probe [ipc] [net]: enters the jail with these promises and tries, each
 * in a child, what is to be forbidden there and what is to go on. A line for
 * each: "NAME works", "NAME refused", "NAME killed".
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/jail.h"

/* Each: 0 if it works, else -1. */

static int
run_program(void)
{
	char *const argv[] = { "/bin/true", NULL };

	return execv(argv[0], argv);
}

static int
trace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
mount_something(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static int
new_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static int
clone_namespace(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : -1;
}

static int
become_root(void)
{
	return setuid(0);
}

static int
write_and_execute(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? 0 : -1;
}

static int
write_then_execute(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? mprotect(p, 4096, PROT_READ | PROT_EXEC) : -1;
}

static int
kernel_keys(void)
{
	return (int)syscall(SYS_keyctl, 0, -4, 0);
}

static int
packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? 0 : -1;
}

static int
netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ? 0 : -1;
}

static int
inet_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 0 : -1;
}

static int
inet6_socket(void)
{
	return socket(AF_INET6, SOCK_STREAM, 0) >= 0 ? 0 : -1;
}

static int
unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : -1;
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) == 0 &&
		pthread_join(t, NULL) == 0
	    ? 0
	    : -1;
}

static int
read_file(void)
{
	char octet;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	return fd != -1 && read(fd, &octet, 1) == 1 ? 0 : -1;
}

static const struct {
	const char *name;
	int (*try)(void);
} probes[] = {
	{ "another-program", run_program },
	{ "trace", trace },
	{ "mount", mount_something },
	{ "new-namespace", new_namespace },
	{ "clone-namespace", clone_namespace },
	{ "become-root", become_root },
	{ "kernel-keys", kernel_keys },
	{ "write-and-execute", write_and_execute },
	{ "write-then-execute", write_then_execute },
	{ "packet-socket", packet_socket },
	{ "netlink-socket", netlink_socket },
	{ "inet-socket", inet_socket },
	{ "inet6-socket", inet6_socket },
	{ "unix-socket", unix_socket },
	{ "thread", thread },
	{ "read-file", read_file },
};

static void
probe(const char *name, int (*try)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try() == 0 ? 0 : 1);
	if (pid == -1 || waitpid(pid, &status, 0) != pid) {
		perror("jail_probe");
		exit(1);
	}
	printf("%s %s\n", name,
	    WIFSIGNALED(status)            ? "killed"
		: WEXITSTATUS(status) == 0 ? "works"
					   : "refused");
}

int
main(int argc, char **argv)
{
	static const char *const readable[] = { "/proc", NULL };
	static const char *const writable[] = { NULL };
	unsigned promises = 0;

	for (int i = 1; i < argc; i++) {
		promises |= strcmp(argv[i], "ipc") == 0 ? JAIL_IPC : 0;
		promises |= strcmp(argv[i], "net") == 0 ? JAIL_NET : 0;
	}
	if (jail_enter(promises, readable, writable) == -1)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		probe(probes[i].name, probes[i].try);
	return 0;
}
