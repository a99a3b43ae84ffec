/*
 * From:, To:, MAIL and RCPT. What is taken as an address can stand in a
 * record: written and read again it is the same.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "tests/fuzz/fuzz.h"

static void
check(const struct address *a)
{
	char text[ADDRESS_MAX], again[ADDRESS_MAX];
	struct address read;

	address_text(a, text);
	assert(address_from_spec(&read, text, strlen(text)) == ADDRESS_OK);
	assert(address_equal(a, &read));
	assert(strcmp(address_text(&read, again), text) == 0);
	address_normal(a, again);
	assert(address_from_spec(&read, again, strlen(again)) == ADDRESS_OK);
	assert(address_equal(a, &read));
}

struct listed {
	size_t n;
	struct address first;
};

static bool
each(void *arg, const struct address *a)
{
	struct listed *l = arg;

	check(a);
	if (l->n++ == 0)
		l->first = *a;
	return l->n < 1000;
}

static void
check_header(const char *text, size_t n)
{
	struct listed listed = { 0 };
	struct address from;
	enum address_result r = address_from_header(&from, text, n);

	assert(r < ADDRESS__COUNT);
	address_list(text, n, each, &listed);
	if (r != ADDRESS_OK)
		return;
	check(&from);
	assert(listed.n == 1 && address_equal(&listed.first, &from));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct address a;
	char *string;

	check_header((const char *)data, size);
	if (address_from_spec(&a, (const char *)data, size) == ADDRESS_OK)
		check(&a);
	string = fuzz_string(&in);
	if (address_from_path(&a, string) == ADDRESS_OK)
		check(&a);
	free(string);
	return 0;
}
