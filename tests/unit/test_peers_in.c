/* Who may ask publishd by the names of a certificate (tls:NAME). */
#include "publishd/peers_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/config.h"

static struct peers *peers;

static void
complain(void *arg, const char *text)
{
	(void)arg;
	print_error("%s\n", text);
}

/* signers and removers as one writes them. */
static void
configure(const char *signers, const char *removers)
{
	char path[] = "/tmp/test_peers_in.XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct config *config;

	assert_non_null(f);
	fprintf(f, "publishd { signers = {%s} removers = {%s} }\n", signers,
	    removers);
	assert_int_equal(fclose(f), 0);
	config = config_load(path, complain, NULL);
	unlink(path);
	assert_non_null(config);
	peers_free(peers);
	peers = peers_new(config);
	config_unref(config);
	assert_non_null(peers);
}

static int
finish(void **state)
{
	(void)state;
	peers_free(peers);
	peers = NULL;
	return 0;
}

static void
each_may_what_its_option_says(void **state)
{
	(void)state;
	configure("\"tls:mx1.test\"", "\"tls:reap.test\"");
	assert_true(peers_may_names(peers, "mx1.test", PUB_ADD));
	assert_false(peers_may_names(peers, "mx1.test", PUB_REMOVE));
	assert_true(peers_may_names(peers, "reap.test", PUB_REMOVE));
	assert_false(peers_may_names(peers, "reap.test", PUB_ADD));
	assert_true(peers_may_names_any(peers, "mx1.test"));
	assert_true(peers_may_names_any(peers, "reap.test"));
	assert_false(peers_may_names_any(peers, "other.test"));
}

static void
one_of_several_names_is_enough(void **state)
{
	(void)state;
	configure("\"0\", \"tls:mx1.test\", \"tls:mx2.test\"", "");
	assert_true(peers_may_names(peers, "a.test mx2.test b.test", PUB_ADD));
	assert_true(peers_may_names(peers, "mx1.test mx2.test", PUB_ADD));
	assert_true(peers_may_names(peers, "a.test mx1.test", PUB_ADD));
	assert_false(peers_may_names(peers, "a.test b.test", PUB_ADD));
}

/* RFC 9525, 6.3: ASCII case counts for nothing. */
static void
case_counts_for_nothing(void **state)
{
	(void)state;
	configure("\"tls:MX1.Test\"", "");
	assert_true(peers_may_names(peers, "mx1.test", PUB_ADD));
	assert_true(peers_may_names(peers, "mX1.tESt", PUB_ADD));
}

static void
no_part_of_a_name_is_the_name(void **state)
{
	static const char *const others[] = { "", " ", "mx1.tes", "x1.test",
		"mx1.test.", "mx1.test.evil.test", "evil.mx1.test",
		"mx1.test,evil.test", "mx1", "tls:mx1.test" };

	(void)state;
	configure("\"tls:mx1.test\"", "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (peers_may_names(peers, others[i], PUB_ADD))
			fail_msg("\"%s\"", others[i]);
}

/*
 * A name stands for one machine. RFC 9525, 6.3 lets a wildcard stand for a
 * server's name; who comes as *.test would be all of them.
 */
static void
wildcards_stand_for_nobody_else(void **state)
{
	(void)state;
	configure("\"tls:mx1.test\"", "");
	assert_false(peers_may_names(peers, "*.test", PUB_ADD));
	assert_false(peers_may_names(peers, "*", PUB_ADD));
	assert_false(peers_may_names(peers, "mx*.test", PUB_ADD));
}

/* RFC 9525, 6.3: A-labels are compared. */
static void
international_names_are_a_labels(void **state)
{
	(void)state;
	configure("\"tls:xn--bcher-kva.test\"", "");
	assert_true(peers_may_names(peers, "XN--bcher-kva.test", PUB_ADD));
	assert_false(peers_may_names(peers,
	    "b\xc3\xbc"
	    "cher.test",
	    PUB_ADD));
}

static void
users_and_names_are_not_each_other(void **state)
{
	(void)state;
	configure("\"0\", \"root\"", "\"tls:0\", \"tls:root\"");
	assert_false(peers_may_names(peers, "root", PUB_ADD));
	assert_false(peers_may_names(peers, "0", PUB_ADD));
	assert_false(peers_may_names(peers, "", PUB_ADD));
	assert_false(peers_may_names(peers, "a  b", PUB_ADD));
	assert_false(peers_may(peers, 0, PUB_REMOVE));
	assert_true(peers_may(peers, 0, PUB_ADD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_may_what_its_option_says),
		cmocka_unit_test(one_of_several_names_is_enough),
		cmocka_unit_test(case_counts_for_nothing),
		cmocka_unit_test(no_part_of_a_name_is_the_name),
		cmocka_unit_test(wildcards_stand_for_nobody_else),
		cmocka_unit_test(international_names_are_a_labels),
		cmocka_unit_test(users_and_names_are_not_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
