/* jail_calls: what it says when the system does not let it in; in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    failure_is_not_taken_for_a_kernel_without_filters),
	};

	return cmocka_run_group_tests_name("jail_calls", tests, NULL, NULL);
}
