/* filter/message and spool_out: what is too much, and files that fail. */
#include "filter/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "filter/release.h"
#include "filter/spool_out.h"

static const struct message_limits limits = {
	.most = 1 << 20, .spool = "/tmp", .bind_always = true
};

enum { ROOM = 4096 };

#define PREFIX "filter-dataline|0000000000000001|0000000000000002|"

static enum message_trouble
trouble_of(const char *line, unsigned times, const char *first)
{
	struct message *m = message_new(&limits);
	enum message_trouble trouble;

	message_line(m, first, strlen(first));
	for (unsigned i = 0; i < times; i++)
		message_line(m, line, strlen(line));
	message_end(m);
	trouble = message_trouble(m);
	message_free(m);
	return trouble;
}

static void
each_bound_holds_and_is_named(void **state)
{
	char line[1025] = "";

	(void)state;
	memset(line, ' ', 1023); /* a folded line of 1024 octets with its LF */
	assert_int_equal(trouble_of(line, 1023, "A: b"), MESSAGE_FITS);
	assert_int_equal(
	    trouble_of(line, 1024, "A: b"), MESSAGE_HEADER_TOO_LONG);
	assert_int_equal(trouble_of("A: b", 1999, "A: b"), MESSAGE_FITS);
	assert_int_equal(
	    trouble_of("A: b", 2000, "A: b"), MESSAGE_TOO_MANY_FIELDS);
	assert_int_equal(trouble_of(line, 1023, ""), MESSAGE_FITS);
	assert_int_equal(trouble_of(line, 1024, ""), MESSAGE_TOO_LONG);
}

static void
spool_that_cannot_be_made_is_named(void **state)
{
	struct message_limits nowhere = limits;
	struct message *m;
	char line[1000];

	(void)state;
	nowhere.spool = "/nonexistent";
	memset(line, 'x', sizeof(line));
	m = message_new(&nowhere);
	message_line(m, "", 0);
	for (int i = 0; i < 60; i++)
		message_line(m, line, sizeof(line));
	assert_int_equal(message_trouble(m), MESSAGE_FITS);
	for (int i = 0; i < 60; i++)
		message_line(m, line, sizeof(line));
	message_end(m);
	assert_int_equal(message_trouble(m), MESSAGE_NO_SPOOL);
	message_free(m);
}

/* A line that memory alone cannot hold does not lift the bound. */
static void
line_longer_than_memory_is_followed_by_a_file(void **state)
{
	static char line[SPOOL_MEMORY + 1];
	struct message_limits nowhere = limits;
	struct message *m;

	(void)state;
	nowhere.spool = "/nonexistent";
	memset(line, 'x', sizeof(line));
	m = message_new(&nowhere);
	message_line(m, line, sizeof(line));
	message_line(m, "", 0);
	assert_int_equal(message_trouble(m), MESSAGE_NO_SPOOL);
	message_free(m);
}

/* Any file of ours without a name. */
static void
shorten_spool(void)
{
	struct stat st;

	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_nlink == 0 && st.st_size > 0)
			assert_int_equal(ftruncate(fd, st.st_size / 2 + 1), 0);
}

/* What was said is not the whole message, but it is whole lines and an end. */
static void
spool_that_breaks_is_told(void **state)
{
	const struct release_plan plan = { 1, 2, message_new(&limits), NULL,
		NULL };
	struct release *r = release_new(&plan);
	struct buffer out = { 0 };
	enum release_state said;
	size_t lines = 0;
	char line[1000];

	(void)state;
	memset(line, 'x', sizeof(line));
	message_line(plan.message, "", 0);
	for (int i = 0; i < 200; i++)
		message_line(plan.message, line, sizeof(line));
	message_end(plan.message);
	shorten_spool();
	while ((said = release_some(r, &out, ROOM)) == RELEASE_MORE)
		assert_int_equal(out.data[out.len - 1], '\n');
	assert_int_equal(said, RELEASE_BROKEN);
	buffer_append(&out, "", 1);
	for (char *p = (char *)out.data; *p != '\0'; p = strchr(p, '\n') + 1)
		lines += strncmp(p, PREFIX, strlen(PREFIX)) == 0;
	assert_true(lines > 50 && lines < 150);
	assert_string_equal(
	    out.data + out.len - 1 - strlen(PREFIX ".\n"), PREFIX ".\n");
	buffer_free(&out);
	release_free(r);
	message_free(plan.message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bound_holds_and_is_named),
		cmocka_unit_test(spool_that_cannot_be_made_is_named),
		cmocka_unit_test(line_longer_than_memory_is_followed_by_a_file),
		cmocka_unit_test(spool_that_breaks_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
