/* What dnsmail-check concludes, from what it saw: tables, no sockets. */
#include "admin/check_findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "admin/check_access.h"
#include "admin/check_list.h"
#include "admin/check_mta.h"
#include "admin/check_reach_verdict.h"

/* ---- findings ---- */

static void
words_are_filled_in_and_stay_one_line(void **state)
{
	struct check_findings f = { 0 };

	(void)state;
	check_say(
	    &f, FOUND_PORT_TCP, "192.0.2.1", "a resolver\nof $1", "\x1b", NULL);
	assert_string_equal(f.v[0].text,
	    "port 53: 192.0.2.1 (a resolver?of $1) answers by UDP, but not by "
	    "TCP: ?");
	check_findings_free(&f);
}

static void
what_was_said_already_is_not_said_again(void **state)
{
	struct check_findings f = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		check_say(&f, FOUND_CONFIG_VALID, "one", NULL);
		check_say(&f, FOUND_CONFIG_VALID, "another", NULL);
		check_say(&f, FOUND_CONFIG_INVALID, "one", NULL);
	}
	assert_int_equal(f.n, 3);
	check_findings_free(&f);
}

static void
every_finding_has_words_and_each_bad_one_a_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHECK_CODE__COUNT; i++) {
		const struct check_words *w = &check_words[i];

		assert_non_null(w->name);
		assert_non_null(w->text);
		assert_int_equal(w->level == CHECK_OK, w->remedy == NULL);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(w->name, check_words[k].name);
	}
}

static void
critical_is_worse_than_unknown_and_that_than_a_warning(void **state)
{
	static const struct {
		enum check_code code;
		enum check_level then;
	} rows[] = {
		{ FOUND_CONFIG_VALID, CHECK_OK },
		{ FOUND_CONFIG_NO_DOMAIN, CHECK_WARNING },
		{ FOUND_MTA_NONE, CHECK_CANNOT_TELL },
		{ FOUND_CONFIG_INVALID, CHECK_CRITICAL },
	};
	struct check_findings f = { 0 };
	char summary[CHECK_SUMMARY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_say(&f, rows[i].code, "x", NULL);
		assert_int_equal(check_findings_level(&f), rows[i].then);
	}
	assert_string_equal(check_summary(&f, summary),
	    "critical: 1 critical, 1 warning, 1 not known, 1 ok");
	check_findings_free(&f);
}

static void
what_is_ignored_counts_for_nothing(void **state)
{
	char name[] = "config-invalid", *names[] = { name };
	const struct strings ignored = { names, 1 };
	struct check_findings f = { .ignored = &ignored };
	char summary[CHECK_SUMMARY_MAX];

	(void)state;
	check_say(&f, FOUND_CONFIG_INVALID, "x", NULL);
	check_say(&f, FOUND_CONFIG_VALID, "x", NULL);
	assert_string_equal(check_summary(&f, summary),
	    "ok: 0 critical, 0 warnings, 0 not known, 1 ok");
	check_findings_free(&f);
}

/* ---- the list in DNS ---- */

static void
addresses(struct net_address *v, size_t *n, const char *text)
{
	for (*n = 0; *text != '\0'; (*n)++) {
		size_t len = strcspn(text, " ");

		assert_int_equal(net_address_parse(&v[*n], text, len), 0);
		text += len + (text[len] == ' ');
	}
}

static void
a_list_is_compared_with_the_configuration(void **state)
{
	static const struct {
		const char *dns, *config;
		enum check_code codes[3]; /* 0 ends: no finding of lists */
	} rows[] = {
		{ "9.9.9.9", "9.9.9.9", { FOUND_LIST_RIGHT } },
		{ "9.9.9.9 8.8.8.8", "8.8.8.8 9.9.9.9", { FOUND_LIST_RIGHT } },
		{ "2620:fe::fe", "2620:fe::fe", { FOUND_LIST_RIGHT } },
		{ "", "9.9.9.9", { FOUND_LIST_UNUSABLE } },
		{ NULL, "9.9.9.9", { FOUND_LIST_MISSING } },
		{ "9.9.9.9 8.8.8.8", "9.9.9.9", { FOUND_LIST_MORE } },
		{ "9.9.9.9", "9.9.9.9 8.8.8.8", { FOUND_LIST_LESS } },
		{ "8.8.8.8", "9.9.9.9", { FOUND_LIST_MORE, FOUND_LIST_LESS } },
		{ "10.0.0.1", "10.0.0.1", { FOUND_LIST_PRIVATE } },
		{ "127.0.0.1", "127.0.0.1", { FOUND_LIST_PRIVATE } },
		{ "fd00::1", "fd00::1", { FOUND_LIST_PRIVATE } },
		{ "9.9.9.9@5353", "9.9.9.9@5353", { FOUND_LIST_PORT } },
		{ "10.0.0.1@5353", "10.0.0.1@5353",
		    { FOUND_LIST_PRIVATE, FOUND_LIST_PORT } },
		{ "9.9.9.1 9.9.9.2 9.9.9.3 9.9.9.4 9.9.9.5",
		    "9.9.9.1 9.9.9.2 9.9.9.3 9.9.9.4 9.9.9.5",
		    { FOUND_LIST_LONG } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_address servers[SERVER_LIST_MAX];
		struct config_domain d = { .name = (char *)"domain.test" };
		struct server_list list = { .takes_part = rows[i].dns != NULL };
		struct check_findings f = { 0 };
		size_t n = 0;

		d.servers.v = servers;
		addresses(servers, &d.servers.n, rows[i].config);
		addresses(
		    list.v, &list.n, rows[i].dns != NULL ? rows[i].dns : "");
		check_list_judge(&f, &d, "192.0.2.53", &list);
		while (n < 3 && rows[i].codes[n] != 0)
			n++;
		assert_int_equal(f.n, n);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(f.v[k].code, rows[i].codes[k]);
		check_findings_free(&f);
	}
}

static void
who_takes_no_part_is_told_what_to_put_where(void **state)
{
	struct net_address servers[2];
	struct config_domain d = { .name = (char *)"domain.test" };
	const struct server_list none = { 0 };
	struct check_findings f = { 0 };

	(void)state;
	d.servers.v = servers;
	addresses(servers, &d.servers.n, "9.9.9.9 2620:fe::fe");
	check_list_judge(&f, &d, "192.0.2.53", &none);
	assert_string_equal(f.v[0].remedy,
	    "put into the public zone: dnsmail.domain.test. 60 IN TXT "
	    "\"9.9.9.9,2620:fe::fe\"");
	check_findings_free(&f);
}

/* ---- may the user connect ---- */

static void
a_socket_is_reached_as_the_kernel_has_it(void **state)
{
	/* The user is 10 of groups 10 and 20; owner and group of the three
	   steps "/", a directory and the socket. */
	static const struct {
		mode_t dir, sock;
		uid_t dir_uid;
		gid_t dir_gid;
		uid_t sock_uid;
		gid_t sock_gid;
		int refused; /* step; -1: none */
	} rows[] = {
		{ 0755, 0666, 0, 0, 0, 0, -1 },
		{ 0755, 0660, 0, 0, 0, 20, -1 },
		{ 0755, 0660, 0, 0, 0, 30, 2 },
		{ 0755, 0600, 0, 0, 10, 30, -1 },
		{ 0755, 0666 & ~0200, 0, 0, 10, 20, 2 }, /* owner first */
		{ 0755, 0666 & ~0020, 0, 0, 0, 20, 2 },  /* then group */
		{ 0755, 0644, 0, 0, 0, 0, 2 },           /* reading is no use */
		{ 0750, 0666, 0, 20, 0, 0, -1 },
		{ 0750, 0666, 0, 30, 0, 0, 1 },
		{ 0700, 0666, 10, 0, 0, 0, -1 },
		{ 0744, 0666, 0, 0, 0, 0, 1 },
	};
	static const gid_t groups[] = { 10, 20 };
	const struct access_user user = { 10, groups, 2 };
	const struct access_user root = { 0, groups, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct access_step steps[] = {
			{ NULL, S_IFDIR | 0755, 0, 0 },
			{ NULL, S_IFDIR | rows[i].dir, rows[i].dir_uid,
			    rows[i].dir_gid },
			{ NULL, S_IFSOCK | rows[i].sock, rows[i].sock_uid,
			    rows[i].sock_gid },
		};
		struct access_refusal r = { 0 };

		assert_int_equal(
		    access_may(&user, steps, 3, &r), rows[i].refused == -1);
		if (rows[i].refused != -1)
			assert_ptr_equal(r.step, &steps[rows[i].refused]);
		assert_true(access_may(&root, steps, 3, &r));
	}
}

static void
a_refusal_knows_whether_membership_would_help(void **state)
{
	static const gid_t groups[] = { 10 };
	const struct access_user user = { 10, groups, 1 };
	const struct access_step by_group = { NULL, S_IFSOCK | 0660, 0, 30 };
	const struct access_step by_none = { NULL, S_IFSOCK | 0600, 0, 30 };
	struct access_refusal r;

	(void)state;
	assert_false(access_may(&user, &by_group, 1, &r));
	assert_true(r.group_would && r.socket && r.class == ACCESS_OTHERS);
	assert_false(access_may(&user, &by_none, 1, &r));
	assert_false(r.group_would);
}

/* ---- what Postfix asks ---- */

static void
postfix_is_read_service_by_service(void **state)
{
	static const char fields[] = "smtp/inet/service = smtp\n"
				     "smtp/inet/chroot = y\n"
				     "smtp/inet/command = smtpd\n"
				     "127.0.0.1:10027/inet/service = "
				     "127.0.0.1:10027\n"
				     "127.0.0.1:10027/inet/chroot = n\n"
				     "127.0.0.1:10027/inet/command = smtpd -v\n"
				     "sign/unix/service = sign\n"
				     "sign/unix/chroot = y\n"
				     "sign/unix/command = smtp\n";
	static const char overrides[] =
	    "127.0.0.1:10027/inet/smtpd_milters = "
	    "unix:/run/dnsmail/signerd/milter.sock\n";
	struct mta m = { .queue = (char *)"/var/spool/postfix" };
	char *path;

	(void)state;
	mta_postfix_read(&m,
	    "inet:127.0.0.1:8891, { unix:dnsmail/verifyd.sock, "
	    "default_action=accept }, unix:/opendkim\n",
	    overrides, fields);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.sockets[0].service, "smtp/inet");
	assert_true(m.sockets[0].chroot);
	path = mta_socket_path(&m, &m.sockets[0]);
	assert_string_equal(path, "/var/spool/postfix/dnsmail/verifyd.sock");
	free(path);
	path = mta_socket_path(&m, &m.sockets[1]);
	assert_string_equal(path, "/var/spool/postfix/opendkim");
	free(path);
	assert_string_equal(m.sockets[2].service, "127.0.0.1:10027/inet");
	assert_false(m.sockets[2].chroot);
	path = mta_socket_path(&m, &m.sockets[2]);
	assert_string_equal(path, "/run/dnsmail/signerd/milter.sock");
	free(path);
	m.queue = NULL;
	mta_free(&m);
}

/* ---- the key ---- */

static void
an_answer_proves_only_what_it_can(void **state)
{
	static const struct {
		enum publish_status status;
		bool good, powerdns;
		enum reach_verdict verdict;
	} rows[] = {
		{ PUB_DONE, true, false, REACH_VERDICT_FAR },
		{ PUB_DONE, false, false, REACH_VERDICT_FAR },
		{ PUB_DONE, true, true, REACH_VERDICT_UNKNOWN },
		{ PUB_REFUSED, true, false, REACH_VERDICT_NOT },
		{ PUB_REFUSED, true, true, REACH_VERDICT_NOT },
		{ PUB_REFUSED, false, false, REACH_VERDICT_UNKNOWN },
		{ PUB_LATER, true, false, REACH_VERDICT_UNKNOWN },
		{ PUB_BUSY, true, false, REACH_VERDICT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    reach_judge(rows[i].status, rows[i].good, rows[i].powerdns),
		    rows[i].verdict);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_filled_in_and_stay_one_line),
		cmocka_unit_test(what_was_said_already_is_not_said_again),
		cmocka_unit_test(
		    every_finding_has_words_and_each_bad_one_a_remedy),
		cmocka_unit_test(
		    critical_is_worse_than_unknown_and_that_than_a_warning),
		cmocka_unit_test(what_is_ignored_counts_for_nothing),
		cmocka_unit_test(a_list_is_compared_with_the_configuration),
		cmocka_unit_test(who_takes_no_part_is_told_what_to_put_where),
		cmocka_unit_test(a_socket_is_reached_as_the_kernel_has_it),
		cmocka_unit_test(a_refusal_knows_whether_membership_would_help),
		cmocka_unit_test(postfix_is_read_service_by_service),
		cmocka_unit_test(an_answer_proves_only_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
