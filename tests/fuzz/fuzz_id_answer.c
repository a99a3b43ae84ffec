/*
 * The answers about one ID, as verifyd, publishd and reaperd read them. What
 * verifyd sees there, publishd sees too.
 */
#include <assert.h>
#include <string.h>

#include "publishd/shown.h"
#include "reaperd/expired.h"
#include "tests/fuzz/fuzz.h"
#include "verifyd/id_answer.h"

enum { NOW = 1800000000, LIFETIME = 3600 };

struct first {
	size_t n, len;
	char text[PUBLISH_TEXT_MAX + 1];
};

static void
each_text(void *arg, const char *text, size_t n)
{
	struct first *f = arg;

	assert(text[n] == '\0');
	if (f->n++ > 0 || n >= sizeof(f->text))
		return;
	memcpy(f->text, text, n + 1);
	f->len = n;
}

static int
each_expired(void *arg, const struct zone_text *text)
{
	struct first *f = arg;

	assert(text->len <= PUBLISH_TEXT_MAX && text->text[text->len] == '\0');
	assert(text->n_lengths <= PUBLISH_STRINGS_MAX);
	assert(expired_due(text->date, LIFETIME) <= NOW);
	assert(f->n > 0);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct first first = { 0 };
	struct publish_record record = { .text = first.text };
	struct dns_name name;
	int64_t next;
	unsigned rcode;

	dns_name_parse(&name, "id.example.test");
	id_answer_texts(data, size, &name, each_text, &first);
	expired_read(data, size, &name, LIFETIME, NOW, each_expired, &first,
	    &next, &rcode);
	record.text_len = first.len;
	if (first.text[0] != '\0')
		assert(shown_all(data, size, &name, &record, 1));
	else if (first.n == 0)
		assert(!shown_all(data, size, &name, &record, 1));
	return 0;
}
