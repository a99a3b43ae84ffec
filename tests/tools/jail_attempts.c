#include "tests/tools/jail_attempts.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* What is written to a file in memory, as it can always be. */
static int
memory_file(void)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	void *p = MAP_FAILED;

	if (fd != -1 && ftruncate(fd, 4096) == 0)
		p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	return p != MAP_FAILED ? 0 : -1;
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

static int
new_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid != -1 && waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

const struct jail_attempt jail_attempts[] = {
	{ "another-program", run_program },
	{ "trace", trace },
	{ "mount", mount_something },
	{ "new-namespace", new_namespace },
	{ "clone-namespace", clone_namespace },
	{ "become-root", become_root },
	{ "kernel-keys", kernel_keys },
	{ "write-and-execute", write_and_execute },
	{ "write-then-execute", write_then_execute },
	{ "memory-file", memory_file },
	{ "packet-socket", packet_socket },
	{ "netlink-socket", netlink_socket },
	{ "inet-socket", inet_socket },
	{ "inet6-socket", inet6_socket },
	{ "unix-socket", unix_socket },
	{ "new-process", new_process },
	{ "thread", thread },
	{ "read-file", read_file },
};
const size_t jail_attempts_n = sizeof(jail_attempts) / sizeof(jail_attempts[0]);

const struct jail_attempt *
jail_attempt_find(const char *name)
{
	for (size_t i = 0; i < jail_attempts_n; i++)
		if (strcmp(jail_attempts[i].name, name) == 0)
			return &jail_attempts[i];
	return NULL;
}
