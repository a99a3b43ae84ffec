/* What publishd lets through to a zone, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publishd/request_check.h"

#define ID "abcdefghijklmnopqrstuvwxyz"
#define TEXT                                               \
	"To:claire@nonprofit.org*From:martha@example.test" \
	"*date=Mon, 23 Nov 2026 10:00:00 +0000"

static const char *
check(enum publish_op op, uint32_t ttl, const char *owner, const char *text)
{
	static const struct config_domain domain = {
		.name = "sub.example.test",
		.zone = "example.test",
	};
	struct publish_record records[] = {
		{ .owner = ID ".sub.example.test",
		    .text = TEXT,
		    .text_len = strlen(TEXT) },
		{ .owner = owner, .text = text, .text_len = strlen(text) },
	};
	struct publish_req req = {
		.op = op, .ttl = ttl, .n = 2, .records = records
	};
	size_t index = 99;
	const char *wrong = request_check(&req, &domain, &index);

	if (wrong != NULL)
		assert_in_range(index, 0, 1);
	return wrong;
}

static void
message_records_right_below_the_domain_pass(void **state)
{
	(void)state;
	for (unsigned op = 0; op < PUB__COUNT; op++) {
		assert_null(check(
		    (enum publish_op)op, 60, ID ".sub.example.test", TEXT));
		assert_null(check(
		    (enum publish_op)op, 60, "A-b_9.sub.example.test", TEXT));
	}
	assert_null(check(PUB_ADD, 0, ID ".sub.example.test", TEXT));
	assert_null(check(PUB_ADD, 3600, ID ".sub.example.test", TEXT));
}

static void
other_names_are_refused(void **state)
{
	static const char *const names[] = {
		"",
		".",
		ID,
		"sub.example.test",          /* the domain itself */
		ID ".example.test",          /* its parent's */
		ID ".other.test",            /* foreign */
		"a." ID ".sub.example.test", /* two labels */
		"*.sub.example.test",
		"a b.sub.example.test",
		"a\\.b.sub.example.test",
		"..sub.example.test",
		ID ".xsub.example.test",
		ID ".sub.example.test.evil.test",
		ID ".sub.example.test.",           /* a final dot */
		ID ".\xef\xbd\x93ub.example.test", /* fullwidth s: the same
							domain, not the same
							octets in DNS */
		"12345678901234567890123456789012345678901234567890123456789012"
		"34"
		".sub.example.test",
	};

	(void)state;
	for (unsigned op = 0; op < PUB__COUNT; op++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			assert_non_null(
			    check((enum publish_op)op, 60, names[i], TEXT));
}

static void
other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"v=spf1 -all",
		"155.47.64.164,155.47.64.165",
		"To:a@b.test",
		"To:a@b.test*From:c@d.test",
		"To:a@b.test*From:c@d.test*date=yesterday",
		"x" TEXT,
		TEXT "x",
	};

	(void)state;
	for (unsigned op = 0; op < PUB__COUNT; op++)
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			assert_non_null(check((enum publish_op)op, 60,
			    ID ".sub.example.test", texts[i]));
}

static void
a_ttl_over_an_hour_is_refused_where_it_counts(void **state)
{
	(void)state;
	assert_non_null(check(PUB_ADD, 3601, ID ".sub.example.test", TEXT));
	assert_null(check(PUB_REMOVE, 3601, ID ".sub.example.test", TEXT));
}

static void
a_domain_that_is_not_ours_is_refused(void **state)
{
	struct publish_record record = {
		.owner = ID ".x.test", .text = TEXT, .text_len = strlen(TEXT)
	};
	struct publish_req req = { .op = PUB_ADD, .n = 1, .records = &record };
	static const struct {
		const char *name, *zone;
		bool ok;
	} rows[] = {
		{ "x.test", "x.test", true },
		{ "x.test", "test", true },
		{ "x.test", "y.test", false },
		{ "x.test", "a.x.test", false },
		{ "x.test", ".test", false },
	};
	size_t index;

	(void)state;
	assert_non_null(request_check(&req, NULL, &index));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_domain domain = { .name = (char *)rows[i].name,
			.zone = (char *)rows[i].zone };

		assert_int_equal(
		    request_check(&req, &domain, &index) == NULL, rows[i].ok);
	}
}

/* What an admin may have published must vouch for no mail. */
static void
only_what_nobody_writes_to_nobody_is_a_probe(void **state)
{
	static const char date[] = "*date=Mon, 23 Nov 2026 10:00:00 +0000";
	static const struct {
		const char *to, *from;
		bool is;
	} rows[] = {
		{ "probe@dnsmail.invalid", "probe@dnsmail.invalid", true },
		{ "claire@y.test", "probe@dnsmail.invalid", false },
		{ "probe@dnsmail.invalid", "martha@x.test", false },
		{ "#47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
		    "probe@dnsmail.invalid", false },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "To:%s*From:%s%s", rows[i].to,
		    rows[i].from, date);
		assert_int_equal(request_is_probe(text), rows[i].is);
	}
	assert_false(request_is_probe("v=spf1 -all"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(message_records_right_below_the_domain_pass),
	cmocka_unit_test(other_names_are_refused),
	cmocka_unit_test(other_texts_are_refused),
	cmocka_unit_test(a_ttl_over_an_hour_is_refused_where_it_counts),
	cmocka_unit_test(a_domain_that_is_not_ours_is_refused),
	cmocka_unit_test(only_what_nobody_writes_to_nobody_is_a_probe),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
