/*
 * Privileges, given up for good. landlock by raw system calls: the C library
 * has no wrappers, and the kernel headers of Debian 12 end at its second ABI
 * while newer kernels offer more, so the constants stand here.
 */
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail_calls.h"
#include "log.h"

/* landlock(7) */
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_TRUNCATE = 1 << 14,
	FS_IOCTL_DEV = 1 << 15,

	FS_ABI1 = (1 << 13) - 1,
	FS_ABI2 = (1 << 14) - 1,
	FS_ABI3 = (1 << 15) - 1,
	FS_ABI5 = (1 << 16) - 1,

	NET_TCP = 1 << 0 | 1 << 1,   /* bind, connect */
	SCOPE_ALL = 1 << 0 | 1 << 1, /* abstract Unix sockets, signals */

	RULE_PATH_BENEATH = 1,
	RULESET_VERSION = 1, /* flag: only ask for the ABI */
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* What a rule on a plain file may name. */
static const uint64_t fs_of_files =
    FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV;

static long
landlock_abi(void)
{
	return syscall(
	    SYS_landlock_create_ruleset, NULL, (size_t)0, RULESET_VERSION);
}

/* What the kernel can forbid; all of it is, but for the rules. */
static struct ruleset_attr
handled(long abi, unsigned promises)
{
	struct ruleset_attr attr = { .fs = FS_ABI1 };

	if (abi >= 2)
		attr.fs = FS_ABI2;
	if (abi >= 3)
		attr.fs = FS_ABI3;
	if (abi >= 4 && (promises & JAIL_NET) == 0)
		attr.net = NET_TCP;
	if (abi >= 5)
		attr.fs = FS_ABI5;
	if (abi >= 6)
		attr.scoped = SCOPE_ALL;
	return attr;
}

static int
allow_one(int ruleset, const char *path, uint64_t access)
{
	struct path_beneath rule = { .allowed = access };
	struct stat st;
	int result;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd == -1)
		return errno == ENOENT || errno == EACCES ? 0 : -1;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= fs_of_files;
	result = (int)syscall(
	    SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(rule.fd);
	return result;
}

static int
allow(int ruleset, const char *const *paths, uint64_t access)
{
	for (; *paths != NULL; paths++)
		if (allow_one(ruleset, *paths, access) == -1) {
			log_warn("landlock: %s", *paths);
			return -1;
		}
	return 0;
}

/*
 * ABI 4 can forbid TCP, none forbids UDP: for a daemon without JAIL_NET that
 * is what jail_unplug() is for, and the systemd unit where we are not root.
 */
static int
landlock(
    unsigned promises, const char *const *readable, const char *const *writable)
{
	long abi = landlock_abi();
	struct ruleset_attr attr = handled(abi, promises);
	uint64_t reading = FS_READ_FILE | FS_READ_DIR;
	uint64_t writing = reading | FS_WRITE_FILE | FS_REMOVE_FILE |
	    FS_MAKE_REG | FS_MAKE_SOCK | FS_TRUNCATE;
	int ruleset, result = -1;

	if (abi < 1) {
		log_debug("landlock: the kernel has none");
		return 0;
	}
	ruleset =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset == -1) {
		log_warn("landlock: make a ruleset");
		return -1;
	}
	if (allow(ruleset, readable, reading) == 0 &&
	    ((promises & JAIL_IPC) == 0 ||
		allow(ruleset, writable, writing & attr.fs) == 0)) {
		result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
		if (result == -1)
			log_warn("landlock: enter");
		else
			log_debug("landlock: entered, ABI %ld", abi);
	}
	close(ruleset);
	return result;
}

/* LeakSanitizer traces its own process, in ways that we forbid. */
static bool
leak_checked(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return true;
#else
	return false;
#endif
#else
	return false;
#endif
}

void
jail_unplug(unsigned promises)
{
	if ((promises & JAIL_NET) != 0)
		return;
	if (unshare(CLONE_NEWNET) == -1)
		log_debug("no network namespace of its own: not permitted");
	else
		log_debug("in a network namespace of its own");
}

int
jail_drop(uid_t uid, gid_t gid, const char *user)
{
	if ((user != NULL ? initgroups(user, gid) : setgroups(0, NULL)) == -1 ||
	    setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1) {
		log_warn("become uid %lu, gid %lu", (unsigned long)uid,
		    (unsigned long)gid);
		return -1;
	}
	if (uid != 0 && setuid(0) == 0) {
		log_warnx("root was given up and could be had again");
		return -1;
	}
	return 0;
}

int
jail_enter(
    unsigned promises, const char *const *readable, const char *const *writable)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    setrlimit(RLIMIT_CORE, &none) == -1 ||
	    prctl(PR_SET_DUMPABLE, leak_checked() ? 1 : 0, 0, 0, 0) == -1) {
		log_warn("give up privileges");
		return -1;
	}
	if (landlock(promises, readable, writable) == -1)
		return -1;
	return leak_checked() ? 0 : jail_calls(promises);
}

int
jail_no_processes(void)
{
	return leak_checked() ? 0 : jail_calls_no_processes();
}
