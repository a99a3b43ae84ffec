/*
 * forbidden: tries what no daemon of ours needs, and says for each attempt
 * "ok" or why it failed (EPERM). To be started in a daemon's place, under its
 * name and in its systemd unit: then that is what the unit forbids.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *self; /* the daemon's name */

/* Each attempt: 0, or errno. */
static int
result(long value)
{
	return value == -1 ? errno : 0;
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	int error = result(fd);

	if (fd != -1)
		close(fd);
	return error;
}

static int
try_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	int error = result(fd);

	if (fd != -1)
		close(fd);
	return error;
}

static int
try_address(int type, const char *address, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), error = result(fd);
	const struct timeval wait = { .tv_sec = 1 };

	inet_pton(AF_INET, address, &sin.sin_addr);
	if (fd == -1)
		return error;
	/* What is dropped on its way is not answered: EINPROGRESS then. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	error = result(connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
	if (error == 0)
		error = result(send(fd, "", 1, MSG_NOSIGNAL));
	close(fd);
	return error;
}

/* ---- the network ---- */

static int
inet(void)
{
	return try_socket(AF_INET, SOCK_STREAM);
}
static int
inet6(void)
{
	return try_socket(AF_INET6, SOCK_DGRAM);
}
static int
netlink(void)
{
	return try_socket(AF_NETLINK, SOCK_RAW);
}
static int
packet(void)
{
	return try_socket(AF_PACKET, SOCK_RAW);
}
static int
vsock(void)
{
	return try_socket(AF_VSOCK, SOCK_STREAM);
}
static int
name_server(void)
{
	return try_address(SOCK_STREAM, "127.0.0.1", 53);
}
static int
multicast(void)
{
	return try_address(SOCK_DGRAM, "224.0.0.251", 9);
}

/* ---- files ---- */

static int
write_own(void)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/dnsmail/%s/forbidden", self);
	return try_open(path, O_WRONLY | O_CREAT);
}

static int
set_user_id(void)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/dnsmail/%s/forbidden", self);
	return result(chmod(path, 04700));
}

/* Processes of others that can be seen: EEXIST. */
static int
other_processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int error = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
		    atoi(e->d_name) != getpid())
			error = EEXIST;
	if (dir != NULL)
		closedir(dir);
	return error;
}

/* ---- processes and memory ---- */

static int
shell(void)
{
	int error = 0, status;
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
		_exit(errno);
	}
	if (child == -1 || waitpid(child, &status, 0) == -1)
		error = errno;
	return error != 0 ? error : WEXITSTATUS(status);
}

/* The child stops itself where it may be traced; it is ended then. */
static int
trace(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(result(ptrace(PTRACE_TRACEME, 0, NULL, NULL)));
	return waitpid(child, &status, 0) == -1 ? errno : WEXITSTATUS(status);
}

static int
read_memory(void)
{
	char from = 'x', to;
	struct iovec local = { &to, 1 }, remote = { &from, 1 };

	return result(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

/* In a child: it would be gone into the namespace. */
static int namespace(int flag)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(result(unshare(flag)));
	return waitpid(child, &status, 0) == -1 ? errno : WEXITSTATUS(status);
}

static int
user_namespace(void)
{
	return namespace(CLONE_NEWUSER);
}
static int
mount_namespace(void)
{
	return namespace(CLONE_NEWNS);
}

static int
map(int protection, int then)
{
	void *p =
	    mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	return then != 0 ? result(mprotect(p, 4096, then)) : 0;
}

static int
write_and_execute(void)
{
	return map(PROT_READ | PROT_WRITE | PROT_EXEC, 0);
}
static int
execute_written(void)
{
	return map(PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
}
/* What lies where it may write. */
static int
execute_own(void)
{
	char path[256];
	int fd, error;

	snprintf(path, sizeof(path), "/run/dnsmail/%s", self);
	fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
	if ((error = result(fd)) != 0)
		return error;
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0) ==
	    MAP_FAILED)
		error = errno;
	close(fd);
	return error;
}

/* ---- the system ---- */

static int
mounting(void)
{
	return result(mount("x", "/mnt", "tmpfs", 0, NULL));
}
static int
become_root(void)
{
	return result(setuid(0));
}
static int
change_root(void)
{
	return result(chroot("/"));
}
static int
other_personality(void)
{
	return result(personality(PER_LINUX32));
}
static int
host_name(void)
{
	return result(sethostname("x", 1));
}
static int
module(void)
{
	return result(syscall(SYS_init_module, "", 0L, ""));
}
static int
kernel_log(void)
{
	return result(syscall(SYS_syslog, 3, "", 0));
}

static int
real_time(void)
{
	struct sched_param param = { .sched_priority = 1 };

	return result(sched_setscheduler(0, SCHED_FIFO, &param));
}

static int
filter(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1 };

	return result(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static const struct attempt {
	const char *name;
	int (*run)(void);
	const char *path; /* where `run` is NULL: opened */
	int flags;
} attempts[] = {
	{ "inet", inet, NULL, 0 },
	{ "inet6", inet6, NULL, 0 },
	{ "netlink", netlink, NULL, 0 },
	{ "packet", packet, NULL, 0 },
	{ "vsock", vsock, NULL, 0 },
	{ "name-server", name_server, NULL, 0 },
	{ "multicast", multicast, NULL, 0 },
	{ "update-key", NULL, "/etc/dnsmail/update.key", O_RDONLY },
	{ "tls-key", NULL, "/etc/dnsmail/tls.key", O_RDONLY },
	{ "publishd-key", NULL, "/run/credentials/publishd.service/update.key",
	    O_RDONLY },
	{ "reaperd-key", NULL, "/run/credentials/reaperd.service/transfer.key",
	    O_RDONLY },
	{ "shadow", NULL, "/etc/shadow", O_RDONLY },
	{ "root-home", NULL, "/root", O_RDONLY | O_DIRECTORY },
	{ "write-etc", NULL, "/etc/dnsmail/forbidden", O_WRONLY | O_CREAT },
	{ "write-usr", NULL, "/usr/sbin/forbidden", O_WRONLY | O_CREAT },
	{ "write-var", NULL, "/var/forbidden", O_WRONLY | O_CREAT },
	{ "write-run", NULL, "/run/dnsmail/forbidden", O_WRONLY | O_CREAT },
	{ "write-own", write_own, NULL, 0 },
	{ "set-user-id", set_user_id, NULL, 0 },
	{ "memory", NULL, "/dev/mem", O_RDONLY },
	{ "setting", NULL, "/proc/sys/kernel/core_pattern", O_WRONLY },
	{ "init-environ", NULL, "/proc/1/environ", O_RDONLY },
	{ "other-processes", other_processes, NULL, 0 },
	{ "shell", shell, NULL, 0 },
	{ "trace", trace, NULL, 0 },
	{ "read-memory", read_memory, NULL, 0 },
	{ "user-namespace", user_namespace, NULL, 0 },
	{ "mount-namespace", mount_namespace, NULL, 0 },
	{ "write-and-execute", write_and_execute, NULL, 0 },
	{ "execute-written", execute_written, NULL, 0 },
	{ "execute-own", execute_own, NULL, 0 },
	{ "mount", mounting, NULL, 0 },
	{ "become-root", become_root, NULL, 0 },
	{ "change-root", change_root, NULL, 0 },
	{ "personality", other_personality, NULL, 0 },
	{ "host-name", host_name, NULL, 0 },
	{ "module", module, NULL, 0 },
	{ "kernel-log", kernel_log, NULL, 0 },
	{ "real-time", real_time, NULL, 0 },
	{ "filter", filter, NULL, 0 },
};

int
main(int argc, char **argv)
{
	(void)argc;
	self = strrchr(argv[0], '/');
	self = self != NULL ? self + 1 : argv[0];
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *a = &attempts[i];
		int error =
		    a->run != NULL ? a->run() : try_open(a->path, a->flags);

		printf("%s %s\n", a->name,
		    error == 0 ? "ok" : strerrorname_np(error));
	}
	return 0;
}
