/*
 * A file that is said to be a message: its fields and its body stand in it, in
 * their order, and what is kept of them is within bounds. Input: the file.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "admin/check_mail.h"
#include "admin/check_recipients.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = { "From", "DNS-Mail-ID", "To", NULL };
static const char *const anyone[] = { "claire@nonprofit.test" };

static bool
is_within(const char *p, size_t n, const char *text, size_t size)
{
	return p >= text && n <= size && (size_t)(p - text) <= size - n;
}

/* No two share an octet, and none has the end of a line in its name. */
static void
check_fields(const struct saved_mail *m, const char *text, size_t size)
{
	const char *at = text;

	for (size_t i = 0; i < m->n_fields; i++) {
		const struct saved_field *f = &m->fields[i];

		assert(f->name_len > 0 && f->name >= at);
		assert(is_within(f->name, f->name_len, text, size));
		assert(is_within(f->value, f->len, text, size));
		assert(f->value > f->name + f->name_len);
		assert(memchr(f->name, ':', f->name_len) == NULL);
		assert(memchr(f->name, '\n', f->name_len) == NULL);
		assert(memchr(f->value, '\0', f->len) == NULL);
		assert(f->len == 0 || f->value[f->len - 1] != '\n');
		at = f->value + f->len;
	}
	assert(m->body >= at);
	assert(is_within(m->body, m->body_len, text, size));
	assert(m->mbox || (!m->more && !m->quoted));
}

static void
check_kept(const struct saved_mail *m)
{
	const struct check_envelope envelope = { NULL, NULL, anyone, 1 };
	struct mail_kept kept = { 0 };

	assert(check_mail_keep(&kept, names, m, &envelope, 1) == 0);
	assert(kept.message.n_recipients == 1);
	assert(kept.message.n_fields <= m->n_fields);
	for (size_t i = 0; i < kept.message.n_fields; i++)
		assert(strlen(kept.message.fields[i].value) ==
		    kept.message.fields[i].len);
	mail_kept_free(&kept);
}

static void
check_recipients(const struct saved_mail *m)
{
	struct check_recipients received = { 0 }, shown = { 0 };
	struct check_recipients given = { 0 };
	size_t n;

	/* --to: what an address is */
	for (size_t i = 0; i < m->n_fields; i++) {
		char *text = strndup(m->fields[i].value, m->fields[i].len);

		assert(text != NULL);
		if (check_recipients_add(&given, text) == 0)
			assert(given.n > 0);
		free(text);
	}
	check_recipients_free(&given);
	assert(check_recipients_received(&received, m) == 0);
	assert(check_recipients_shown(&shown, m) == 0);
	assert(received.from != NULL && shown.from != NULL);
	n = shown.n; /* once named, they stay */
	assert(check_recipients_shown(&shown, m) == 0 && shown.n == n);
	check_recipients_free(&received);
	check_recipients_free(&shown);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct saved_mail m;

	assert(saved_mail_read(&m, text, size) == 0);
	check_fields(&m, text, size);
	check_kept(&m);
	check_recipients(&m);
	assert(saved_mail_set(&m, "From", "a@b.test") == 0);
	assert(saved_mail_find(&m, "from") == &m.fields[0]);
	saved_mail_free(&m);
	free(text);
	return 0;
}
