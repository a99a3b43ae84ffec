/* jail_calls: what it says when the system does not let it in; in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/jail.h"
#include "common/jail_calls.h"

/* From here on filters cannot be had: out of memory. */
static int
refuse_filters(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return -1;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM),
		   SCMP_SYS(seccomp), 1, SCMP_A2(SCMP_CMP_NE, 0, 0)) |
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM), SCMP_SYS(prctl), 2,
		SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0),
		SCMP_A2(SCMP_CMP_NE, 0, 0)) |
	    seccomp_load(filter);
}

static void
failure_is_not_taken_for_a_kernel_without_filters(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	assert_int_not_equal(child, -1);
	if (child == 0) {
		if (refuse_filters() != 0)
			_exit(77); /* the kernel has none */
		_exit(jail_calls(JAIL_IPC) == -1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* As a unit of systemd may; without libseccomp, which remembers what it had. */
static int
refuse_seccomp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) |
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int
is_refused(long result)
{
	return result == -1 && errno == EPERM;
}

static void
calls_are_refused_where_no_filter_can_kill(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	assert_int_not_equal(child, -1);
	if (child == 0) {
		if (refuse_seccomp() != 0)
			_exit(77);
		if (jail_calls(JAIL_IPC) == -1 ||
		    jail_calls_no_processes() == -1)
			_exit(1);
		_exit(is_refused(syscall(SYS_execve, NULL, NULL, NULL)) &&
			    is_refused(fork())
			? 0
			: 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    failure_is_not_taken_for_a_kernel_without_filters),
		cmocka_unit_test(calls_are_refused_where_no_filter_can_kill),
	};

	return cmocka_run_group_tests_name("jail_calls", tests, NULL, NULL);
}
