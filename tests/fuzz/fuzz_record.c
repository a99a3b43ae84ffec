/* The text of a record: what is read can be written, and reads the same. */
#include <assert.h>
#include <string.h>

#include "common/record.h"
#include "tests/fuzz/fuzz.h"

static void
check(const struct record *r)
{
	char text[RECORD_TEXT_MAX];
	size_t n = record_put(text, r);
	struct record again;

	assert(n < sizeof(text) && strlen(text) == n);
	assert(record_get(&again, text, n));
	assert(again.blinded == r->blinded && again.date == r->date);
	assert(strcmp(again.bind, r->bind) == 0);
	assert(address_equal(&again.from, &r->from));
	if (r->blinded)
		assert(strcmp(again.blind, r->blind) == 0);
	else
		assert(record_names(r, "id", &again.to));
	record_names(r, "id", &r->from);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r;

	if (record_get(&r, (const char *)data, size))
		check(&r);
	return 0;
}
