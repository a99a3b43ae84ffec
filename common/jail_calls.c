/*
 * Owns the lists of system calls. They are what strace(1) saw of the daemons,
 * of glibc 2.36 and nng 1.5.2 under the tests, and their siblings.
 */
#include "jail_calls.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "jail.h"
#include "log.h"

/* Names, since not all exist everywhere. NULL ends. */
static const char *const kept[] = {
	/* descriptors */
	"read", "readv", "pread64", "write", "writev", "pwrite64", "close",
	"close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "ioctl",
	"lseek", "_llseek", "flock", "pipe", "pipe2", "eventfd2", "signalfd4",
	"timerfd_create", "timerfd_settime", "timerfd_gettime",
	/* waiting */
	"select", "_newselect", "pselect6", "poll", "ppoll", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2", "nanosleep", "clock_nanosleep", "restart_syscall",
	/* files */
	"open", "openat", "stat", "stat64", "lstat", "lstat64", "fstat",
	"fstat64", "fstatat64", "newfstatat", "statx", "statfs", "fstatfs",
	"access", "faccessat", "faccessat2", "readlink", "readlinkat",
	"getdents", "getdents64", "getcwd", "umask", "mkdir", "mkdirat",
	"unlink", "unlinkat", "rename", "renameat", "renameat2", "chmod",
	"fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat",
	"ftruncate", "fsync", "fdatasync",
	/* sockets that are there */
	"bind", "listen", "accept", "accept4", "connect", "getsockname",
	"getpeername", "getsockopt", "setsockopt", "shutdown", "send", "sendto",
	"sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg",
	/* memory that is not executable: see add_memory() */
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",
	"membarrier",
	/* threads, fork for a reload: see add_processes() */
	"futex", "futex_time64", "futex_waitv", "set_robust_list",
	"get_robust_list", "rseq", "set_tid_address", "arch_prctl",
	"sched_yield", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "wait4", "waitid", "exit", "exit_group",
	/* signals, to itself as to its child */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
	"sigaltstack", "rt_sigpending", "rt_sigtimedwait", "kill", "tgkill",
	"tkill",
	/* who and when */
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
	"getresuid", "getresgid", "getgroups", "getpgrp", "clock_gettime",
	"clock_gettime64", "clock_getres", "gettimeofday", "time", "times",
	"getrandom", "uname", "sysinfo", "getrusage", "getrlimit", "ugetrlimit",
	"setrlimit", "prlimit64", "prctl", "getcpu",
	/* to keep even less */
	"seccomp", NULL
};

static const char *const deadly[] = {
	/* another program */
	"execve", "execveat",
	/* other processes */
	"ptrace", "process_vm_readv", "process_vm_writev", "kcmp",
	"pidfd_getfd", "process_madvise",
	/* another view of the system */
	"mount", "umount", "umount2", "pivot_root", "chroot", "unshare",
	"setns", "fsopen", "fsmount", "move_mount", "open_tree",
	/* the kernel */
	"init_module", "finit_module", "delete_module", "kexec_load",
	"kexec_file_load", "bpf", "perf_event_open", "userfaultfd", "reboot",
	"swapon", "swapoff", "iopl", "ioperm", "quotactl", "acct",
	"settimeofday", "clock_settime", "adjtimex",
	/* keys, and rights */
	"keyctl", "add_key", "request_key", "setuid", "setgid", "setreuid",
	"setregid", "setresuid", "setresgid", "setgroups", "capset", NULL
};

/*
 * KILL_PROCESS is asked for by seccomp(2). Where that call is refused, by an
 * old kernel or the filter of who started us (a unit of systemd whose
 * SystemCallFilter= does not name it), libseccomp enters its filters by
 * prctl(2), but says EINVAL to this action. Then these calls are refused.
 */
static uint32_t
deadly_action(void)
{
	static const unsigned kills = 3; /* seccomp_api_get(3) */

	return seccomp_api_get() >= kills ? SCMP_ACT_KILL_PROCESS
					  : SCMP_ACT_ERRNO(EPERM);
}

/* A name that this kernel's headers or this machine do not have is skipped. */
static int
add_all(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++) {
		int call = seccomp_syscall_resolve_name(*names), result;

		if (call == __NR_SCMP_ERROR)
			continue;
		result = seccomp_rule_add(filter, action, call, 0);
		if (result != 0 && result != -EDOM)
			return result;
	}
	return 0;
}

static int
add_sockets(scmp_filter_ctx filter, unsigned promises)
{
	static const struct {
		unsigned family, promise;
	} families[] = {
		{ AF_UNIX, JAIL_IPC },
		{ AF_INET, JAIL_NET },
		{ AF_INET6, JAIL_NET },
	};
	static const int calls[] = { SCMP_SYS(socket), SCMP_SYS(socketpair) };
	int result = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (size_t k = 0; k < 2 && result == 0; k++)
			if ((promises & families[i].promise) != 0)
				result = seccomp_rule_add(filter,
				    SCMP_ACT_ALLOW, calls[k], 1,
				    SCMP_A0(
					SCMP_CMP_EQ, families[i].family, 0));
	return result;
}

/* One rule for each of: not executable, executable but not writable. */
static int
add_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2),
		SCMP_SYS(mprotect) };
	const scmp_datum_t both = PROT_WRITE | PROT_EXEC;
	int result = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (result == 0)
			result =
			    seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i],
				1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		/* What was writable does not become executable. */
		if (result == 0 && calls[i] != SCMP_SYS(mprotect))
			result = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
			    calls[i], 1,
			    SCMP_A2(SCMP_CMP_MASKED_EQ, both, PROT_EXEC));
	}
	return result;
}

/* clone3 keeps its flags where no filter sees them: glibc then takes clone. */
static int
add_processes(scmp_filter_ctx filter)
{
	const scmp_datum_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
	    CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
	    CLONE_NEWNET;

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0));
}

static int
build(scmp_filter_ctx filter, unsigned promises)
{
	int result = add_all(filter, SCMP_ACT_ALLOW, kept);

	if (result == 0)
		result = add_all(filter, deadly_action(), deadly);
	if (result == 0)
		result = add_sockets(filter, promises);
	if (result == 0)
		result = add_memory(filter);
	if (result == 0)
		result = add_processes(filter);
	return result;
}

/* prctl(2): where it has them, it is the filter that it misses. */
static bool
kernel_has_filters(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == -1 &&
	    errno == EFAULT;
}

/* `result` is of building it. */
static int
enter(scmp_filter_ctx filter, int result)
{

	if (result == 0)
		result = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (result == 0) {
		log_debug("seccomp: entered");
		return 0;
	}
	/* What libseccomp says where the kernel has none, but not only there.
	 */
	if ((result == -EFAULT || result == -ECANCELED) &&
	    !kernel_has_filters()) {
		log_debug("seccomp: the kernel has none");
		return 0;
	}
	log_warnx("seccomp: %s", strerror(-result));
	return -1;
}

int
jail_calls(unsigned promises)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	return enter(
	    filter, filter != NULL ? build(filter, promises) : -ENOMEM);
}

/* The filter before this one has no other call that makes processes. */
int
jail_calls_no_processes(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int result = -ENOMEM;

	if (filter != NULL)
		result =
		    seccomp_rule_add(filter, deadly_action(), SCMP_SYS(clone),
			1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	return enter(filter, result);
}
